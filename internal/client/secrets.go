package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// mark stands in a text where a secret was.
const mark = "(redacted)"

// secrets takes secrets out of what others wrote, wherever a server, a gateway or a library repeats them. It has to see a text whole: what
// is cut first may hold a part of a secret that nobody recognises.
type secrets struct {
	mu       sync.Mutex
	known    map[string]bool   // in all spellings
	replacer *strings.Replacer // of known; nil when it is to be made anew
	objects  map[string]bool   // whose secrets are known, by their ids in lower case
}

func newSecrets(values []string) *secrets {
	s := &secrets{known: map[string]bool{}, objects: map[string]bool{}}
	for _, value := range values {
		value = strings.TrimSpace(value) // as it is sent
		s.add(value)
		if scheme, token, ok := strings.Cut(value, " "); ok && len(scheme) > 2 {
			s.add(token)
		}
	}
	return s
}

// add makes a value a secret. A one- or two-letter "secret" is none, and would tear every text apart.
func (s *secrets) add(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, spelling := range spellings(value) {
		if len(spelling) > 2 && !s.known[spelling] {
			s.known[spelling], s.replacer = true, nil
		}
	}
}

// learned notes that the secrets of an object are known, and knows tells whether those of an object that a path names are.
func (s *secrets) learned(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[strings.ToLower(id)] = true
}

func (s *secrets) knows(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(strings.Split(strings.ToLower(path), "/"), func(part string) bool { return s.objects[part] })
}

// without returns a text without secrets.
func (s *secrets) without(text string) string {
	s.mu.Lock()
	if s.replacer == nil {
		all := slices.Collect(maps.Keys(s.known))
		slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) // the longest first: one may hold another
		var pairs []string
		for _, spelling := range all {
			pairs = append(pairs, spelling, mark)
		}
		s.replacer = strings.NewReplacer(pairs...)
	}
	replacer := s.replacer
	s.mu.Unlock()
	return replacer.Replace(text)
}

// prose returns a text of Cortex without secrets, and without what it repeats of requests and of databases: it cuts that itself, in the
// middle of a secret perhaps.
func (s *secrets) prose(text string) string {
	text = withoutInputs(s.without(text))
	for _, end := range []string{"\n[SQL:", "[SQL:", "\n(Background on this error"} {
		if i := strings.Index(text, end); i >= 0 {
			text = text[:i]
		}
	}
	return text
}

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

// spellings are the forms in which a text may be repeated: as it is, in JSON (as JavaScript, Go, Python and PHP write it), in Go's and
// Python's quotes, in a URL and in HTML.
func spellings(text string) []string {
	inside := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // texts are encodable, as they are below
	plain := inside(strings.TrimSpace(encoded.String()))
	escaped, _ := json.Marshal(text)
	python := strings.ReplaceAll(plain, `\"`, `"`)
	all := []string{
		text, plain, inside(string(escaped)), ascii(plain), strings.ReplaceAll(plain, "/", `\/`), inside(strconv.Quote(text)),
		python, strings.ReplaceAll(python, "'", `\'`), url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text),
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
