package cortextest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// email reads an address, normalised: nil when it is absent or null.
func (c *call) email(body *pyDict, p presence) any {
	s, ok := c.str(body, "email", p).(string)
	if !ok {
		return nil
	}
	address, reason := normalEmail(s)
	if reason != "" {
		c.problem("value_error", pyTuple{"body", "email"}, "value is not a valid email address: "+reason, s, "reason", reason)
	}
	return address
}

const (
	emailName      = `[\pL\pN_.!#$%&'*+\-/=?^` + "`" + `{|}~]+` // a word of a display name
	emailSafe      = `a-zA-Z0-9_!#$%&'*+\-/=?^` + "`" + `{|}~`
	longestInput   = 2048 // characters
	longestAddress = 254  // bytes
	longestLabel   = 63
)

var (
	namedEmail    = regexp.MustCompile(`^\s*(?:(?:` + emailName + `\s+)*` + emailName + `|"[^"]+")?\s*<(.+)>\s*$`)
	badInLocal    = regexp.MustCompile(`[^.` + emailSafe + `\x{80}-\x{10ffff}]`)
	badInDomain   = regexp.MustCompile(`[^a-zA-Z0-9\-.\x{80}-\x{10ffff}]`)
	fakePunycode  = regexp.MustCompile(`(?i)(?:^|\.)(?:[^x.].|x[^n.])--`)
	specialDomain = regexp.MustCompile(`(?:^|\.)(?:arpa|invalid|local|localhost|onion|test)$`)

	// commonMailboxes are in lower case wherever they are. (RFC 2142)
	commonMailboxes = []string{"info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp"}

	domainNames = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.BidiRule())
)

// normalEmail is an address as Cortex keeps it, or what its library (Python's email-validator) says of one that it refuses. Of rare mistakes the
// library says more.
func normalEmail(input string) (address, reason string) {
	if utf8.RuneCountInString(input) > longestInput {
		return "", fmt.Sprintf("Length must not exceed %d characters", longestInput)
	}
	if strings.ContainsAny(input, "\r\n") {
		return "", "Carriage return and line feed characters are not allowed"
	}
	if m := namedEmail.FindStringSubmatch(input); m != nil {
		input = m[1]
	}
	local, domain, reason := splitEmail(strings.TrimSpace(input))
	if reason == "" {
		local, reason = normalLocalPart(local)
	}
	if reason == "" {
		domain, reason = normalDomain(domain)
	}
	if reason != "" {
		return "", reason
	}
	address = local + "@" + domain
	if more := len(address) - longestAddress; more > 0 {
		return "", "The email address is too long " + tooMany(more) + "."
	}
	return address, ""
}

func tooMany(n int) string {
	if n == 1 {
		return "(1 character too many)"
	}
	return fmt.Sprintf("(%d characters too many)", n)
}

// splitEmail splits at the first @ outside of quotes.
func splitEmail(s string) (local, domain, reason string) {
	from := 0
	if strings.HasPrefix(s, `"`) {
		from = strings.LastIndex(s, `"`)
	}
	at := strings.Index(s[from:], "@")
	switch {
	case at < 0:
		return "", "", "An email address must have an @-sign."
	case from > 0:
		return "", "", "Quoting the part before the @-sign is not allowed here."
	}
	return s[:at], s[at+1:], ""
}

func normalLocalPart(local string) (normal, reason string) {
	if local == "" {
		return "", "There must be something before the @-sign."
	}
	if bad := badInLocal.FindAllString(local, -1); bad != nil {
		return "", "The email address contains invalid characters before the @-sign: " + named(bad)
	}
	if reason := badDots(local, "An email address cannot start with a %s.", "An email address cannot have a %s immediately before the @-sign."); reason != "" {
		return "", reason
	}
	if reason := unsafeCharacters(local); reason != "" {
		return "", reason
	}
	if lower := strings.ToLower(local); slices.Contains(commonMailboxes, lower) {
		return lower, ""
	}
	return norm.NFC.String(local), ""
}

