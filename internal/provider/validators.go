package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpguts"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// maxName and maxNameBytes are the longest name in characters and in bytes. Cortex has no limit of its own, but PostgreSQL refuses index
// rows of more than 2,704 bytes with a raw error.
const (
	maxName      = 1024
	maxNameBytes = 2600
)

// stringCheck is a validator made of a function.
type stringCheck struct {
	want string
	fits func(string) error
}

// check returns a validator that refuses what fits returns an error for; want says in words what is accepted. The error
// must not repeat a value that may be a secret.
func check(want string, fits func(string) error) validator.String {
	return stringCheck{want: want, fits: fits}
}

func (c stringCheck) Description(context.Context) string { return "must be " + c.want }

func (c stringCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.fits(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), sentence(err))
	}
}

// setting is check for the provider's settings, of which "" says nothing, as null does: modules have such defaults.
func setting(want string, fits func(string) error) validator.String {
	return check(want, func(text string) error {
		if text == "" {
			return nil
		}
		return fits(text)
	})
}

func validUUID(text string) error {
	if id, err := uuid.Parse(text); err != nil {
		return fmt.Errorf("%q is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef", text)
	} else if id.String() != text {
		return fmt.Errorf("%q is not in the canonical form that Cortex answers with: write it as %q", text, id)
	}
	return nil
}

func validName(text string) error {
	if n := utf8.RuneCountInString(text); n == 0 {
		return errors.New("a name must not be empty")
	} else if n > maxName {
		return fmt.Errorf("a name has at most %d characters; this one has %d", maxName, n)
	} else if len(text) > maxNameBytes {
		return fmt.Errorf("a name has at most %d bytes in UTF-8; this one has %d", maxNameBytes, len(text))
	}
	return validText(text)
}

func validText(text string) error {
	if strings.ContainsRune(text, 0) {
		return errors.New("the text contains a NUL character, which Cortex cannot store on every database")
	}
	return nil
}

func validAlias(text string) error {
	if text == "" {
		return errors.New("an alias must not be empty")
	}
	return validText(text)
}

func validEmail(text string) error {
	_, err := client.NormalEmail(text)
	return err
}

func validEndpoint(text string) error {
	_, err := client.ParseEndpoint(text)
	return err
}

func validDuration(text string) error {
	_, err := parseTimeout(text)
	return err
}

func parseTimeout(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a positive duration like 30s or 2m", text)
	}
	return d, nil
}

// parseSeconds reads what Cortex's Python SDK reads from its environment: a number of seconds.
func parseSeconds(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text + "s")
	if err != nil || d <= 0 || strings.ContainsFunc(text, unicode.IsLetter) {
		return 0, fmt.Errorf("%q is not a number of seconds greater than 0", text)
	}
	return d, nil
}

func validCertificates(text string) error {
	found := false
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); block.Type != "CERTIFICATE" || err != nil {
			return fmt.Errorf("the PEM block %q holds no readable certificate", block.Type)
		}
		found = true
	}
	if !found {
		return errors.New("there is no certificate in PEM (-----BEGIN CERTIFICATE-----) in the text; " +
			"file(\"…\") gives a file's content")
	}
	return nil
}

func validKey(text string) error {
	if block, _ := pem.Decode([]byte(text)); block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return errors.New("there is no private key in PEM (-----BEGIN PRIVATE KEY-----) in the text; " +
			"file(\"…\") gives a file's content")
	}
	return nil
}

func validKeyPair(cert, key string) error {
	if _, err := tls.X509KeyPair([]byte(cert), []byte(key)); err != nil {
		return fmt.Errorf("the key is not the one of client_cert_pem: %w", err)
	}
	return nil
}

// withoutLineBreak is how to read a file without the line break at its end, in the configuration and in a shell.
const withoutLineBreak = "trimspace(file(\"…\")) takes the last line break of a file off"

func withoutLineBreakInShell(variable string) string {
	return "in a shell, export " + variable + "=\"$(cat …)\" takes the last line break of a file off"
}

func validHeaderValue(text, advice string) error {
	if !httpguts.ValidHeaderFieldValue(text) {
		return errors.New("the value contains a line break or another control character, which no header can carry; " + advice)
	}
	return nil
}

func validAPIKey(text, advice string) error {
	if scheme, _, _ := strings.Cut(strings.TrimSpace(text), " "); strings.EqualFold(scheme, "bearer") {
		return errors.New("the provider puts \"Bearer \" before the key by itself: leave it out")
	}
	return validHeaderValue(text, advice)
}

// headers validates names and values of the provider's headers.
type headers struct{}

func (headers) Description(context.Context) string {
	return "must be headers that the provider does not set itself"
}

func (v headers) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (headers) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	sent := map[string]string{} // names as they are sent, and as they are written
	values := headerValues(req.ConfigValue)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		err := validHeaderValue(values[name], withoutLineBreak)
		switch other, twice := sent[canonical]; {
		case !httpguts.ValidHeaderFieldName(name):
			err = fmt.Errorf("%q is not a header's name", name)
		case client.ReservedHeader(name):
			err = fmt.Errorf("the header %s is set by the provider itself", name)
		case twice:
			err = fmt.Errorf("the headers %s and %s are the same, since case makes no difference in a header's name: leave one out", other, name)
		}
		sent[canonical] = name
		if err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid "+req.Path.AtMapKey(name).String(), sentence(err))
		}
	}
}

// headerValues returns the headers to send. A null one is none, as a null attribute is; one that is not known yet may become null.
func headerValues(configured types.Map) map[string]string {
	values := map[string]string{}
	for name, value := range configured.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			values[name] = text.ValueString()
		}
	}
	return values
}
