package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/opentofu/tofudl/mockmirror"
)

// get runs get-tofu.sh where nothing is built yet, and returns the folder of what it builds. A build ends as soon as it begins, since
// OpenTofu has no 1.0.0, the one version of mockmirror's, and no module proxy is asked for it.
func get(t *testing.T, env ...string) (built, stdout, stderr string) {
	t.Helper()
	tools, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.Symlink(tools, filepath.Join(root, "tools")); err != nil {
		t.Fatal(err)
	}
	built = filepath.Join(root, "build")
	stdout, stderr = again(t, built, env...)
	return built, stdout, stderr
}

// again runs get-tofu.sh once more. Whether it succeeded shows in what it prints.
func again(t *testing.T, built string, env ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(built, "../tools/get-tofu.sh"), "1.0.0")
	cmd.Env = append(os.Environ(), append(env, "GOPROXY=off")...)
	cmd.Stdout, cmd.Stderr = &out, &err
	status := cmd.Run()
	if (status == nil) != (out.Len() > 0) {
		t.Fatalf("%v, and the path %q\n%s", status, &out, &err)
	}
	return out.String(), err.String()
}

// mirror serves a release that a key signed.
type mirror struct {
	keyFile  string
	url      *url.URL
	releases http.Handler
}

// newMirror makes a mirror whose OpenTofu is a script, by the name of its author.
func newMirror(t *testing.T, author string) mirror {
	t.Helper()
	mock := mockmirror.NewFromBinary(t, []byte("#!/bin/sh\n# by "+author+"\necho OpenTofu v1.0.0\n"))
	keyFile := filepath.Join(t.TempDir(), "key.asc")
	if err := os.WriteFile(keyFile, []byte(mock.GPGKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	api, err := url.Parse(mock.APIURL())
	if err != nil {
		t.Fatal(err)
	}
	server := &url.URL{Scheme: api.Scheme, Host: api.Host}
	return mirror{keyFile: keyFile, url: server, releases: httputil.NewSingleHostReverseProxy(server)}
}

// at names the server of releases to the script, and the key that they have to be signed with.
func at(server, keyFile string) []string {
	return []string{
		"TOFUDL_API_URL=" + server + "/api.json",
		"TOFUDL_DOWNLOAD_MIRROR_URL_TEMPLATE=" + server + "/v{{ .Version }}/{{ .Artifact }}",
		"TOFUDL_GPG_KEY_FILE=" + keyFile,
	}
}

func TestRelease(t *testing.T) {
	mirror := newMirror(t, "us")
	built, stdout, stderr := get(t, at(mirror.url.String(), mirror.keyFile)...)
	tofu := filepath.Join(built, "tofu-1.0.0", "tofu")
	if stdout != tofu+"\n" || stderr != "" {
		t.Fatalf("printed %q and %q", stdout, stderr)
	}
	version, err := exec.CommandContext(t.Context(), tofu, "version").Output()
	if err != nil || string(version) != "OpenTofu v1.0.0\n" {
		t.Fatalf("%v, %q", err, version)
	}

	stdout, stderr = again(t, built, at("http://127.0.0.1:1", mirror.keyFile)...)
	if stdout != tofu+"\n" || stderr != "" {
		t.Errorf("a release that is there was not taken: %q and %q", stdout, stderr)
	}
	expect(t, built, "tofu-1.0.0")
}

// Whatever is wrong with a release, OpenTofu is built, and nothing of the release is left.
func TestNoRelease(t *testing.T) {
	good, other := newMirror(t, "us"), newMirror(t, "others")
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	silence := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	// but has a file of a good release answered by others.
	but := func(suffix string, others http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, suffix) {
				others(w, r)
			} else {
				good.releases.ServeHTTP(w, r)
			}
		}
	}
	half := func(w http.ResponseWriter, r *http.Request) {
		whole := httptest.NewRecorder()
		good.releases.ServeHTTP(whole, r)
		w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		silence(w, r)
	}

	for name, test := range map[string]struct {
		server  http.HandlerFunc
		keyFile string
		reason  string
	}{
		"another key":             {good.releases.ServeHTTP, other.keyFile, "Invalid signature"},
		"others' checksums":       {but("_SHA256SUMS", other.releases.ServeHTTP), good.keyFile, "Invalid signature"},
		"another archive":         {but(".tar.gz", other.releases.ServeHTTP), good.keyFile, "invalid checksum"},
		"half an archive":         {but(".tar.gz", half), good.keyFile, "invalid checksum"}, // tofudl goes on with nothing
		"no such version":         {answer(http.StatusNotFound), good.keyFile, "404"},
		"no signature":            {but(".gpgsig", answer(http.StatusNotFound)), good.keyFile, "404"},
		"a server that forbids":   {answer(http.StatusForbidden), good.keyFile, "403"},
		"a server without answer": {silence, good.keyFile, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.server)
			defer server.Close()
			built, stdout, stderr := get(t, at(server.URL, test.keyFile)...)
			refused(t, built, stdout, stderr, test.reason)
		})
	}

	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		built, stdout, stderr := get(t, at("http://127.0.0.1:1", good.keyFile)...)
		refused(t, built, stdout, stderr, "connection refused")
	})

	t.Run("a proxy that forbids", func(t *testing.T) {
		t.Parallel()
		var asked string
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Method + " " + r.Host
			w.WriteHeader(http.StatusForbidden)
		}))
		built, stdout, stderr := get(t, "HTTPS_PROXY="+proxy.URL)
		proxy.Close()
		refused(t, built, stdout, stderr, "Forbidden")
		if asked != "CONNECT get.opentofu.org:443" {
			t.Errorf("the proxy was asked for %q", asked)
		}
	})
}

// refused checks that a line says why no release is used, and that the build then began.
func refused(t *testing.T, built, stdout, stderr, reason string) {
	t.Helper()
	lines := strings.Split(stderr, "\n")
	if stdout != "" || len(lines) < 2 || !strings.HasPrefix(lines[0], "OpenTofu's release is not used: ") ||
		!strings.Contains(lines[0], reason) || !strings.HasPrefix(lines[1], "building OpenTofu 1.0.0") {
		t.Errorf("printed %q and:\n%s", stdout, stderr)
	}
	expect(t, built)
}

// expect compares what is in a folder.
func expect(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s has %q, not %q", folder, got, want)
	}
}
