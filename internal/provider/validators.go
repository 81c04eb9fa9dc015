package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
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

func validWorkspaceDescription(text string) error {
	if text == "" {
		return errors.New("an empty description is no description: leave the attribute out, or set it to null, instead")
	}
	return validText(text)
}

func validText(text string) error {
	if strings.ContainsRune(text, 0) {
		return errors.New("the text contains a NUL character, which Cortex cannot store on every database")
	}
	return nil
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

func validHeaderValue(text string) error {
	if !httpguts.ValidHeaderFieldValue(text) {
		return errors.New("the value contains a line break or another control character, which no header can carry; " +
			"trimspace(file(\"…\")) takes the last line break of a file off")
	}
	return nil
}

// headers validates names and values of the provider's headers.
type headers struct{}

func (headers) Description(context.Context) string {
	return "must be headers that the provider does not set itself"
}

func (v headers) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (headers) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		var err error
		if !httpguts.ValidHeaderFieldName(name) {
			err = fmt.Errorf("%q is not a header's name", name)
		} else if client.ReservedHeader(name) {
			err = fmt.Errorf("the header %s is set by the provider itself", name)
		} else if value, ok := elements[name].(types.String); ok {
			err = validHeaderValue(value.ValueString())
		}
		if err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid "+req.Path.AtMapKey(name).String(), sentence(err))
		}
	}
}
