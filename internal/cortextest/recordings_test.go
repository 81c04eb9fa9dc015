package cortextest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An exchange is one line of a recording of a real Cortex.
type exchange struct {
	Case, Method, Path string
	Observation        json.RawMessage
	There              map[string][]json.RawMessage // tables' rows that were made off the record
	Status             int
	Request            struct {
		Headers map[string]string
		Body    *string
		Len     int `json:"body_len"`
	}
	Response struct {
		Headers [][2]string
		Body    string
		Len     int `json:"body_len"`
	}
}

// The recordings that the fake must answer as the real Cortex did, and how many exchanges of each are replayed.
var recordings = []struct {
	file     string
	release  string
	database Database
	replayed int
	extract  bool // from a study of all kinds, which kept no headers but the content type
}{
	{"a7-sqlite", Latest, SQLite, 501, false},
	{"a7-postgresql", Latest, PostgreSQL, 495, false},
	{"head-sqlite", Head, SQLite, 499, false},
	{"head-postgresql", Head, PostgreSQL, 493, false},
	{"consumers-a7-sqlite", Latest, SQLite, 315, true},
	{"consumers-a7-postgresql", Latest, PostgreSQL, 314, true},
	{"consumers-head-sqlite", Head, SQLite, 301, true},
	{"consumers-head-postgresql", Head, PostgreSQL, 314, true},
	{"sources-a7-sqlite", Latest, SQLite, 374, true},
	{"sources-a7-postgresql", Latest, PostgreSQL, 358, true},
	{"sources-head-sqlite", Head, SQLite, 346, true},
	{"sources-head-postgresql", Head, PostgreSQL, 331, true},
	{"metrics-head-sqlite", Head, SQLite, 3, true},
	{"metrics-head-postgresql", Head, PostgreSQL, 64, true},
	{"data-models-a7-sqlite", Latest, SQLite, 180, true},
	{"metrics-a7-sqlite", Latest, SQLite, 270, true},
	{"metric-fields-a7-sqlite", Latest, SQLite, 353, true},
	{"data-models-a7-postgresql", Latest, PostgreSQL, 180, true},
	{"metrics-a7-postgresql", Latest, PostgreSQL, 267, true},
	{"metric-fields-a7-postgresql", Latest, PostgreSQL, 353, true},
	{"dashboards-a7-sqlite", Latest, SQLite, 384, true},
	{"dashboards-a7-postgresql", Latest, PostgreSQL, 392, true},
	{"dashboards-head-sqlite", Head, SQLite, 337, true},
	{"dashboards-head-postgresql", Head, PostgreSQL, 412, true},
}

// An omission is what a recording holds that no fake can be asked for again.
type omission struct {
	reason string
	count  map[Database]int
	match  func(exchange, Database) bool
}

var notReplayed = []omission{
	{"sums up other exchanges, timing or raw sockets", both(92), func(e exchange, _ Database) bool { return e.Observation != nil }},
	{"the fake has no admin endpoints", both(4), func(e exchange, _ Database) bool { return strings.HasPrefix(e.Case, "admin:") }},
	{"the fake knows no browsers", both(2), func(e exchange, _ Database) bool { return strings.HasPrefix(e.Case, "proto: CORS preflight") }},
	{"shows hundreds of objects that were made off the record", both(7), func(e exchange, _ Database) bool {
		return strings.HasPrefix(e.Case, "lists: ") && !strings.HasPrefix(e.Case, "setup") || e.Case == "default: list" || e.Case == "default: list afterwards"
	}},
	{"cut off a random name whose end the answer repeats", map[Database]int{PostgreSQL: 2}, func(e exchange, d Database) bool {
		return d == PostgreSQL && strings.HasSuffix(e.Case, "create: name 10k incompressible")
	}},
}

func both(n int) map[Database]int { return map[Database]int{SQLite: n, PostgreSQL: n} }

func readRecording(t *testing.T, name string) (list []exchange) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRecordings(t *testing.T) {
	for _, r := range recordings {
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			replay := &replay{fake: NewFake(FakeOptions{Release: r.release, Database: r.database}), there: map[string]string{}, back: map[string]string{}, onlyType: r.extract, dir: t.TempDir()}
			for username, password := range map[string]string{"plain": "demo-password", "readonly": "p@ss/w:rd#1"} {
				replay.fake.AddDatabase("postgresql", ServerDatabase{"127.0.0.1", 53835, username, password, "sales"}, salesTables...)
			}
			replay.fake.AddDatabase("postgresql", ServerDatabase{"127.0.0.1", 9470, "readonly", "s3cret-pw", "sales"}, salesTables...)
			if err := replay.fake.AddFile(filepath.Join(replay.dir, "sales.db"), salesTables...); err != nil {
				t.Fatal(err)
			}
			skipped, replayed := make([]int, len(notReplayed)), 0
			for i, e := range readRecording(t, r.file) {
				if e.There != nil {
					replay.make(t, e.There)
					continue
				}
				if strings.HasPrefix(e.Case, "off the record") { // what the answers around it show to have happened
					if _, err := replay.send(e); err != nil {
						t.Error(err)
					}
					continue
				}
				if j := slices.IndexFunc(notReplayed, func(n omission) bool { return n.match(e, r.database) }); j >= 0 {
					skipped[j]++
					continue
				}
				replayed++
				if err := replay.run(e); err != nil {
					t.Errorf("line %d, %s: %s %s: %v", i+1, e.Case, e.Method, e.Path, err)
				}
			}
			for j, n := range notReplayed {
				if want := n.count[r.database]; skipped[j] != want && !r.extract {
					t.Errorf("%d exchanges were left out (reason: %s), want %d", skipped[j], n.reason, want)
				}
			}
			if replayed != r.replayed {
				t.Errorf("%d exchanges were replayed, want %d", replayed, r.replayed)
			}
		})
	}
}

