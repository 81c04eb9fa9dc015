package client

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	minBackoff, maxBackoff, quietPause = time.Millisecond, 5*time.Millisecond, 50*time.Millisecond
	maxAnswer = 4 << 20
	goleak.VerifyTestMain(m)
}

const (
	wsA  = "58291d59-4d32-4a0b-826f-3a4088b6dbfd"
	wsB  = "44443384-d42b-4121-9bee-11feb636a9a4"
	envA = "76dcbaf7-ed7a-4f5d-8fd8-64e456b61a7a"
)

// call is one request that a scripted server saw.
type call struct{ method, path, body string }

// script is a server that answers each request by the next step of its list; past the end it fails the test.
type script struct {
	*httptest.Server
	t     *testing.T
	mu    sync.Mutex
	steps []http.HandlerFunc
	calls []call
}

func newScript(t *testing.T, steps ...http.HandlerFunc) *script {
	t.Helper()
	s := &script{t: t, steps: steps}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	path := strings.TrimPrefix(r.URL.RequestURI(), "/api/v1")
	s.calls = append(s.calls, call{r.Method, path, string(body)})
	if len(s.steps) == 0 {
		s.mu.Unlock()
		s.t.Errorf("a request too many: %s %s", r.Method, path)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	s.mu.Unlock()
	step(w, r)
}

// done fails the test unless every step was used.
func (s *script) done() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.steps) > 0 {
		s.t.Errorf("%d answers were not asked for; requests: %v", len(s.steps), s.calls)
	}
}

func (s *script) methods() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, c := range s.calls {
		all = append(all, c.method)
	}
	return strings.Join(all, " ")
}

func (s *script) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{Endpoint: s.URL, MaxRetries: 3, RequestTimeout: 5 * time.Second, UserAgent: "test"}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func jsonAnswer(status int, body string) http.HandlerFunc {
	return answer(status, "application/json", body)
}

func text(status int, body string) http.HandlerFunc {
	return answer(status, "text/plain; charset=utf-8", body)
}

// reset breaks the connection without an answer.
func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// hang gives no answer until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func workspace(id, name string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"description":null,"created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05.000001"}`, id, name)
}

func environment(id, workspaceID, name string) string {
	return fmt.Sprintf(`{"id":%q,"workspace_id":%q,"name":%q,"description":"d","created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05.000001"}`, id, workspaceID, name)
}

func list(items ...string) http.HandlerFunc {
	return jsonAnswer(200, "["+strings.Join(items, ",")+"]")
}

func TestParseEndpoint(t *testing.T) {
	for raw, want := range map[string]string{
		"http://localhost:9002":                       "http://localhost:9002",
		"http://localhost:9002/":                      "http://localhost:9002",
		"https://cortex.example.com/api/v1":           "https://cortex.example.com",
		"https://cortex.example.com/api/v1/":          "https://cortex.example.com",
		"https://gateway.example.com/cortex/":         "https://gateway.example.com/cortex",
		"https://gateway.example.com/cortex/api/v1//": "https://gateway.example.com/cortex",
		"http://[::1]:9002":                           "http://[::1]:9002",
	} {
		got, err := ParseEndpoint(raw)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %s", raw, got, err, want)
		}
	}
	for raw, want := range map[string]string{
		"":                             "the URL must begin with http:// or https://",
		"127.0.0.1:9002":               "the scheme is missing: write http://127.0.0.1:9002, or https://127.0.0.1:9002 if the server has TLS",
		"localhost:9002":               "the scheme is missing: write http://localhost:9002, or https://localhost:9002 if the server has TLS",
		"[::1]":                        "the scheme is missing: write http://[::1], or https://[::1] if the server has TLS",
		"cortex.example.com/api/v1":    "the scheme is missing: write http://cortex.example.com/api/v1, or https://cortex.example.com/api/v1 if the server has TLS",
		"u:geheim@example.com:9002":    "the URL must begin with http:// or https://",
		"example.com?key=geheim":       "the URL must begin with http:// or https://",
		"https:/cortex.example.com":    "the URL must begin with http:// or https://",
		"ftp://cortex.example.com":     "the URL must begin with http:// or https://",
		"http://example.com\n":         "the URL has a line break in it; take that out",
		" http://example.com":          "the URL has a blank in it; take that out",
		"http://exa\u00a0mple.com":     "the URL has a blank in it; take that out",
		`"http://example.com"`:         "the URL has a quotation mark in it; take that out",
		"“http://example.com”":         "the URL has a quotation mark in it; take that out",
		"http://example.com:port":      "not a URL: invalid port \":port\" after host",
		"http://":                      "the URL has no host",
		"http://:9002":                 "the URL has no host",
		"http://u:geheim@example.com":  "the URL must not hold a user or password; use api_key, CORTEX_API_KEY or headers",
		"http://example.com/?x=1":      "the URL must end with its path, without ? or #",
		"http://example.com/#x":        "the URL must end with its path, without ? or #",
		"http://u:geheim@exa mple.com": "the URL has a blank in it; take that out",
	} {
		got, err := ParseEndpoint(raw)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v; want the error %q", raw, got, err, want)
		}
	}
}

