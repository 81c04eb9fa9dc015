package client

import (
	"strconv"
	"strings"
	"unicode"
)

// Printable returns a text as a terminal may have it: Cortex takes any character in a name, also those by which a name could move the cursor,
// clear the screen or turn around what comes after it. They are written as Go writes them: \n, \x1b, \u202e.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