// A replay sends what was recorded to a fake. The fake's ids and times are others, so it keeps what stands for what, one to one: an id or time
// that should stay the same must do so, and one that should change must change.
type replay struct {
	fake        *Fake
	there, back map[string]string // recorded to fake's, and the other way round
	onlyType    bool              // of the headers, the content type alone was recorded
	dir         string            // stands for the recorder's folder
}

// salesTables are those of the recorder's databases, as far as anything asks for them.
var salesTables = []Table{
	{Name: "customers", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "region", Type: "VARCHAR(40)", NotNull: true}}},
	{Name: "orders", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "customer_id", Type: "INTEGER", NotNull: true}, {Name: "amount", Type: "NUMERIC(12,2)", NotNull: true},
		{Name: "status", Type: "VARCHAR(20)", NotNull: true}, {Name: "order_date", Type: "DATE", NotNull: true}}},
}

const hexDigit = `[0-9a-fA-F]`

var (
	anyID   = regexp.MustCompile(hexDigit + `{8}-?` + hexDigit + `{4}-?` + hexDigit + `{4}-?` + hexDigit + `{4}-?` + hexDigit + `{12}`)
	anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?`)
	// Times in SQL parameters are told nowhere else, so they need not match, nor need the length of a parameter with times in it.
	reprTime  = regexp.MustCompile(`'views': \[\{'alias': \.\.\. \(\d+ chars\)|datetime\.datetime\([^)]*\)|'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}'`)
	setTime   = regexp.MustCompile(`^time: value (.*) set in the database$`)
	idOrTime  = regexp.MustCompile(anyID.String() + "|" + anyTime.String())
	rawByte   = regexp.MustCompile(`\\x` + hexDigit + hexDigit)
	unrelated = regexp.MustCompile(`^(date|connection|vary|access-control-.*)$`)
)

// translate replaces recorded ids by the fake's, in the form in which they were written.
func (r *replay) translate(s string) string {
	return anyID.ReplaceAllStringFunc(s, func(id string) string {
		canonical, msg := parseUUID(id)
		ours, known := r.there[canonical]
		if msg != "" || !known {
			return id
		}
		if !strings.Contains(id, "-") {
			ours = strings.ReplaceAll(ours, "-", "")
		}
		if id == strings.ToUpper(id) {
			ours = strings.ToUpper(ours)
		}
		return ours
	})
}

func canonical(token string) string {
	if id, msg := parseUUID(token); msg == "" {
		return id
	}
	return token
}

// equate takes the fake's answer and the recorded one for the same, or says where they differ.
func (r *replay) equate(recorded, ours string) error {
	recorded, ours = reprTime.ReplaceAllString(recorded, "<time>"), reprTime.ReplaceAllString(ours, "<time>")
	a, b := idOrTime.FindAllString(recorded, -1), idOrTime.FindAllString(ours, -1)
	if x, y := idOrTime.ReplaceAllString(recorded, "<…>"), idOrTime.ReplaceAllString(ours, "<…>"); x != y {
		return fmt.Errorf("body\n%.600s\nwas recorded, the fake answers\n%.600s", recorded, ours)
	}
	for i := range a {
		theirs, our := canonical(a[i]), canonical(b[i])
		if known, ok := r.there[theirs]; ok && known != our {
			return fmt.Errorf("%s is shown where %s (for %s) should be", our, known, theirs)
		}
		if known, ok := r.back[our]; ok && known != theirs {
			return fmt.Errorf("%s is shown for %s and for %s", our, known, theirs)
		}
		r.there[theirs], r.back[our] = our, theirs
	}
	return nil
}

// send asks the fake what was recorded.
func (r *replay) send(e exchange) (*recorder, error) {
	path, query, _ := strings.Cut(r.translate(e.Path), "?")
	if before, ok := strings.CutSuffix(path, "/.."); ok {
		path = before[:strings.LastIndex(before, "/")] // the recorder's client did this
	}
	decoded, err := url.PathUnescape(path)
	if err != nil {
		return nil, err
	}
	req := &http.Request{Method: e.Method, URL: &url.URL{Path: decoded, RawPath: path, RawQuery: query}, Header: http.Header{}, Host: "127.0.0.1"}
	for k, v := range e.Request.Headers {
		req.Header.Set(k, v)
	}
	body, err := r.body(e)
	if err != nil {
		return nil, err
	}
	req.Body = readCloser{bytes.NewReader(body)}
	for _, h := range e.Response.Headers {
		if u, err := url.Parse(h[1]); h[0] == "location" && err == nil {
			req.Host = u.Host
		}
	}
	return record(r.fake, req), nil
}

func (r *replay) run(e exchange) error {
	if m := setTime.FindStringSubmatch(e.Case); m != nil {
		if err := r.setTime(e, m[1]); err != nil {
			return err
		}
	}
	got, err := r.send(e)
	if err != nil {
		return err
	}
	if got.status != e.Status {
		return fmt.Errorf("status %d was recorded, the fake answers %d: %.300s", e.Status, got.status, got.body.String())
	}
	var names, ourNames []string
	for _, h := range e.Response.Headers {
		if name := h[0]; !unrelated.MatchString(name) {
			names = append(names, name)
			if ours := got.header.Get(name); name == "content-type" && ours != h[1] || name == "location" && ours != r.translate(h[1]) {
				return fmt.Errorf("%s %q was recorded, the fake answers %q", name, h[1], ours)
			}
		}
	}
	for name, values := range maps.All(got.header) {
		if len(values) > 0 {
			ourNames = append(ourNames, strings.ToLower(name))
		}
	}
	if slices.Sort(names); !r.onlyType && !slices.Equal(names, slices.Sorted(slices.Values(ourNames))) {
		return fmt.Errorf("headers %q were recorded, the fake sends %q", names, slices.Sorted(slices.Values(ourNames)))
	}
	ours := got.body.String()
	if cut := len(e.Response.Body) < e.Response.Len; cut {
		tolerance := 0
		if reprTime.MatchString(ours) { // whose numbers have as many digits as they need
			tolerance = 10
		}
		if max(len(ours), e.Response.Len)-min(len(ours), e.Response.Len) > tolerance {
			return fmt.Errorf("a body of %d bytes was recorded, the fake answers with %d", e.Response.Len, len(ours))
		}
		// An id or a time may be cut in two, so the last characters do not count.
		runes, theirs := []rune(ours), []rune(e.Response.Body)
		ours, e.Response.Body = string(runes[:len(theirs)-40]), string(theirs[:len(theirs)-40])
	}
	return r.equate(e.Response.Body, ours)
}

// body is the recorded body as it was sent. The recording shows bytes that are no text as \x…, and cuts long bodies, of which all but one character
// repeated was kept.
func (r *replay) body(e exchange) ([]byte, error) {
	if e.Request.Body == nil {
		return nil, nil
	}
	body := []byte(r.translate(*e.Request.Body))
	if len(body) > e.Request.Len {
		body = rawByte.ReplaceAllFunc(body, func(b []byte) []byte {
			n, _ := strconv.ParseUint(string(b[2:]), 16, 8)
			return []byte{byte(n)}
		})
	} else if missing := e.Request.Len - len(body); missing > 0 {
		body = append(body, bytes.Repeat(body[len(body)-1:], missing-2)...)
		body = append(body, `"}`...)
	}
	if len(body) != e.Request.Len {
		return nil, fmt.Errorf("the request's body has %d bytes, and %d were recorded", len(body), e.Request.Len)
	}
	return body, nil
}