func TestRequestAsSent(t *testing.T) {
	var header http.Header
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) { header = r.Header; list()(w, r) },
		func(w http.ResponseWriter, r *http.Request) {
			header = r.Header
			jsonAnswer(201, workspace(wsA, "acme"))(w, r)
		})
	c := s.client(t, func(cfg *Config) {
		cfg.Endpoint += "/api/v1/"
		cfg.APIKey = "key-1"
		cfg.Headers = map[string]string{"X-Tenant": "t"}
	})
	if _, err := c.Workspaces.Create(context.Background(), Workspace{Name: "acme"}); err != nil {
		t.Fatal(err)
	}
	s.done()
	for name, want := range map[string]string{"Authorization": "Bearer key-1", "X-Tenant": "t", "User-Agent": "test",
		"Accept": "application/json", "Content-Type": "application/json"} {
		if header.Get(name) != want {
			t.Errorf("header %s is %q, want %q", name, header.Get(name), want)
		}
	}
	if got := s.calls[1]; got != (call{"POST", "/workspaces", `{"name":"acme"}`}) {
		t.Errorf("sent %v", got)
	}
}

func TestReservedHeaderIsRefused(t *testing.T) {
	for _, name := range []string{"content-type", "HOST", "User-Agent"} {
		if _, err := New(Config{Endpoint: "http://x", Headers: map[string]string{name: "v"}}); err == nil {
			t.Errorf("header %s was accepted", name)
		}
	}
}

// Go would send the one that it comes to last, in an order that changes.
func TestHeadersThatDifferInCaseAreRefused(t *testing.T) {
	for _, cfg := range []Config{
		{Headers: map[string]string{"X-Tenant": "a", "x-tenant": "b"}},
		{Headers: map[string]string{"authorization": "a"}, APIKey: "b"},
	} {
		cfg.Endpoint = "http://x"
		if _, err := New(cfg); err == nil || !strings.HasSuffix(err.Error(), " is set twice: case makes no difference in a header's name") {
			t.Errorf("%v: %v", cfg.Headers, err)
		}
	}
}

func TestFailingSendsNothing(t *testing.T) {
	c := Failing(io.ErrNoProgress)
	if _, err := c.Workspaces.GetNow(context.Background(), "", wsA); err != io.ErrNoProgress {
		t.Errorf("Get: %v", err)
	}
	if _, err := c.Environments.Create(context.Background(), Environment{WorkspaceID: wsA}); err != io.ErrNoProgress {
		t.Errorf("Create: %v", err)
	}
	c.CloseIdleConnections()
}

func TestSecretsAreRemoved(t *testing.T) {
	s := newScript(t, text(500, "denied for Bearer s3cr3t-key and t0k3n, header s3cr3t-key-long"), text(403, "s3cr3t-key"))
	var traced []string
	c := s.client(t, func(cfg *Config) {
		cfg.MaxRetries = 0
		cfg.APIKey = "s3cr3t-key"
		cfg.Headers = map[string]string{"X-A": "s3cr3t-key-long", "X-B": "Basic t0k3n"}
		cfg.Trace = func(_ context.Context, e Exchange) {
			traced = append(traced, fmt.Sprintf("%+v", e))
		}
	})
	_, err := c.Workspaces.List(context.Background(), "")
	_, err2 := c.Workspaces.List(context.Background(), "")
	all := fmt.Sprint(err, err2, traced)
	for _, secret := range []string{"s3cr3t-key", "t0k3n"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s shows in %s", secret, all)
		}
	}
	if !strings.Contains(err.Error(), "denied for Bearer (redacted)") {
		t.Errorf("the rest of the text is lost: %v", err)
	}
}