func normalDomain(domain string) (normal, reason string) {
	if domain == "" {
		return "", "There must be something after the @-sign."
	}
	if strings.HasPrefix(domain, "[") && strings.HasSuffix(domain, "]") {
		return "", "A bracketed IP address after the @-sign is not allowed here."
	}
	if bad := badInDomain.FindAllString(domain, -1); bad != nil {
		return "", "The part after the @-sign contains invalid characters: " + named(bad)
	}
	if reason := unsafeCharacters(domain); reason != "" {
		return "", reason
	}
	domain = strings.NewReplacer("。", ".", "．", ".", "｡", ".").Replace(domain)
	const startsWith, endsWith = "An email address cannot have a %s immediately after the @-sign.", "An email address cannot end with a %s."
	if reason := badDots(domain, startsWith, endsWith); reason != "" {
		return "", reason
	}
	switch {
	case strings.HasSuffix(domain, "-"):
		return "", fmt.Sprintf(endsWith, "hyphen")
	case strings.HasPrefix(domain, "-"):
		return "", fmt.Sprintf(startsWith, "hyphen")
	case strings.Contains(domain, ".-") || strings.Contains(domain, "-."):
		return "", "An email address cannot have a period and a hyphen next to each other."
	case fakePunycode.MatchString(domain):
		return "", "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."
	}
	normal, err := domainNames.ToUnicode(domain)
	if err != nil {
		return "", "The part after the @-sign is invalid (" + err.Error() + ")."
	}
	if reason := noLetter(normal); reason != "" {
		return "", reason
	}
	ascii, err := domainNames.ToASCII(normal)
	if err != nil {
		return "", "The part after the @-sign is invalid (" + err.Error() + ")."
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if more := len(label) - longestLabel; more > 0 {
			return "", "After the @-sign, periods cannot be separated by so many characters " + tooMany(more) + "."
		}
	}
	switch last := ascii[len(ascii)-1]; {
	case !strings.Contains(ascii, "."):
		return "", "The part after the @-sign is not valid. It should have a period."
	case last < 'a' || last > 'z':
		return "", "The part after the @-sign is not valid. It is not within a valid top-level domain."
	case specialDomain.MatchString(ascii):
		return "", "The part after the @-sign is a special-use or reserved name that cannot be used with email."
	}
	return normal, ""
}

// badDots says what is wrong with the dots of a part.
func badDots(part, startsWith, endsWith string) string {
	switch {
	case strings.HasSuffix(part, "."):
		return fmt.Sprintf(endsWith, "period")
	case strings.HasPrefix(part, "."):
		return fmt.Sprintf(startsWith, "period")
	case strings.Contains(part, ".."):
		return "An email address cannot have two periods in a row."
	}
	return ""
}

// unsafeCharacters says which characters of a part are neither letters, marks, digits, punctuation nor symbols.
func unsafeCharacters(part string) string {
	var bad []string
	for i, r := range codePoints(part) {
		if !unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S, unicode.M) || i == 0 && unicode.Is(unicode.M, r) {
			bad = append(bad, codePoint(r))
		}
	}
	if bad == nil {
		return ""
	}
	return "The email address contains unsafe characters: " + strings.Join(bad, ", ") + "."
}

// noLetter says which symbol stands in a domain, where only letters, marks and digits can be beside ASCII. (IDNA 2008)
func noLetter(domain string) string {
	for label := range strings.SplitSeq(domain, ".") {
		for i, r := range []rune(label) {
			if r >= 0x80 && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
				return fmt.Sprintf("The part after the @-sign is invalid (Codepoint %s at position %d of %s not allowed).", codePoint(r), i+1, quote(label))
			}
		}
	}
	return ""
}

// named lists characters as the library does.
func named(characters []string) string {
	for i, c := range characters {
		switch r, _ := utf8.DecodeRuneInString(c); {
		case c == " ":
			characters[i] = "SPACE"
		case c == `\`:
			characters[i] = `"\"`
		case unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S):
			characters[i] = quote(c)
		default:
			characters[i] = codePoint(r)
		}
	}
	slices.Sort(characters)
	return strings.Join(slices.Compact(characters), ", ") + "."
}

func codePoint(r rune) string { return fmt.Sprintf("U+%04X", r) }
