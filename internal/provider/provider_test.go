package provider_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

func TestProviderEndpointMissing(t *testing.T) {
	e := newEngine(t, nil)
	e.write("provider \"cortex\" {\n}\n" + workspaceBlock("acme"))
	e.wantProblems(plan, problem{Summary: "No endpoint of Cortex", Detail: "The provider does not know where Cortex is. Set endpoint in the provider block, or one of the " +
		"environment variables CORTEX_API_URL and CORTEX_API_HOST, to the base URL of its API, for example https://cortex.example.com."})
}

func TestProviderEnvironment(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	const nowhere = "http://127.0.0.1:1"
	data := "data \"cortex_workspaces\" \"test\" {}\n"
	last := func() cortextest.Request {
		t.Helper()
		if len(c.Requests()) == 0 {
			t.Fatal("there was no request")
		}
		return c.Requests()[len(c.Requests())-1]
	}
	for _, test := range []struct {
		name, config string
		env          []string
		key          string
	}{
		{"CORTEX_API_URL", "", []string{"CORTEX_API_URL=" + c.URL(), "CORTEX_API_HOST=" + nowhere}, ""},
		{"CORTEX_API_HOST", "", []string{"CORTEX_API_HOST=" + c.URL() + "/api/v1/"}, ""},
		{"the configuration beats it", providerBlock("endpoint", c.URL()), []string{"CORTEX_API_URL=" + nowhere}, ""},
		{"CORTEX_API_KEY", "", []string{"CORTEX_API_URL=" + c.URL(), "CORTEX_API_KEY=hush"}, "Bearer hush"},
		{"the configured key beats it", providerBlock("api_key", "secret"), []string{"CORTEX_API_URL=" + c.URL(), "CORTEX_API_KEY=hush"}, "Bearer secret"},
		{"what is empty is not set", "provider \"cortex\" {\n  endpoint = \"\"\n  api_key = \"\"\n  ca_cert_pem = \"\"\n  client_cert_pem = \"\"\n  client_key_pem = \"\"\n  request_timeout = \"\"\n}\n",
			[]string{"CORTEX_API_URL=" + c.URL(), "CORTEX_API_KEY=hush", "CORTEX_TIMEOUT=12.5"}, "Bearer hush"},
		{"nor is what is null", "provider \"cortex\" {\n  endpoint = null\n  api_key = null\n  headers = null\n  client_cert_pem = null\n  client_key_pem = \"\"\n  request_timeout = null\n}\n",
			[]string{"CORTEX_API_URL=" + c.URL(), "CORTEX_API_KEY=hush"}, "Bearer hush"},
		{"numbers", "", []string{"CORTEX_API_URL=" + c.URL(), "CORTEX_TIMEOUT=12.5", "CORTEX_MAX_RETRIES=0"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Reset()
			e := newEngine(t, nil, test.env...)
			e.write(test.config + data)
			e.run(plan...)
			if got := last().Header.Get("Authorization"); got != test.key {
				t.Errorf("the header Authorization was %q, want %q", got, test.key)
			}
			if got := last().Header.Get("User-Agent"); !userAgent.MatchString(got) {
				t.Errorf("the header User-Agent was %q", got)
			}
		})
	}

	for _, test := range []struct {
		env  string
		want problem
	}{
		{"CORTEX_API_URL=cortex", problem{Summary: "Invalid CORTEX_API_URL", Detail: "The scheme is missing: write http://cortex, or https://cortex if the server has TLS."}},
		{"CORTEX_API_URL=\"http://cortex\"", problem{Summary: "Invalid CORTEX_API_URL", Detail: "The URL has a quotation mark in it; take that out."}},
		{"CORTEX_API_KEY=Bearer hush", problem{Summary: "Invalid CORTEX_API_KEY", Detail: `The provider puts "Bearer " before the key by itself: leave it out.`}},
		{"CORTEX_API_KEY=hush\n", problem{Summary: "Invalid CORTEX_API_KEY", Detail: "The value contains a line break or another control character, which no header can carry; " +
			`in a shell, export CORTEX_API_KEY="$(cat …)" takes the last line break of a file off.`}},
		{"CORTEX_TIMEOUT=30s", problem{Summary: "Invalid CORTEX_TIMEOUT", Detail: `"30s" is not a number of seconds greater than 0.`}},
		{"CORTEX_TIMEOUT=-1", problem{Summary: "Invalid CORTEX_TIMEOUT", Detail: `"-1" is not a number of seconds greater than 0.`}},
		{"CORTEX_MAX_RETRIES=many", problem{Summary: "Invalid CORTEX_MAX_RETRIES", Detail: `"many" is not a whole number of 0 or more.`}},
		{"CORTEX_API_KEY=hush", problem{Summary: "Invalid headers",
			Detail: "The header Authorization and api_key or CORTEX_API_KEY are both set, but a request has room for one of them: leave one out.", At: "headers"}},
	} {
		e := newEngine(t, c)
		e.Setenv(test.env)
		headers := "null"
		if test.want.At == "headers" {
			headers = `{ Authorization = "Basic hush" }`
		}
		e.write("provider \"cortex\" {\n  headers = " + headers + "\n}\n" + data)
		e.wantProblems(plan, test.want)
	}
}

