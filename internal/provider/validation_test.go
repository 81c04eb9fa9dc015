package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What cannot work is refused by validate, which needs neither a server nor an endpoint, at the attribute.
func TestValidation(t *testing.T) {
	const workspace, environment = "resource \"cortex_workspace\" \"test\" {\n", "resource \"cortex_environment\" \"test\" {\n"
	const id = "01234567-89ab-cdef-0123-456789abcdef"
	cert, key := certificate(t)
	_, otherKey := certificate(t)
	heredoc := func(name, value string) string { return fmt.Sprintf("  %s = %q\n", name, value) }

	e := newEngine(t, nil)
	for _, test := range []struct {
		name, config string
		want         problem
	}{
		{"empty name", workspace + "  name = \"\"\n}", problem{"Invalid name", "A name must not be empty.", "name"}},
		{"long name", workspace + fmt.Sprintf("  name = %q\n}", strings.Repeat("ü", 1025)), problem{"Invalid name", "A name has at most 1024 characters; this one has 1025.", "name"}},
		{"name of many bytes", workspace + fmt.Sprintf("  name = %q\n}", strings.Repeat("界", 867)), problem{"Invalid name", "A name has at most 2600 bytes in UTF-8; this one has 2601.", "name"}},
		{"environment's name of many bytes", environment + fmt.Sprintf("  workspace_id = %q\n  name = %q\n}", id, strings.Repeat("界", 867)),
			problem{"Invalid name", "A name has at most 2600 bytes in UTF-8; this one has 2601.", "name"}},
		{"NUL in name", workspace + "  name = \"a\\u0000b\"\n}", problem{"Invalid name", "The text contains a NUL character, which Cortex cannot store on every database.", "name"}},
		{"NUL in description", workspace + "  name = \"acme\"\n  description = \"\\u0000\"\n}", problem{"Invalid description",
			"The text contains a NUL character, which Cortex cannot store on every database.", "description"}},
		{"environment's empty name", environment + "  workspace_id = \"" + id + "\"\n  name = \"\"\n}", problem{"Invalid name", "A name must not be empty.", "name"}},
		{"environment's NUL", environment + "  workspace_id = \"" + id + "\"\n  description = \"\\u0000\"\n}", problem{"Invalid description",
			"The text contains a NUL character, which Cortex cannot store on every database.", "description"}},

		{"workspace by nothing", "data \"cortex_workspace\" \"test\" {\n}", problem{"Invalid Attribute Combination", "No attribute specified when one (and only one) of [id,name] is required", ""}},
		{"workspace by id and name", "data \"cortex_workspace\" \"test\" {\n  id = \"" + id + "\"\n  name = \"acme\"\n}", problem{"Invalid Attribute Combination",
			"2 attributes specified when one (and only one) of [id,name] is required", "id"}},
		{"environment by name alone", "data \"cortex_environment\" \"test\" {\n  name = \"Production\"\n}", problem{"Invalid Attribute Combination",
			`Attribute "workspace_id" must be specified when "name" is specified`, "name"}},
		{"environment by id and workspace", "data \"cortex_environment\" \"test\" {\n  id = \"" + id + "\"\n  workspace_id = \"" + id + "\"\n}", problem{"Invalid Attribute Combination",
			`Attribute "workspace_id" cannot be specified when "id" is specified`, "id"}},

		{"no scheme", providerBlock("endpoint", "cortex.example.com"), problem{"Invalid endpoint",
			"The scheme is missing: write http://cortex.example.com, or https://cortex.example.com if the server has TLS.", "endpoint"}},
		{"no scheme before a number", providerBlock("endpoint", "127.0.0.1:9002"), problem{"Invalid endpoint",
			"The scheme is missing: write http://127.0.0.1:9002, or https://127.0.0.1:9002 if the server has TLS.", "endpoint"}},
		{"URL with a line break", providerBlock("endpoint", "http://127.0.0.1:9002\n"), problem{"Invalid endpoint", "The URL has a line break in it; take that out.", "endpoint"}},
		{"no URL", providerBlock("endpoint", "https://cortex.example.com:port"), problem{"Invalid endpoint", `Not a URL: invalid port ":port" after host.`, "endpoint"}},
		{"URL with a password", providerBlock("endpoint", "https://me:hush@cortex.example.com"), problem{"Invalid endpoint",
			"The URL must not hold a user or password; use api_key, CORTEX_API_KEY or headers.", "endpoint"}},
		{"URL with a query", providerBlock("endpoint", "https://cortex.example.com/?a=b"), problem{"Invalid endpoint", "The URL must end with its path, without ? or #.", "endpoint"}},
		{"key with a line break", providerBlock("api_key", "hush\n"), problem{"Invalid api_key",
			`The value contains a line break or another control character, which no header can carry; trimspace(file("…")) takes the last line break of a file off.`, "api_key"}},
		{"key with its scheme", providerBlock("api_key", "bearer hush"), problem{"Invalid api_key",
			`The provider puts "Bearer " before the key by itself: leave it out.`, "api_key"}},
		{"reserved header", "provider \"cortex\" {\n  headers = { content-type = \"a\" }\n}", problem{`Invalid headers["content-type"]`,
			"The header content-type is set by the provider itself.", "headers"}},
		{"header's name", "provider \"cortex\" {\n  headers = { \"a b\" = \"c\" }\n}", problem{`Invalid headers["a b"]`, `"a b" is not a header's name.`, "headers"}},
		{"header's value", "provider \"cortex\" {\n  headers = { a = \"b\\nc\" }\n}", problem{`Invalid headers["a"]`,
			`The value contains a line break or another control character, which no header can carry; trimspace(file("…")) takes the last line break of a file off.`, "headers"}},
		{"headers that differ in case", "provider \"cortex\" {\n  headers = { X-Tenant = \"a\", x-tenant = \"b\" }\n}", problem{`Invalid headers["x-tenant"]`,
			"The headers X-Tenant and x-tenant are the same, since case makes no difference in a header's name: leave one out.", "headers"}},
		{"two authorizations", "provider \"cortex\" {\n  api_key = \"hush\"\n  headers = { authorization = \"hush\" }\n}", problem{"Invalid headers",
			"The header Authorization and api_key are both set, but a request has room for one of them: leave one out.", "headers"}},
		{"no certificate", providerBlock("ca_cert_pem", "ca.pem"), problem{"Invalid ca_cert_pem",
			`There is no certificate in PEM (-----BEGIN CERTIFICATE-----) in the text; file("…") gives a file's content.`, "ca_cert_pem"}},
		{"a key as certificate", providerBlock("ca_cert_pem", key), problem{"Invalid ca_cert_pem", `The PEM block "PRIVATE KEY" holds no readable certificate.`, "ca_cert_pem"}},
		{"a broken certificate", providerBlock("ca_cert_pem", strings.Replace(cert, "M", "N", 1)), problem{"Invalid ca_cert_pem", `The PEM block "CERTIFICATE" holds no readable certificate.`, "ca_cert_pem"}},
		{"certificate without key", providerBlock("client_cert_pem", cert), problem{"Invalid client_cert_pem", "It requires client_key_pem, which is not set.", "client_cert_pem"}},
		{"certificate with an empty key", "provider \"cortex\" {\n" + heredoc("client_cert_pem", cert) + heredoc("client_key_pem", "") + "}", problem{"Invalid client_cert_pem",
			"It requires client_key_pem, which is not set.", "client_cert_pem"}},
		{"key without certificate", providerBlock("client_key_pem", key), problem{"Invalid client_key_pem", "It requires client_cert_pem, which is not set.", "client_key_pem"}},
		{"no key", "provider \"cortex\" {\n" + heredoc("client_cert_pem", cert) + heredoc("client_key_pem", cert) + "}", problem{"Invalid client_key_pem",
			`There is no private key in PEM (-----BEGIN PRIVATE KEY-----) in the text; file("…") gives a file's content.`, "client_key_pem"}},
		{"another's key", "provider \"cortex\" {\n" + heredoc("client_cert_pem", cert) + heredoc("client_key_pem", otherKey) + "}", problem{"Invalid client_key_pem",
			"The key is not the one of client_cert_pem: tls: private key does not match public key.", "client_key_pem"}},
		{"timeout", providerBlock("request_timeout", "30"), problem{"Invalid request_timeout", `"30" is not a positive duration like 30s or 2m.`, "request_timeout"}},
		{"no timeout", providerBlock("request_timeout", "0s"), problem{"Invalid request_timeout", `"0s" is not a positive duration like 30s or 2m.`, "request_timeout"}},
		{"retries", "provider \"cortex\" {\n  max_retries = -1\n}", problem{"Invalid Attribute Value", "Attribute max_retries value must be at least 0, got: -1", "max_retries"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e.t = t
			// An engine configures, and so validates, only a provider that something needs.
			e.write(test.config + "\ndata \"cortex_workspaces\" \"needs_it\" {}\n")
			e.wantProblems([]string{"validate"}, test.want)
		})
	}
	e.t = t

	e.write(providerBlock("endpoint", "https://cortex.example.com/prefix/api/v1/") + workspace + fmt.Sprintf("  name = %q\n}\n", strings.Repeat("ü", 1024)) +
		environment + "  workspace_id = \"" + id + "\"\n  description = \"\"\n}\n")
	e.run("validate")
	e.write("data \"cortex_workspaces\" \"needs_it\" {}\nprovider \"cortex\" {\n" + heredoc("ca_cert_pem", cert+cert) + heredoc("client_cert_pem", cert) + heredoc("client_key_pem", key) + "  request_timeout = \"1m30s\"\n  max_retries = 0\n}\n")
	e.run("validate")
}