// Whatever repeats a secret, and in whatever form: no error and no trace has a part of it.
func TestSecretsAreRemovedWhole(t *testing.T) {
	const secret = `THIS"is<a>&\very/sécret+kéy`
	var traced strings.Builder
	repeat := func(before string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			text(400, before+"denied for "+r.Header.Get("Authorization")+"; go on")(w, r)
		}
	}
	answers := []http.HandlerFunc{
		text(400, `{"headers":["Bearer THIS\"is\u003ca\u003e\u0026\\very/sécret+kéy"]}`), // Go
		text(400, `{"headers":["Bearer THIS\"is<a>&\\very/s\u00e9cret+k\u00e9y"]}`),      // Python
		text(400, `{"headers":["Bearer THIS\"is<a>&\\very\/sécret+kéy"]}`),               // PHP
		text(400, "/login?key=THIS%22is%3Ca%3E%26%5Cvery%2Fs%C3%A9cret%2Bk%C3%A9y"),
		text(400, "<p>Bearer THIS&#34;is&lt;a&gt;&amp;\\very/sécret+kéy"),
		func(w http.ResponseWriter, r *http.Request) { // Go says that it cannot read this URL
			w.Header().Set("Connection", "close") // or else Go repeats the next request by itself
			w.Header().Set("Location", "http://[/"+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			w.WriteHeader(302)
		},
		func(w http.ResponseWriter, r *http.Request) { // nor this header
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", r.Header.Get("Authorization"))
			_ = conn.Close()
		},
	}
	for n := maxText - 60; n <= maxText; n++ { // where the text is cut
		answers = append(answers, repeat(strings.Repeat("x", n)))
	}
	s := newScript(t, answers...)
	c := s.client(t, func(cfg *Config) {
		cfg.MaxRetries, cfg.APIKey = 0, secret
		cfg.Trace = func(_ context.Context, e Exchange) { fmt.Fprintf(&traced, "%+v\n", e) }
	})
	for i := range answers {
		traced.Reset()
		_, err := c.Workspaces.ListNow(context.Background(), "")
		for _, part := range []string{"THIS", "very", "cret"} {
			if strings.Contains(err.Error(), part) || strings.Contains(traced.String(), part) {
				t.Errorf("answer %d: a part of the secret shows in %q or %q", i, err, traced.String())
			}
		}
	}
	s.done()
}

// What others write reaches no terminal as it is.
func TestErrorsArePrintable(t *testing.T) {
	s := newScript(t, text(400, "name \x1b[2J\u202e\nis\tbad\u2028"), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://login/\u202e")
		w.WriteHeader(302)
	})
	c := s.client(t)
	for _, want := range []string{`status 400: name \x1b[2J\u202e is bad\u2028`, `redirect to https://login/\u202e)`} {
		if _, err := c.Workspaces.GetNow(context.Background(), "", wsA); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("the error is %q, want %q at its end", err, want)
		}
	}
}

func TestTLS(t *testing.T) {
	certPEM, keyPEM := selfSigned(t)
	server := httptest.NewUnstartedServer(list())
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	var connections atomic.Int32
	count := func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Config.ConnState = count
	server.StartTLS()
	defer server.Close()
	plain := httptest.NewUnstartedServer(list())
	plain.Config.ConnState = count
	plain.Start()
	defer plain.Close()

	for name, test := range map[string]struct {
		cfg  Config
		want string // of the error
	}{
		"own CA and client certificate": {Config{CACertPEM: string(certPEM), ClientCertPEM: string(certPEM), ClientKeyPEM: string(keyPEM)}, ""},
		"insecure":                      {Config{Insecure: true, ClientCertPEM: string(certPEM), ClientKeyPEM: string(keyPEM)}, ""},
		"unknown CA":                    {Config{}, "certificate"},
		"no client certificate":         {Config{CACertPEM: string(certPEM)}, "certificate required"},
		"plain HTTP":                    {Config{Endpoint: strings.Replace(plain.URL, "http:", "https:", 1)}, "HTTP response to HTTPS client"},
	} {
		test.cfg.Endpoint, test.cfg.MaxRetries = cmp.Or(test.cfg.Endpoint, server.URL), 3
		connections.Store(0)
		c, err := New(test.cfg)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Workspaces.List(context.Background(), "")
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if n := connections.Load(); n != 1 {
			t.Errorf("%s: tried %d times", name, n)
		}
		c.CloseIdleConnections()
	}

	for _, cfg := range []Config{{CACertPEM: "x"}, {ClientCertPEM: string(certPEM)}, {ClientKeyPEM: string(keyPEM)}, {ClientCertPEM: "x", ClientKeyPEM: "y"}} {
		cfg.Endpoint = server.URL
		if _, err := New(cfg); err == nil {
			t.Errorf("accepted: %+v", cfg)
		}
	}
}

func selfSigned(t *testing.T) (certPEM, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}
