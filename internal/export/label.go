package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// maxLabel is how many bytes of a name go into a label: file systems take names of 255 bytes, some of 143, and a file's name has the kind of what is
// in it, and maybe an id, besides.
const maxLabel = 56

// giveLabels gives labels to all objects of one kind in one place.
//
// A label is the name as an identifier. Where several names come to the same one, each of them gets the beginning of its id as well,
// so that no label depends on an order. The label in a module has that of what the object is in before it, with two underscores
// between, which no name comes to by itself: so labels of different places differ.
//
// Labels are the names of folders and files too, so they differ even for file systems that ignore case.
func giveLabels(objects []*object) {
	same := map[string][]*object{} // by what a file system may take for one name
	for _, o := range objects {
		o.own = wholeIdentifier(identifier(o.ref.Name), o.kind.Noun)
		key := fold(o.own)
		same[key] = append(same[key], o)
	}
	for _, o := range objects {
		if len(same[fold(o.own)]) > 1 {
			o.own += "_" + o.ref.ID[:8]
		}
	}
	// A name that ends like an id, or two ids that begin alike: the whole id tells them apart.
	taken := map[string]int{}
	for _, o := range objects {
		taken[fold(o.own)]++
	}
	for _, o := range objects {
		if taken[fold(o.own)] > 1 {
			o.own += "_" + strings.ReplaceAll(o.ref.ID, "/", "_")
		}
	}
}

// identifier makes of a name what can stand in an identifier, except at its beginning: the letters and digits of any script, in lower
// case, with an underscore for what is between. A name without any becomes the numbers of its characters.
func identifier(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFC.String(strings.ToLower(norm.NFC.String(name))) {
		switch {
		case !inIdentifier(r) || unicode.IsMark(r) && (b.Len() == 0 || gap):
			gap = true
		default:
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		for _, r := range name {
			fmt.Fprintf(&b, "_u%x", r)
		}
	}
	text := b.String()
	if len(text) > maxLabel {
		text = strings.ToValidUTF8(text[:maxLabel], "")
	}
	return strings.Trim(text, "_")
}

// known are the characters that the HCL of older engines knows; it went from Unicode 9 to 17 in 2026.
var known = rangetable.Assigned("9.0.0")

// reclassified are characters that became letters or marks since.
const reclassified = "\u1cf2\u1cf3\U000111c9"

// inIdentifier tells whether every engine takes the character in an identifier, and a reader sees it.
func inIdentifier(r rune) bool {
	switch {
	case r <= unicode.MaxASCII:
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	case !unicode.Is(known, r) || strings.ContainsRune(reclassified, r) || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return false
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && hclsyntax.ValidIdentifier("a"+string(r))
}

// wholeIdentifier makes a whole identifier of it, which can be the name of a folder too.
func wholeIdentifier(text, noun string) string {
	word := strings.ReplaceAll(noun, " ", "_")
	if !hclsyntax.ValidIdentifier(text) {
		text = strings.Trim(word+"_"+text, "_")
	}
	if slices.Contains(reserved, fold(text)) {
		text += "_" + word
	}
	return text
}

// reserved are names that mean something else to Windows, and none of a file or folder there.
var reserved = []string{
	"con", "prn", "aux", "nul",
	"com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// fold maps labels that a file system may take for the same name to one text.
func fold(label string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(label)))
}