// What cannot be the id of another object is refused by a plan, at the attribute, before anything is sent. It is not validated: see ids.go.
func TestIDs(t *testing.T) {
	const environment = "resource \"cortex_environment\" \"test\" {\n"
	const id = "01234567-89ab-cdef-0123-456789abcdef"
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	e := newEngine(t, c)
	for _, test := range []struct {
		name, config string
		want         problem
	}{
		{"no UUID", environment + "  workspace_id = \"acme\"\n}", problem{"Invalid workspace_id",
			`"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`, "workspace_id"}},
		{"UUID in capitals", environment + "  workspace_id = \"" + strings.ToUpper(id) + "\"\n}", problem{"Invalid workspace_id",
			`"01234567-89AB-CDEF-0123-456789ABCDEF" is not in the canonical form that Cortex answers with: write it as "` + id + `".`, "workspace_id"}},
		{"UUID without hyphens", environment + "  workspace_id = \"" + strings.ReplaceAll(id, "-", "") + "\"\n}", problem{"Invalid workspace_id",
			`"0123456789abcdef0123456789abcdef" is not in the canonical form that Cortex answers with: write it as "` + id + `".`, "workspace_id"}},
		{"workspace by a wrong id", "data \"cortex_workspace\" \"test\" {\n  id = \"acme\"\n}", problem{"Invalid id",
			`"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`, "id"}},
		{"environments of no UUID", "data \"cortex_environments\" \"test\" {\n  workspace_id = \"acme\"\n}", problem{"Invalid workspace_id",
			`"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`, "workspace_id"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e.t = t
			e.write(test.config)
			e.run("validate")
			e.wantProblems(plan, test.want)
		})
	}
	e.t = t
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// providerBlock is a provider block with one attribute.
func providerBlock(attribute, value string) string {
	return fmt.Sprintf("provider \"cortex\" {\n  %s = %q\n}\n", attribute, value)
}

// certificate makes a certificate and its key.
func certificate(t testing.TB) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("CERTIFICATE", certDER), encode("PRIVATE KEY", keyDER)
}
