package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// TestMain lets the test binary be the demo itself.
func TestMain(m *testing.M) {
	if os.Getenv("CORTEX_DEMO") == "run" {
		main()
		return
	}
	cortextest.Main(m)
}

// demo is the demo as a process of its own, with a folder for temporary files of its own.
type demo struct {
	*exec.Cmd
	t       *testing.T
	out     bytes.Buffer
	temp    string
	started chan struct{} // closed once it has
}

func newDemo(t *testing.T, env ...string) *demo {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	// A real Cortex may keep its PostgreSQL there, which runs as another user when root runs the tests.
	if err := os.Chmod(filepath.Dir(temp), 0o711); err != nil {
		t.Fatal(err)
	}
	d := &demo{Cmd: exec.CommandContext(t.Context(), self), t: t, temp: temp, started: make(chan struct{})}
	d.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CORTEX_API_") }),
		append(env, "CORTEX_DEMO=run", "TMPDIR="+d.temp)...)
	d.Stdout, d.Stderr = &d.out, &d.out
	d.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a terminal has it, for interrupts
	return d
}

// wantEnd runs the demo to its end and wants this exit code, these words in this order, and no file left.
func (d *demo) wantEnd(code int, words ...string) {
	d.t.Helper()
	if err := d.Start(); err != nil {
		d.t.Fatal(err)
	}
	close(d.started)
	if err := d.Wait(); d.ProcessState == nil {
		d.t.Fatal(err)
	}
	if got := d.ProcessState.ExitCode(); got != code {
		d.t.Errorf("the exit code is %d, want %d", got, code)
	}
	rest := d.out.String()
	for _, word := range words {
		_, after, ok := strings.Cut(rest, word)
		if !ok {
			d.t.Errorf("it does not say %q, or not in this place", word)
			continue
		}
		rest = after
	}
	left, err := os.ReadDir(d.temp)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, entry := range left {
		if strings.HasPrefix(entry.Name(), "go-build") {
			continue // of a compiler that an interrupt met
		}
		d.t.Errorf("%s is left behind", entry.Name())
	}
	if d.t.Failed() {
		d.t.Logf("the demo said:\n%s", &d.out)
	}
}

// wantUntouched wants the server to hold what it held, and no write to anything that the demo did not make.
func wantUntouched(t *testing.T, c *cortextest.Cortex, before []string) {
	t.Helper()
	if after := c.Contents(); !slices.Equal(before, after) {
		t.Errorf("the server held\n%s\nand holds\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	made := map[string]bool{}
	for _, r := range c.Writes() {
		_, isMember := strings.CutSuffix(r.Path, "/members")
		switch ids := idPattern.FindAllString(r.Path, -1); {
		case r.Method == http.MethodPost && !isMember:
			made[string(idPattern.Find(r.Answer))] = true
		case len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return !made[id] }):
			t.Errorf("%s %s is about an object that the demo did not make", r.Method, r.Path)
		}
	}
	if len(made) == 0 {
		t.Error("nothing was made")
	}
}

// idPattern finds the id at the beginning of an object.
var idPattern = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func TestDemo(t *testing.T) {
	newDemo(t).wantEnd(0, "1/11  Init", "19 to add", "19 added", "No changes.", `"Production":[{"region":"EMEA","revenue":360},{"region":"AMER","revenue":60}]`,
		`"Orders":[{"orders":3}]`, "Check block assertion failed", `query = "gross" -> "net"`, `"Staging":[{"region":"EMEA","revenue":300},{"region":"AMER","revenue":50}]`, "No changes.",
		`"Revenue by region":[{"region":"EMEA","revenue":300},{"region":"AMER","revenue":50}]`, `"Changed by hand" -> "Production of Acme Ltd"`, "2 added, 1 changed",
		"1 imported", "20 destroyed", "All 11 steps went as they should", "Cortex holds what it held before the demo: the same ")
}

func TestDemoOnOwnCortex(t *testing.T) {
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("acme"), nil)
	e := c.CreateEnvironment(w.ID, "production", nil)
	before := c.Contents()
	newDemo(t, "CORTEX_API_URL="+c.URL(), "CORTEX_API_KEY=hush").wantEnd(0, "against your Cortex at "+c.URL(), "has no databases", "10 destroyed", "All 7 steps", "unchanged")
	wantUntouched(t, c, before)
	for _, r := range c.Requests() {
		if r.Header.Get("Authorization") != "Bearer hush" {
			t.Errorf("%s %s has no key", r.Method, r.Path)
		}
	}
	c.DeleteEnvironment(e.ID)
	c.DeleteWorkspace(w.ID)
}

func TestDemoCleansUpAfterAFailure(t *testing.T) {
	c := cortextest.Start(t)
	before := c.Contents()
	// The second PUT is the repair's.
	c.Fail(cortextest.Fault{Match: cortextest.Matching("PUT", ""), Kind: cortextest.Latency},
		cortextest.Fault{Match: cortextest.Matching("PUT", ""), Times: -1, Kind: cortextest.Answer, Status: 403, Body: "read-only for an hour"})
	newDemo(t, "CORTEX_API_URL="+c.URL()).wantEnd(1, "5/7  Repair", "read-only for an hour", "Cleaned up: 7 objects of the demo are deleted.", "unchanged.",
		"✗ step 5 of 7 (Repair) did not go as it should: the exit code is 1, not 0")
	wantUntouched(t, c, before)
}

// An interrupt in the middle of the apply, as a terminal sends it: to the whole group.
func TestDemoCleansUpAfterAnInterrupt(t *testing.T) {
	c := cortextest.Start(t)
	before := c.Contents()
	d := newDemo(t, "CORTEX_API_URL="+c.URL())
	c.Fail(cortextest.Fault{Match: func(r *http.Request) bool {
		if !cortextest.Matching("POST", "/environments")(r) {
			return false
		}
		<-d.started
		if err := syscall.Kill(-d.Process.Pid, syscall.SIGINT); err != nil {
			t.Error(err)
		}
		return true
	}, Kind: cortextest.Latency})
	d.wantEnd(1, "3/7  Apply", "interrupted; waiting for the engine to end", "objects of the demo are deleted.", "unchanged.", "✗ step 3 of 7 (Apply): interrupted")
	wantUntouched(t, c, before)
}