// A null header is left out, as a null attribute is, wherever else it would be refused.
func TestProviderNullHeaders(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngineIn(t, t.TempDir(), c, "CORTEX_API_KEY=hush", "TF_VAR_tenant=acme")
	e.write(`
variable "tenant" {
  type = string
}

variable "none" {
  type    = string
  default = null
}

# Known after the first apply: a null and another.
resource "terraform_data" "later" {
  input = var.tenant
}

provider "cortex" {
  headers = {
    X-Tenant      = var.tenant
    X-None        = var.none
    x-tenant      = var.none
    Authorization = var.none
    User-Agent    = var.none
  }
}

provider "cortex" {
  alias = "later"
  headers = {
    X-Tenant = terraform_data.later.output
    x-tenant = terraform_data.later.output == "acme" ? null : "other"
  }
}

data "cortex_workspaces" "test" {}

data "cortex_workspaces" "later" {
  provider   = cortex.later
  depends_on = [terraform_data.later]
}
`)
	e.run("validate")
	e.run(apply...)
	got := c.Requests()
	if len(got) != 2 {
		t.Fatalf("%d requests, want 2", len(got))
	}
	for _, r := range got {
		h := r.Header
		_, none := h["X-None"]
		if tenants := h.Values("X-Tenant"); none || len(tenants) != 1 || tenants[0] != "acme" || h.Get("Authorization") != "Bearer hush" || !userAgent.MatchString(h.Get("User-Agent")) {
			t.Errorf("the headers were %v", h)
		}
	}
	e.run(destroy...)
}

// Each way in which there is no Cortex gives one diagnostic that says where it looked and what to check.
func TestProviderNoCortex(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Log in</html>") }))
	defer html.Close()
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no credentials in "+r.Header.Get("Authorization"), http.StatusUnauthorized)
	}))
	defer gateway.Close()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte(" "), 40<<20)) }))
	defer endless.Close()
	login := httptest.NewServer(http.RedirectHandler("https://login.example.com/", http.StatusFound))
	defer login.Close()

	check := "Check that endpoint of the provider, or CORTEX_API_URL, is "
	base := "This is not an answer of Cortex. " + check + "the base URL of Cortex's API, and what a proxy on the way does."
	for _, test := range []struct{ name, endpoint, detail string }{
		{"closed port", closed.URL, "GET " + closed.URL + "/api/v1/workspaces: no answer: dial tcp " + strings.TrimPrefix(closed.URL, "http://") +
			": connect: connection refused.\n\n" + check + "right and that the server runs and can be reached from here."},
		{"wrong path", c.URL() + "/cortex", "GET " + c.URL() + "/cortex/api/v1/workspaces: status 404: Not Found.\n\n" + base},
		{"HTML", html.URL, "GET " + html.URL + "/api/v1/workspaces: status 200, but the answer is an HTML page.\n\n" + base},
		{"too large", endless.URL, "GET " + endless.URL + "/api/v1/workspaces: status 200, but the answer is larger than 32 MiB.\n\nIf this is Cortex, descriptions or " +
			"properties in the list are far longer than a list can carry: shorten them, or look for single objects by id instead of all. Otherwise check that " +
			"endpoint of the provider, or CORTEX_API_URL, is the base URL of Cortex's API."},
		{"redirect", login.URL, "GET " + login.URL + "/api/v1/workspaces: status 302: an HTML page (redirect to https://login.example.com/).\n\n" + base},
		{"401", gateway.URL, "GET " + gateway.URL + "/api/v1/workspaces: status 401: no credentials in Bearer (redacted).\n\nSomething in front of Cortex refuses the " +
			"credentials (Cortex itself asks for none). Check api_key, or CORTEX_API_KEY, and headers of the provider."},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEngine(t, nil, "CORTEX_API_URL="+test.endpoint, "CORTEX_API_KEY=hush-hush", "CORTEX_MAX_RETRIES=0")
			e.write("data \"cortex_workspaces\" \"test\" {}\n")
			e.wantProblems(plan, problem{Summary: "Cannot list the workspaces", Detail: test.detail})
			e.write(workspaceBlock("acme"))
			e.wantProblems(apply, problem{Summary: `Cannot create workspace "acme"`, Detail: test.detail})
			if got := e.resources(); len(got) > 0 {
				t.Errorf("the state holds %q", got)
			}
		})
	}
}

