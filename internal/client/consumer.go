package client

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Consumer is somebody, or something, that reads metrics of one environment.
type Consumer struct {
	ID            string `json:"id,omitempty"`
	EnvironmentID string `json:"environment_id"`
	// Email is its name: no other consumer of the environment has it. Cortex keeps it as NormalEmail writes it.
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// Organization is "" when there is none; Cortex cannot make it null again.
	Organization string `json:"organization,omitempty"`
	// Properties is a JSON object, nil when there is none.
	Properties json.RawMessage `json:"properties"`
	// Groups are those that the consumer is in. They are not written with it: see GroupMembers.
	Groups    []ConsumersGroup `json:"groups,omitempty"`
	CreatedAt string           `json:"created_at,omitempty"`
	UpdatedAt string           `json:"updated_at,omitempty"`
}

// ConsumersGroup is a group as each of its consumers shows it.
type ConsumersGroup struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var consumers = kind{noun: "consumer", container: "environment", key: "email", create: "/consumers",
	list: "/environments/{scope}/consumers", item: "/consumers/{id}"}

// Ref implements Object.
func (c Consumer) Ref() Ref { return Ref{ID: c.ID, Scope: c.EnvironmentID, Name: c.Email} }

func (c Consumer) complete() bool {
	return c.EnvironmentID != "" && c.Email != "" && c.Groups != nil && c.CreatedAt != "" && c.UpdatedAt != ""
}

// IsNamed tells whether a text is the consumer's address, in whatever spelling.
func (c Consumer) IsNamed(text string) bool { return SameEmail(c.Email, text) }

// domains is how Cortex reads the domain of an address: in any case, in letters of any script or in their ASCII form.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// specialDomains are those in which Cortex takes no address.
var specialDomains = []string{"arpa", "invalid", "local", "localhost", "onion", "test"}

// commonMailboxes are those of RFC 2142, which everybody has. Cortex keeps them in lower case.
var commonMailboxes = []string{"info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news", "webmaster",
	"www", "uucp", "ftp"}

// maxEmail is the longest address that Cortex takes, in bytes.
const maxEmail = 254

// NormalEmail returns an e-mail address as Cortex keeps it: in normal form C, its domain in lower case and in letters. An error says
// why Cortex refuses the address.
func NormalEmail(text string) (string, error) {
	trimmed := strings.TrimSpace(text)
	at := strings.LastIndex(trimmed, "@")
	if at < 0 {
		return "", fmt.Errorf("%q is not an e-mail address: there is no @ in it", text)
	}
	local, domain := norm.NFC.String(trimmed[:at]), trimmed[at+1:]
	switch {
	case strings.ContainsAny(text, "\r\n"):
		return "", fmt.Errorf("%q is not an e-mail address: there is a line break in it", text)
	case slices.Contains(strings.Split(local, "."), ""), strings.ContainsFunc(local, unfitForName):
		return "", fmt.Errorf("%q is not an e-mail address as Cortex takes it: what stands before the @ is no plain name", text)
	case strings.HasPrefix(domain, "["):
		return "", fmt.Errorf("%q has an IP address in the place of a domain, which Cortex does not take", text)
	}
	if lower := strings.ToLower(local); slices.Contains(commonMailboxes, lower) {
		local = lower
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("%q has no valid domain: %w", text, err)
	}
	readable, err := domains.ToUnicode(ascii)
	if err != nil {
		return "", fmt.Errorf("%q has no valid domain: %w", text, err)
	}
	labels := strings.Split(ascii, ".")
	switch last := labels[len(labels)-1]; {
	case slices.Contains(labels, ""):
		return "", fmt.Errorf("%q has no valid domain: there is a period too many", text)
	case slices.Contains(specialDomains, last):
		return "", fmt.Errorf("%q is in the domain .%s, in which Cortex takes no address", text, last)
	case len(labels) < 2:
		return "", fmt.Errorf("%q has no valid domain: there is no period in it", text)
	case strings.ContainsFunc(readable, unfitForDomain):
		return "", fmt.Errorf("%q has no valid domain: there is something else in it than letters, digits, hyphens and periods", text)
	case '0' <= last[len(last)-1] && last[len(last)-1] <= '9':
		return "", fmt.Errorf("%q has no valid domain: it ends in a digit", text)
	}
	email := local + "@" + readable
	if len(email) > maxEmail {
		return "", fmt.Errorf("%q is too long: an e-mail address has at most %d bytes; this one has %d", text, maxEmail, len(email))
	}
	return email, nil
}

// unfitForName tells whether a character cannot stand before the @.
func unfitForName(r rune) bool {
	if r < utf8.RuneSelf {
		return !isASCIILetterOrDigit(r) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// unfitForDomain tells whether a character cannot stand in a domain.
func unfitForDomain(r rune) bool {
	if r < utf8.RuneSelf {
		return !isASCIILetterOrDigit(r) && r != '-' && r != '.'
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

func isASCIILetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// SameEmail tells whether two addresses are the same to Cortex.
func SameEmail(a, b string) bool {
	one, errA := NormalEmail(a)
	other, errB := NormalEmail(b)
	return a == b || errA == nil && errB == nil && one == other
}
