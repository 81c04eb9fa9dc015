package cortextest

import (
	"fmt"
	"strings"
)

// parseUUID reads an id in the forms that Cortex's validator takes (hyphenated, simple, in braces, urn:uuid:) and returns it
// canonical, or else the validator's message.
func parseUUID(s string) (id, msg string) {
	inner := s
	switch {
	case len(s) == 38 && s[0] == '{' && s[37] == '}':
		inner = s[1:37]
	case len(s) == 45 && strings.HasPrefix(s, "urn:uuid:"):
		inner = s[9:]
	}
	if hex, ok := hexOf(inner, len(s) == 32); ok {
		return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:], ""
	}
	return "", uuidMessage(s)
}

func hexOf(s string, simple bool) (string, bool) {
	if !simple {
		if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return "", false
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" || strings.Contains(s, "-") {
		return "", false
	}
	return strings.ToLower(s), true
}

// uuidMessage says what is wrong with an id, in the words of the library that Cortex's validator uses.
func uuidMessage(s string) string {
	inner, offset, simple := s, 0, true
	switch {
	case len(s) > 1 && s[0] == '{' && s[len(s)-1] == '}':
		inner, offset, simple = s[1:len(s)-1], 1, false
	case strings.HasPrefix(s, "urn:uuid:"):
		inner, offset, simple = s[9:], 9, false
	}
	var bounds []int
	for i, r := range inner {
		switch {
		case r == '-':
			bounds = append(bounds, i)
		case !strings.ContainsRune("0123456789abcdefABCDEF", r):
			return fmt.Sprintf("invalid character: found `%c` at %d", r, i+offset)
		}
	}
	switch {
	case len(bounds) == 0 && simple:
		return fmt.Sprintf("invalid length: found %d", len(s))
	case len(bounds) != 4:
		return fmt.Sprintf("invalid group count: expected 5, found %d", len(bounds)+1)
	}
	starts, lengths := []int{0, 9, 14, 19, 24}, []int{8, 4, 4, 4, 12}
	for i, b := range bounds {
		if b != starts[i+1]-1 {
			return fmt.Sprintf("invalid group length in group %d: expected %d, found %d", i, lengths[i], b-starts[i])
		}
	}
	return fmt.Sprintf("invalid group length in group 4: expected 12, found %d", len(s)-starts[4])
}