// An endpoint that another resource makes is no error until a request needs it.
func TestProviderEndpointUnknown(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, nil)
	cortex := fmt.Sprintf("resource \"terraform_data\" \"cortex\" {\n  input = %q\n}\nprovider \"cortex\" {\n  endpoint = terraform_data.cortex.output\n}\n", c.URL())
	body := cortex + workspaceBlock(c.Name("acme"))
	e.write(body)
	e.run(apply...)
	if n := c.Count("POST", ""); n != 1 {
		t.Errorf("%d POSTs, want 1", n)
	}

	want := "The provider's attribute endpoint is not known yet, because something that it depends on is still to be made. Apply that first, with -target, or leave the " +
		"attribute out and set the environment variable CORTEX_API_URL."
	state := e.state()
	e.write(strings.Replace(body, c.URL(), c.URL()+"/api/v1", 1))
	id := workspaceNamed(t, c, c.Name("acme")).ID
	e.wantProblems(plan, problem{Summary: fmt.Sprintf("Cannot read workspace %q (%s)", c.Name("acme"), id), Detail: want})
	if !sameState(t, state, e.state()) {
		t.Error("the state has changed")
	}
	e.write(body + "data \"cortex_workspaces\" \"test\" {}\n")
	e.run(plan...)
	e.write(body)
	e.run(destroy...)

	e = newEngine(t, nil)
	e.write(strings.Replace(cortex, "endpoint =", "endpoint = \"http://127.0.0.1:1\"\n  ca_cert_pem =", 1) + "data \"cortex_workspaces\" \"test\" {}\n")
	e.wantProblems(plan, problem{Summary: "Cannot list the workspaces", Detail: "The provider's attribute ca_cert_pem is not known yet, because something that it depends on is " +
		"still to be made. Apply that first, with -target."})
}

// A configuration without objects sends nothing, to a server that may not be there.
func TestProviderSendsNothingUnasked(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	e.write(providerBlock("endpoint", c.URL()) + "output \"test\" {\n  value = 1\n}\n")
	e.run("validate")
	e.run(apply...)
	e.write(providerBlock("endpoint", c.URL()) + workspaceBlock("acme") + environmentBlock())
	e.run("validate")
	e.run(plan...)
	if n := len(c.Requests()); n != 0 {
		t.Errorf("there were %d requests", n)
	}
}