// make inserts rows that were made off the record, with the ids that they had.
func (r *replay) make(t *testing.T, there map[string][]json.RawMessage) {
	for table, rows := range there {
		for _, data := range rows {
			v, err := parsePython(bytes.ReplaceAll(data, []byte("/srv/lab/data"), []byte(r.dir)))
			if err != nil {
				t.Fatal(err)
			}
			row := v.(*pyDict)
			for _, k := range []string{"id", "environment_id", "data_model_id", "data_source_id"} {
				if id, ok := row.values[k].(string); ok {
					row.set(k, pyUUID(id))
				}
			}
			if version, ok := row.values["version"].(pyNumber); ok {
				n, _ := strconv.Atoi(string(version))
				row.set("version", n)
			}
			r.fake.insert(table, r.fake.stamp(row))
		}
	}
}

// setTime does what the recorder did to the database.
func (r *replay) setTime(e exchange, value string) error {
	at, err := time.Parse("2006-01-02 15:04:05.000000", value)
	if err != nil {
		return err
	}
	id := r.translate(anyID.FindString(e.Path))
	r.fake.tables[workspaces].find(id).set("created_at", at)
	// The recorded text is what the fake must show, too.
	var shown struct {
		CreatedAt string `json:"created_at"`
	}
	if err := json.Unmarshal([]byte(e.Response.Body), &shown); err != nil {
		return err
	}
	r.there[shown.CreatedAt], r.back[shown.CreatedAt] = shown.CreatedAt, shown.CreatedAt
	return nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
