package export

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// complaints says what is not exported, and why.
func complaints(refused []*object) string {
	var b strings.Builder
	for _, o := range refused {
		fmt.Fprintf(&b, "Not exported: %s: %v\n", o, o.refused)
	}
	return b.String()
}

// lines puts each text on a line of its own.
func lines(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return strings.Join(texts, "\n") + "\n"
}

// use says how the module in a folder is called, with what it has to be told.
func (d *draft) use(folder string) string {
	source := filepath.ToSlash(filepath.Clean(folder))
	if !filepath.IsAbs(folder) && !strings.HasPrefix(source, "../") {
		source = "./" + source
	}
	label := wholeIdentifier(identifier(d.environment.ref.Name), d.environment.kind.Noun)
	text := hclwrite.NewEmptyFile()
	block := text.Body().AppendNewBlock("module", []string{label}).Body()
	block.SetAttributeValue("source", cty.StringVal(source))
	block.SetAttributeTraversal(d.environment.plainID(), traversal(d.environment.kind.Type, label, "id"))
	var optional []string
	for _, v := range d.root.variables[1:] {
		if v.preset != nil {
			optional = append(optional, v.name)
		} else {
			block.SetAttributeTraversal(v.name, traversal("var", v.name))
		}
	}
	said := fmt.Sprintf("It makes an equal copy in the environment that a configuration tells it:\n\n%s\n", hclwrite.Format(text.Bytes()))
	if len(optional) > 0 {
		said += fmt.Sprintf("Where another value is wanted than in %s, say it there: %s.\n", d.environment, strings.Join(optional, ", "))
	}
	return said
}

// count says how many objects of each kind there are; of what is in environments, only the kinds of which there are some.
func (s shape) count(objects []*object) string {
	var parts []string
	for _, k := range kinds {
		n := 0
		for _, o := range objects {
			if o.kind == k {
				n++
			}
		}
		if n == 0 && (k.Container == "environment" || s.environment != nil) {
			continue
		}
		noun := k.Noun + "s"
		if n == 1 {
			noun = k.Noun
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, noun))
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing")
}

// progressLine is one line on a terminal that says how far the export is.
type progressLine struct {
	to    io.Writer
	on    bool
	shown time.Time
}

func (l *progressLine) show(what string, done, of int) {
	if !l.on || 0 < done && done < of && time.Since(l.shown) < 100*time.Millisecond {
		return
	}
	l.shown = time.Now()
	fmt.Fprintf(l.to, "\r\x1b[KReading %s: %d of %d lists", what, done, of)
}

func (l *progressLine) clear() {
	if l.on {
		fmt.Fprint(l.to, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
