package cortextest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Recorded calls f for each answer of the real Cortex that the recordings hold, once for each body: for the fuzz tests of the
// packages beside this one.
func Recorded(t testing.TB, f func(status int, contentType, body string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "cortextest", "testdata", "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if err := recordedIn(name, func(status int, contentType, body string) {
			if !seen[body] {
				seen[body] = true
				f(status, contentType, body)
			}
		}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func recordedIn(name string, f func(status int, contentType, body string)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was read only
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var exchange struct {
			Status   int
			Response struct {
				Headers [][2]string
				Body    string
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &exchange); err != nil {
			return err
		}
		contentType := ""
		for _, header := range exchange.Response.Headers {
			if strings.EqualFold(header[0], "content-type") {
				contentType = header[1]
			}
		}
		if exchange.Status != 0 { // else it is a note about several
			f(exchange.Status, contentType, exchange.Response.Body)
		}
	}
	return lines.Err()
}
