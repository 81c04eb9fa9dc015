package client

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// mark stands in a text where a secret was.
const mark = "(redacted)"

// secrets takes secrets out of what others wrote, wherever a server, a gateway or a library repeats them. It has to see a text whole: what
// is cut first may hold a part of a secret that nobody recognises.
type secrets struct{ replacer *strings.Replacer }

func newSecrets(values []string) *secrets {
	var all []string
	for _, value := range values {
		value = strings.TrimSpace(value) // as it is sent
		all = append(all, spellings(value)...)
		if scheme, token, ok := strings.Cut(value, " "); ok && len(scheme) > 2 {
			all = append(all, spellings(token)...)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // the longest first: one may hold another
	var pairs []string
	for _, s := range all {
		// A one- or two-letter "secret" is none, and would tear every text apart.
		if len(s) > 2 {
			pairs = append(pairs, s, mark)
		}
	}
	return &secrets{strings.NewReplacer(pairs...)}
}

// without returns a text without secrets.
func (s *secrets) without(text string) string { return s.replacer.Replace(text) }

// cleaned returns an error of a library, which may repeat what a server sent, with a text that can be shown. It is still the same error to
// who asks what it is.
func (s *secrets) cleaned(err error) error {
	if err == nil {
		return nil
	}
	return &cleanedError{err, Printable(s.without(err.Error()))}
}

type cleanedError struct {
	error
	text string
}

func (e *cleanedError) Error() string { return e.text }

func (e *cleanedError) Unwrap() error { return e.error }

// spellings are the forms in which a text may be repeated: as it is, in JSON (as JavaScript, Go, Python and PHP write it), in Go's quotes,
// in a URL and in HTML.
func spellings(text string) []string {
	inside := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // texts are encodable, as they are below
	plain := inside(strings.TrimSpace(encoded.String()))
	escaped, _ := json.Marshal(text)
	all := []string{
		text, plain, inside(string(escaped)), ascii(plain), strings.ReplaceAll(plain, "/", `\/`), inside(strconv.Quote(text)),
		url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text),
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ascii writes what is not ASCII in a JSON text by numbers, as Python does.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