// Neither the API key nor a header's value is in logs, errors, states or plans, also when a server repeats them.
func TestProviderSecrets(t *testing.T) {
	t.Parallel()
	const key, header = "key-7d1f4c", "header-93ba2e"
	c := cortextest.Start(t)
	e := newEngineIn(t, t.TempDir(), c, "CORTEX_API_KEY="+key, "TF_VAR_token="+header, "CORTEX_MAX_RETRIES=0")
	logFile := filepath.Join(t.TempDir(), "log")
	e.Setenv("TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	e.write(`
variable "token" {
  type      = string
  sensitive = true
}

provider "cortex" {
  headers = { X-Gateway = var.token }
}

` + workspaceBlock(c.Name("acme"), `description = "Anvils"`) + environmentBlock())

	var said strings.Builder
	note := func(args ...string) {
		said.WriteString(e.try(args...).String())
	}
	note("plan", "-out=saved")
	planned := e.run("show", "-json", "saved")
	note("apply", "saved")
	sent := c.Writes()
	if len(sent) != 2 || sent[0].Header.Get("Authorization") != "Bearer "+key || sent[0].Header.Get("X-Gateway") != header {
		t.Fatalf("the secrets were not sent: %v", sent)
	}
	note("plan")
	for status, body := range map[int]string{
		401: "no access with Bearer " + key + " and " + header, 404: header, 500: key, 503: "Bearer " + key,
	} {
		c.Fail(cortextest.Fault{Match: cortextest.Matching("GET", "/workspaces/"), Times: -1, Kind: cortextest.Answer, Status: status, Body: body})
		note("plan")
		c.Reset()
	}
	note(destroy...)
	state := e.state()
	written, err := os.ReadFile(logFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, proof := range []string{"request to Cortex", "bodies of a request to Cortex", `Anvils`} {
		if !strings.Contains(string(written), proof) {
			t.Errorf("the log lacks %q", proof)
		}
	}
	if !strings.Contains(said.String(), "(redacted)") {
		t.Error("no error shows that something was taken out of it")
	}
	for where, text := range map[string]string{"log": string(written), "output": said.String(), "state": state} {
		for _, secret := range []string{key, header} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s is in the %s: …%q…", secret, where, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	// A plan holds the values of the configuration's own variables, which is the engine's doing.
	if strings.Contains(planned, key) {
		t.Error("the API key is in the plan")
	}
	var values struct {
		Planned json.RawMessage `json:"planned_values"`
		Changes json.RawMessage `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(planned), &values); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(values.Planned)+string(values.Changes), header) {
		t.Error("the header is in the planned values")
	}
}

func TestProviderTLS(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	target, err := url.Parse(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	server.Config.ErrorLog = discard()
	server.StartTLS()
	defer server.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	e := newEngine(t, nil, "CORTEX_API_URL="+server.URL, "CORTEX_MAX_RETRIES=0")
	data := "data \"cortex_workspaces\" \"test\" {}\n"

	e.write(data)
	got := e.problems(plan...)
	if len(got) != 1 || !strings.Contains(got[0].Detail, "certificate signed by unknown authority") || !strings.Contains(got[0].Detail, "set ca_cert_pem") {
		t.Errorf("the errors are %q", got)
	}
	e.write(providerBlock("ca_cert_pem", ca) + data)
	e.run(plan...)
	e.write("provider \"cortex\" {\n  insecure = true\n}\n" + data)
	e.run(plan...)
}

// Requests beyond the deadline end, and say so.
func TestProviderTimeout(t *testing.T) {
	c := cortextest.Start(t)
	c.Fail(cortextest.Fault{Times: -1, Kind: cortextest.Hang})
	e := newEngine(t, c, "CORTEX_MAX_RETRIES=0", "CORTEX_TIMEOUT=60")
	e.write(providerBlock("request_timeout", "200ms") + "data \"cortex_workspaces\" \"test\" {}\n")
	got := e.problems(plan...)
	if len(got) != 1 || !strings.HasPrefix(got[0].Detail, "GET "+c.URL()+"/api/v1/workspaces: no answer: ") {
		t.Errorf("the errors are %q", got)
	}
}

// Reads are repeated after answers that may be others later, as often as max_retries says.
func TestProviderRetries(t *testing.T) {
	c := cortextest.Start(t)
	var n atomic.Int32
	c.Intercept = func(*http.Request) *cortextest.Fault {
		if n.Add(1) <= 2 {
			return &cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "later"}
		}
		return nil
	}
	e := newEngine(t, c)
	e.write("provider \"cortex\" {\n  max_retries = 1\n}\ndata \"cortex_workspaces\" \"test\" {}\n")
	if got := e.problems(plan...); len(got) != 1 || !strings.Contains(got[0].Detail, "status 503: later") {
		t.Errorf("the errors are %q", got)
	}
	if n.Load() != 2 {
		t.Errorf("%d requests, want 2", n.Load())
	}
	n.Store(0)
	e.write("provider \"cortex\" {\n  max_retries = 2\n}\ndata \"cortex_workspaces\" \"test\" {}\n")
	e.run(plan...)
}

var userAgent = regexp.MustCompile(`^terraform-provider-cortex/test terraform/\d+\.\d+\.\d+`)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }
