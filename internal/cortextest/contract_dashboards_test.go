package cortextest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// boards makes and changes dashboards in one environment.
type boards struct {
	*suite
	env string
	n   int
}

func (s *suite) boards(part string) *boards { return &boards{suite: s, env: s.newEnvironment(part)} }

// body is what a create needs, each time with another name.
func (b *boards) body() fields {
	b.n++
	return fields{}.with("name", fmt.Sprintf(`"b%d"`, b.n)).with("type", `"executive"`).in(b.env)
}

// make creates a dashboard, and put changes one. GET and the list must show what they answer.
func (b *boards) make(t *testing.T, body fields) (answer fields, path string) {
	t.Helper()
	answer = b.ask(t, "POST", "/dashboards", body, 201, "")
	path = "/dashboards/" + answer.text("id")
	b.agree(t, path, answer)
	return answer, path
}

// once makes a dashboard and deletes it.
func (b *boards) once(t *testing.T, body fields) (answer fields) {
	t.Helper()
	answer, path := b.make(t, body)
	b.ask(t, "DELETE", path, nil, 204, "")
	return answer
}

func (b *boards) put(t *testing.T, path string, change fields) (answer fields) {
	t.Helper()
	answer = b.ask(t, "PUT", path, change, 200, "")
	b.agree(t, path, answer)
	return answer
}

func (b *boards) agree(t *testing.T, path string, answer fields) {
	t.Helper()
	if got := b.ask(t, "GET", path, nil, 200, ""); got.String() != answer.String() {
		t.Errorf("GET shows\n%.2000s\nafter\n%.2000s", got, answer)
	}
	if !slices.ContainsFunc(b.list(t), func(f fields) bool { return f.String() == answer.String() }) {
		t.Errorf("the list does not show\n%.2000s", answer)
	}
}

func (b *boards) list(t *testing.T) (all []fields) {
	t.Helper()
	answer := b.ask(t, "GET", "/environments/"+b.env+"/dashboards", nil, 200, "")
	if err := json.Unmarshal(answer["dashboards"], &all); err != nil || string(answer["total"]) != strconv.Itoa(len(all)) {
		t.Errorf("%v in the list, total %s of %d", err, answer["total"], len(all))
	}
	return all
}

// at is a part of JSON: a field for each name, an item for each number.
func at(t *testing.T, data json.RawMessage, path ...any) string {
	t.Helper()
	for _, step := range path {
		var err error
		switch step := step.(type) {
		case string:
			var f fields
			err = json.Unmarshal(data, &f)
			data = f[step]
		case int:
			var list []json.RawMessage
			if err = json.Unmarshal(data, &list); err == nil && step < len(list) {
				data = list[step]
			}
		}
		if err != nil {
			t.Fatalf("%v at %v in %s", err, path, data)
		}
	}
	return string(data)
}

// aWidget is the least that makes one, with more fields or other ones: of two that have one name, Python takes the last.
func aWidget(alias, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"alias":%q,"section_alias":"s","metric_id":"%s","position":0,"grid_config":{},"title":"W","visualization":{"type":"bar_chart","data_mapping":{}}%s}`, alias, nowhere, more)
}

func aSection(alias string, widgets ...string) string {
	return fmt.Sprintf(`{"alias":%q,"position":0,"widgets":[%s]}`, alias, strings.Join(widgets, ","))
}

func aView(alias string, sections ...string) string {
	return fmt.Sprintf(`{"alias":%q,"title":"V","sections":[%s]}`, alias, strings.Join(sections, ","))
}

func views(all ...string) string { return "[" + strings.Join(all, ",") + "]" }

// visualized is views with one widget that is visualized so.
func visualized(visualization string) string {
	return views(aView("v", aSection("s", aWidget("w", `"visualization":`+visualization))))
}

// anatomy shows views as aliases: v1(s1(w1 w2) s2()) v2(…).
func anatomy(t *testing.T, answer fields) string {
	t.Helper()
	var all []struct {
		Alias    string
		Sections []struct {
			Alias   string
			Widgets []struct{ Alias string }
		}
	}
	if err := json.Unmarshal(answer["views"], &all); err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, v := range all {
		var sections []string
		for _, s := range v.Sections {
			var widgets []string
			for _, w := range s.Widgets {
				widgets = append(widgets, w.Alias)
			}
			sections = append(sections, s.Alias+"("+strings.Join(widgets, " ")+")")
		}
		shown = append(shown, v.Alias+"("+strings.Join(sections, " ")+")")
	}
	return strings.Join(shown, " ")
}

const (
	viewTimes    = `"created_at":"<time>Z","updated_at":"<time>Z"}`
	shownSection = `{"alias":"default","title":"Default","description":null,"position":0,"widgets":[]}`
	shownBoard   = `{"id":"<b>","alias":null,"environment_id":"<env>","name":"b","description":null,"type":"tactical","views":[{"alias":"default","title":"Default","description":null,` +
		`"sections":[` + shownSection + `],"context_id":null,"layout":null,` + viewTimes + `],` +
		`"default_view":"default","tags":null,"created_by":"<id>","created_at":"<time>","updated_at":"<time>","last_viewed_at":null}`
	shownMapping       = `{"x_axis":null,"y_axes":null,"value_field":null,"category_field":null,"series_field":null,"columns":null}`
	shownVisualization = `{"type":"bar_chart","data_mapping":` + shownMapping + `,"chart_config":null,"single_value_config":null,"gauge_config":null,"show_legend":true,"show_grid":true,` +
		`"show_axes_labels":true,"color_scheme":null,"custom_colors":null}`
	shownWidget = `{"alias":"w","section_alias":"s","metric_id":"` + nowhere + `","metric":null,"position":0,"grid_config":{"columns":1,"rows":1,"min_columns":null,"min_rows":null},"title":"W",` +
		`"description":null,"visualization":` + shownVisualization + `,"metric_overrides":null}`
	shownChart  = `{"show_points":true,"line_width":2,"bar_width":null,"stack_bars":false,"smooth_lines":false,"area_stacking_type":null}`
	shownSingle = `{"number_format":"decimal","prefix":null,"suffix":null,"show_comparison":true,"show_trend":true,"trend_period":"previous_period","show_sparkline":false,"show_title":true,` +
		`"show_description":false,"compact_mode":false,"selection_mode":"first","selection_config":null}`
	shownGauge = `{"min_value":0.0,"max_value":100.0,"target_value":null,"color_ranges":null,"show_value":true,"show_target":true,"gauge_type":"arc","thickness":10,"selection_mode":"first",` +
		`"selection_config":null}`
	shownSelection = `{"n":null,"aggregate_by":null,"delimiter":null}`
	shownOverrides = `{"context_id":null,"filters":null,"parameters":null,"limit":null}`
	shownColumn    = `{"field":"f","label":"l","width":null,"sortable":true,"filterable":true,"alignment":null}`
)

// contractDashboards creates dashboards, and lists and deletes them.
func contractDashboards(t *testing.T, s *suite) {
	b := s.boards("dashboards")
	missing := "Dashboard with ID <none> does not exist in the database"
	unread := missing // where Cortex looks first
	if s.Release() == Head {
		unread = "Dashboard with ID <none> not found"
	}
	elsewhere := strings.NewReplacer("<b>", "<c>", "<env>", "<other>").Replace(shownBoard)
	noID := "[{'type': 'uuid_parsing', 'loc': ('path', 'dashboard_id'), 'msg': 'Input should be a valid UUID, invalid character: found `x` at 0', 'input': 'x', 'ctx': {'error': 'invalid character: found `x` at 0'}}"
	s.run(t, ids{"env": b.env, "other": s.newEnvironment("other dashboards"), "nowhere": nowhere},
		check{name: "minimal", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"tactical","alias":"a","id":"<none>","created_by":7,"foo":[],"default_view":"x"}`, status: 201, save: "b", answer: shownBoard},
		check{name: "get", method: "GET", path: "/dashboards/<b>", status: 200, answer: shownBoard},
		check{name: "list", method: "GET", path: "/environments/<env>/dashboards?page=7&page_size=0", status: 200, answer: `{"dashboards":[` + shownBoard + `],"total":1}`},
		check{name: "name taken", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"executive"}`, status: s.taken, answer: "Dashboard with name 'b' already exists in environment <env>"},
		check{name: "name taken elsewhere", method: "POST", path: "/dashboards", body: `{"environment_id":"<other>","name":"b","type":"tactical"}`, status: 201, save: "c", answer: elsewhere},
		check{name: "rename", method: "PUT", path: "/dashboards/<b>", body: `{"name":"it's \"b\"\n"}`, status: 200, answer: strings.Replace(shownBoard, `"name":"b"`, `"name":"it's \"b\"\n"`, 1)},
		check{name: "quoted name taken", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"it's \"b\"\n","type":"executive"}`, status: s.taken, answer: "Dashboard with name 'it's \"b\"\n' already exists in environment <env>"},
		check{name: "the old name is free", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"tactical"}`, status: 201, save: "b", answer: shownBoard},
		check{name: "rename onto a taken name", method: "PUT", path: "/dashboards/<b>", body: `{"name":"it's \"b\"\n"}`, status: 200, answer: strings.Replace(shownBoard, `"name":"b"`, `"name":"it's \"b\"\n"`, 1)},
		check{name: "case counts", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"B","type":"tactical"}`, status: 201, save: "b", answer: strings.Replace(shownBoard, `"name":"b"`, `"name":"B"`, 1)},
		check{name: "blanks count", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":" B","type":"tactical"}`, status: 201, save: "b", answer: strings.Replace(shownBoard, `"name":"b"`, `"name":" B"`, 1)},
		check{name: "environment in an update", method: "PUT", path: "/dashboards/<c>", body: `{"environment_id":"<env>","id":"<none>","created_by":"x","last_viewed_at":1}`, status: 200, answer: elsewhere},
		check{name: "no environment", method: "POST", path: "/dashboards", body: `{"environment_id":"<nowhere>","name":"b","type":"tactical"}`, status: 201, save: "orphan", answer: strings.NewReplacer("<b>", "<orphan>", "<env>", "<nowhere>").Replace(shownBoard)},
		check{name: "delete it", method: "DELETE", path: "/dashboards/<orphan>", status: 204},
		check{name: "delete", method: "DELETE", path: "/dashboards/<c>", status: 204},
		check{name: "delete again", method: "DELETE", path: "/dashboards/<c>", status: s.missing, answer: strings.Replace(missing, "none", "c", 1)},
		check{name: "get what is gone", method: "GET", path: "/dashboards/<none>", status: s.missing, answer: unread},
		check{name: "put what is gone", method: "PUT", path: "/dashboards/<none>", body: `{}`, status: s.missing, answer: unread},
		check{name: "a bad body beats a missing object", method: "PUT", path: "/dashboards/<none>", body: `{"name":1}`, status: 400, answer: noText("name", "1")},
		check{name: "no id", method: "GET", path: "/dashboards/x", status: 400, answer: noID + "]"},
		check{name: "no id and no body", method: "PUT", path: "/dashboards/x", status: 400, answer: noID + ", {'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}]"},
		check{name: "delete no id", method: "DELETE", path: "/dashboards/x", status: 400, answer: noID + "]"},
		check{name: "no environment's id", method: "GET", path: "/environments/x/dashboards", status: 400, answer: strings.Replace(noID, "dashboard_id", "environment_id", 1) + "]"},
		check{name: "capital letters", method: "GET", path: "/dashboards/" + strings.ToUpper(nowhere), status: s.missing, answer: strings.Replace(unread, "<none>", "<nowhere>", 1)},
		check{name: "list of all", method: "GET", path: "/dashboards", status: 405, answer: "Method Not Allowed"},
	)
	// The environment's deletion leaves them behind.
	lost := s.boards("orphaned dashboards")
	_, path := lost.make(t, lost.body())
	s.ask(t, "DELETE", "/environments/"+lost.env, nil, 204, "")
	if all := lost.list(t); len(all) != 1 {
		t.Errorf("the list of a deleted environment shows %v", all)
	}
	lost.put(t, path, fields{}.with("description", `"still there"`))
	s.ask(t, "DELETE", path, nil, 204, "")

	// A list is in the order of the creates, unless PostgreSQL has its own.
	ordered := s.boards("order of dashboards")
	var made []string
	for range 3 {
		answer, _ := ordered.make(t, ordered.body())
		made = append(made, answer.text("id"))
	}
	ordered.put(t, "/dashboards/"+made[0], fields{})
	var shown []string
	for _, d := range ordered.list(t) {
		shown = append(shown, d.text("id"))
	}
	if s.putMovesLast { // to wherever there is room
		slices.Sort(made)
		slices.Sort(shown)
	}
	if !slices.Equal(shown, made) {
		t.Errorf("the list shows %q, want %q", shown, made)
	}
}

// contractDashboardUpdates is about the fields of a dashboard itself.
func contractDashboardUpdates(t *testing.T, s *suite) {
	b := s.boards("updates of dashboards")
	full := b.body().with("description", `"d"`).with("tags", `["b","a","b",""]`).with("views", views(aView("one"), aView("two"))).with("default_view_index", "1")
	made, path := b.make(t, full)
	if at(t, made["tags"]) != `["b","a","b",""]` || made.text("default_view") != "two" || made.text("created_at") == made.text("updated_at") {
		t.Errorf("%s is created as %s", full, made)
	}
	before := made
	for _, change := range []fields{{}, fields{}.with("foo", "1").with("alias", `"a"`), fields{}.with("name", "null").with("description", "null").with("type", "null").with("tags", "null").with("default_view", "null").with("views", "null").with("alias", "null"),
		full.with("views", "").with("default_view_index", `"x"`)} {
		after := b.put(t, path, change)
		if after.text("updated_at") <= before.text("updated_at") || after.with("updated_at", string(made["updated_at"])).String() != made.String() {
			t.Errorf("a PUT of %s without a change makes %s of %s", change, after, before)
		}
		before = after
	}
	for _, c := range []struct{ field, sent, shown string }{
		{"tags", `[]`, `[]`}, {"tags", `["x"]`, `["x"]`}, {"tags", `null`, `["x"]`}, {"description", `""`, `""`}, {"description", `null`, `""`}, {"type", `"tactical"`, `"tactical"`}, {"name", `""`, `""`},
		{"default_view", `"one"`, `"one"`}, {"default_view", `"no such view"`, `"no such view"`}, {"default_view", `""`, `""`}, {"default_view", `null`, `""`},
	} {
		if after := b.put(t, path, fields{}.with(c.field, c.sent)); string(after[c.field]) != c.shown {
			t.Errorf("a PUT of %s %s makes %s", c.field, c.sent, after)
		}
	}
	// The default view is not adjusted.
	b.put(t, path, fields{}.with("default_view", `"two"`))
	if after := b.put(t, path, fields{}.with("views", views(aView("one")))); after.text("default_view") != "two" {
		t.Errorf("a PUT that drops the default view makes %s", after)
	}
	if after := b.put(t, path, fields{}.with("views", "[]")); after.text("default_view") != "two" || anatomy(t, after) != "default(default())" {
		t.Errorf("a PUT of no views makes %s", after)
	}

	two := views(aView("one"), aView("two"))
	for _, c := range []struct{ index, views, want string }{
		{"0", two, "one"}, {"1", two, "two"}, {`"1"`, two, "two"}, {"1.0", two, "two"}, {"true", two, "two"}, {"2", two, "one"}, {"-1", two, "one"}, {"100000000000000000000", two, "one"},
		{"1", "", "default"}, {"0", "[]", "default"}, {"1", "null", "default"}, {"1", views(aView("a"), aView("")), ""}, {"0", views(aView("a"), aView("a")), "a"},
	} {
		if made := b.once(t, b.body().with("default_view_index", c.index).with("views", c.views)); made.text("default_view") != c.want {
			t.Errorf("default_view_index %s of %s makes the default view %s, want %q", c.index, c.views, made["default_view"], c.want)
		}
	}
	for _, kind := range []string{"executive", "operational", "analytical", "tactical"} {
		if made := b.once(t, b.body().with("type", strconv.Quote(kind))); made.text("type") != kind {
			t.Errorf("the type %s is created as %s", kind, made["type"])
		}
	}

	for _, field := range []string{"name", "description"} {
		b.contractTexts(t, path, field)
	}
	b.contractDefaultViewTexts(t, path)
	// What PostgreSQL has room for: a name and a default view of 255 characters, and any number of blanks after them.
	long := strings.Repeat("é", 255)
	b.make(t, b.body().with("name", strconv.Quote(long)))
	b.make(t, b.body().with("views", views(aView(long))))
	b.make(t, b.body().with("views", views(aView("v"), aView(long+"x")))) // another view's
	tooLong := strconv.Quote(long + "x")
	if s.longNames {
		b.make(t, b.body().with("name", tooLong))
		b.make(t, b.body().with("views", views(aView(long+"x"))))
		b.put(t, path, fields{}.with("name", tooLong).with("default_view", tooLong))
	} else {
		const refusal = "(psycopg.errors.StringDataRightTruncation) value too long for type character varying(255)\n[SQL: "
		created := s.uncaught(refusal + "INSERT INTO dashboards …")
		s.ask(t, "POST", "/dashboards", b.body().with("name", tooLong), 500, created)
		s.ask(t, "POST", "/dashboards", b.body().with("views", views(aView(long+"x"))), 500, created)
		s.ask(t, "PUT", path, fields{}.with("name", tooLong), 500, refusal+"UPDATE dashboards SET name=…")
		s.ask(t, "PUT", path, fields{}.with("default_view", tooLong), 500, refusal+"UPDATE dashboards SET default_view=…")
		blanks := strconv.Quote(long + "   ")
		if made := b.once(t, b.body().with("name", strings.Replace(blanks, "é", "x", 1))); made.text("name") != strings.Replace(long, "é", "x", 1) {
			t.Errorf("a name with blanks is created as %s", made["name"])
		}
		if changed := b.put(t, path, fields{}.with("name", blanks).with("default_view", blanks)); changed.text("name") != long || changed.text("default_view") != long {
			t.Errorf("a PUT of a name and a view with blanks makes %s", changed)
		}
	}
}

// contractMaximalDashboard is about one that says everything that is not lost.
func contractMaximalDashboard(t *testing.T, s *suite) {
	b := s.boards("a maximal dashboard")
	var full fields
	data, err := os.ReadFile(filepath.Join("testdata", "maximal-dashboard.json"))
	if err == nil {
		err = json.Unmarshal(data, &full)
	}
	if err != nil {
		t.Fatal(err)
	}
	made, path := b.make(t, full.with("default_view_index", "1").in(b.env))
	_, other := b.make(t, b.body())
	changed := b.put(t, other, full.with("default_view", `"second"`))
	read := b.put(t, path, made)
	for field, sent := range full.with("default_view", `"second"`) {
		for _, answer := range []fields{made, changed, read} {
			if !holds(t, answer[field], sent) || s.show(nil, string(answer[field])) != s.show(nil, string(made[field])) {
				t.Errorf("%s %s becomes %s", field, sent, answer[field])
			}
		}
	}
}

// uncaught is what becomes of an exception that a create does not catch.
func (s *suite) uncaught(refusal string) string {
	if s.Release() == Head {
		return refusal
	}
	return "Internal Server Error"
}

// contractTexts sends texts that a database may refuse.
func (b *boards) contractTexts(t *testing.T, path, field string) {
	t.Helper()
	for value, shown := range map[string]string{`1`: "1", `true`: "True", `["x"]`: "['x']"} {
		b.ask(t, "POST", "/dashboards", b.body().with(field, value), 400, noText(field, shown))
		b.ask(t, "PUT", path, fields{}.with(field, value), 400, noText(field, shown))
	}
	for _, value := range textsOfDashboards {
		if made, _ := b.make(t, b.body().with(field, value)); string(made[field]) != value {
			t.Errorf("%s %.100s is created as %.100s", field, value, made[field])
		}
		if changed := b.put(t, path, fields{}.with(field, value)); string(changed[field]) != value {
			t.Errorf("a PUT of %s %.100s makes it %.100s", field, value, changed[field])
		}
	}
	refused := func(value, refusal, inserted, updated string) {
		t.Helper()
		b.ask(t, "POST", "/dashboards", b.body().with(field, value), 500, b.uncaught(refusal+inserted))
		b.ask(t, "PUT", path, fields{}.with(field, value), 500, refusal+updated)
	}
	if b.nul {
		b.make(t, b.body().with(field, `"a\u0000b"`))
	} else {
		inserted := map[string]string{"name": "SELECT …", "description": "INSERT …"}[field]
		refused(`"a\u0000b"`, "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: ", inserted, "UPDATE …")
	}
	refused(`"a\ud800"`, `'utf-8' codec can't encode character '\ud800' in position 1: surrogates not allowed`, "", "")
}

// contractDefaultViewTexts is about aliases of the default view, which alone are in a column of their own.
func (b *boards) contractDefaultViewTexts(t *testing.T, path string) {
	t.Helper()
	refused := func(alias, refusal string) {
		t.Helper()
		b.ask(t, "POST", "/dashboards", b.body().with("views", `[{"alias":`+alias+`,"title":"t"}]`), 500, b.uncaught(refusal))
		b.ask(t, "PUT", path, fields{}.with("default_view", alias), 500, refusal)
	}
	if b.nul {
		b.once(t, b.body().with("views", `[{"alias":"a\u0000b","title":"t"}]`))
		b.put(t, path, fields{}.with("default_view", `"a\u0000b"`))
	} else {
		refused(`"a\u0000b"`, "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: …")
	}
	refused(`"a\ud800"`, `'utf-8' codec can't encode character '\ud800' in position 1: surrogates not allowed`)
	if tagged := b.once(t, b.body().with("tags", `["a\u0000b"]`)); string(tagged["tags"]) != `["a\u0000b"]` {
		t.Errorf("a tag with NUL is created as %s", tagged["tags"])
	}
}

var textsOfDashboards = []string{`" x "`, `"é"`, `"e` + "\u0301" + `"`, `"a\nb\r\n\t"`, `"😀 it's \"<&>\\"`}

// contractDashboardParts is about what Cortex adds to the parts of a dashboard, and takes from them.
func contractDashboardParts(t *testing.T, s *suite) {
	b := s.boards("parts of dashboards")
	_, path := b.make(t, b.body())
	inWidget := []any{0, "sections", 0, "widgets", 0}
	inChart := append(slices.Clone(inWidget), "visualization")
	step := func(path []any, more ...any) []any { return append(slices.Clone(path), more...) }
	single := func(config string) string {
		return visualized(`{"type":"single_value","data_mapping":{},"single_value_config":` + config + `}`)
	}
	gauge := func(config string) string {
		return visualized(`{"type":"gauge","data_mapping":{},"gauge_config":` + config + `}`)
	}
	chart := func(config string) string {
		return visualized(`{"type":"line_chart","data_mapping":{},"chart_config":` + config + `}`)
	}
	mapping := func(mapping string) string {
		return visualized(`{"type":"bar_chart","data_mapping":` + mapping + `}`)
	}
	widget := func(more string) string { return views(aView("v", aSection("s", aWidget("w", more)))) }
	axis := func(kind, label, required string) string {
		return fmt.Sprintf(`{"field":"f","data_type":%q,"label":%s,"required":%s}`, kind, label, required)
	}
	for _, c := range []struct {
		sent  string
		at    []any
		shown string
	}{
		{`[{"alias":"v","title":"t"}]`, []any{0, "sections"}, `[` + shownSection + `]`},
		{`[{"alias":"v","title":"t","sections":[]}]`, []any{0, "sections"}, `[` + shownSection + `]`},
		{`[{"alias":"v","title":"t","sections":null,"description":"","context_id":""}]`, []any{0, "sections"}, `[` + shownSection + `]`},
		{`[{"alias":"v","title":"t","layout":{}}]`, []any{0, "layout"}, `{"layout_type":null,"frontend_config":null}`},
		{`[{"alias":"v","title":"t","layout":{"layout_type":"","frontend_config":{},"x":1}}]`, []any{0, "layout"}, `{"layout_type":"","frontend_config":{}}`},
		{`[{"alias":"v","title":"t","description":"d","context_id":"c"}]`, []any{0, "context_id"}, `"c"`},
		{views(aView("v", `{"alias":"s","position":"-7","widgets":[],"title":"","description":""}`)), []any{0, "sections"}, `[{"alias":"s","title":"","description":"","position":-7,"widgets":[]}]`},
		{views(aView("v", `{"alias":"s","position":99999999999999999999,"widgets":[]}`)), []any{0, "sections"}, `[{"alias":"s","title":null,"description":null,"position":99999999999999999999,"widgets":[]}]`},
		{widget(`"foo":1`), inWidget, shownWidget},
		{widget(`"section_alias":"no such section"`), step(inWidget, "section_alias"), `"no such section"`},
		{widget(`"metric_id":"` + strings.ToUpper(nowhere) + `"`), step(inWidget, "metric_id"), `"` + nowhere + `"`},
		{widget(`"grid_config":{"columns":0,"rows":-1,"min_columns":"5","min_rows":true}`), step(inWidget, "grid_config"), `{"columns":0,"rows":-1,"min_columns":5,"min_rows":1}`},
		{widget(`"metric_overrides":{}`), step(inWidget, "metric_overrides"), shownOverrides},
		{widget(`"metric_overrides":{"context_id":"","filters":{},"parameters":{"p":null},"limit":"5"}`), step(inWidget, "metric_overrides"), `{"context_id":"","filters":{},"parameters":{"p":null},"limit":5}`},
		{mapping(`{}`), inChart, shownVisualization},
		{visualized(`{"type":"heatmap","data_mapping":{},"table_config":{"show_header":true},"custom_colors":[],"color_scheme":"diverging","show_grid":"no"}`), inChart,
			strings.NewReplacer(`bar_chart`, `heatmap`, `"custom_colors":null`, `"custom_colors":[]`, `"color_scheme":null`, `"color_scheme":"diverging"`, `"show_grid":true`, `"show_grid":false`).Replace(shownVisualization)},
		{visualized(`{"type":"bar_chart","data_mapping":{},"custom_colors":["","#fff"],"show_legend":0,"show_axes_labels":false}`), step(inChart, "custom_colors"), `["","#fff"]`},
		{mapping(`{"x_axis":{"field":"f"}}`), step(inChart, "data_mapping", "x_axis"), axis("categorical", "null", "false")},
		{mapping(`{"x_axis":{"field":"","data_type":"","label":"","required":null}}`), step(inChart, "data_mapping", "x_axis"), `{"field":"","data_type":"categorical","label":"","required":false}`},
		{mapping(`{"x_axis":{"field":"f","data_type":"temporal","label":"l","required":"yes"}}`), step(inChart, "data_mapping", "x_axis"), axis("temporal", `"l"`, "true")},
		{mapping(`{"series_field":{"field":"f","data_type":null}}`), step(inChart, "data_mapping", "series_field"), axis("categorical", "null", "false")},
		{mapping(`{"y_axes":[{"field":"f"},{"field":"f","data_type":"categorical","required":true}]}`), step(inChart, "data_mapping", "y_axes"), "[" + axis("numerical", "null", "false") + "," + axis("categorical", "null", "true") + "]"},
		{mapping(`{"y_axes":[],"columns":[],"value_field":{"field":"f"},"category_field":{"field":"f","data_type":"nonsense"}}`), step(inChart, "data_mapping"), shownMapping},
		{mapping(`{"columns":[{"field":"f","label":"l"},{"field":"f","label":"l","width":"5","sortable":false,"filterable":0,"alignment":"nonsense"}]}`), step(inChart, "data_mapping", "columns"),
			"[" + shownColumn + `,{"field":"f","label":"l","width":5,"sortable":false,"filterable":false,"alignment":"nonsense"}]`},
		{chart(`{}`), step(inChart, "chart_config"), shownChart},
		{chart(`{"show_points":null,"line_width":null,"bar_width":null,"area_stacking_type":null}`), step(inChart, "chart_config"), shownChart},
		{chart(`{"show_points":false,"line_width":0,"bar_width":1,"stack_bars":true,"smooth_lines":true,"area_stacking_type":"gradient"}`), step(inChart, "chart_config"),
			`{"show_points":false,"line_width":0,"bar_width":1.0,"stack_bars":true,"smooth_lines":true,"area_stacking_type":"gradient"}`},
		{single(`{}`), step(inChart, "single_value_config"), shownSingle},
		{single(`{"number_format":null,"trend_period":null,"selection_mode":null,"selection_config":{}}`), step(inChart, "single_value_config"), strings.Replace(shownSingle, `"selection_config":null`, `"selection_config":`+shownSelection, 1)},
		{single(`{"prefix":"","suffix":"","trend_period":"","comparison_config":{"comparison_type":"target"},"selection_config":{"n":null,"aggregate_by":"","delimiter":""}}`), step(inChart, "single_value_config"),
			strings.NewReplacer(`"prefix":null`, `"prefix":""`, `"suffix":null`, `"suffix":""`, `"previous_period"`, `""`, `"selection_config":null`, `"selection_config":{"n":null,"aggregate_by":"","delimiter":""}`).Replace(shownSingle)},
		{gauge(`{}`), step(inChart, "gauge_config"), shownGauge},
		{gauge(`{"min_value":5,"max_value":1,"target_value":"7","color_ranges":[],"gauge_type":"","thickness":-1,"selection_mode":null,"selection_config":{"n":"3"}}`), step(inChart, "gauge_config"),
			`{"min_value":5.0,"max_value":1.0,"target_value":7.0,"color_ranges":[],"show_value":true,"show_target":true,"gauge_type":"","thickness":-1,"selection_mode":"first","selection_config":{"n":3,"aggregate_by":null,"delimiter":null}}`},
		{gauge(`{"color_ranges":[{},{"min":null,"x":{"y":null}}]}`), step(inChart, "gauge_config", "color_ranges"), `[{},{"min":null,"x":{"y":null}}]`},
	} {
		if made := b.once(t, b.body().with("views", c.sent)); at(t, made["views"], c.at...) != c.shown {
			t.Errorf("of %s is created\n%s\nwant\n%s", c.sent, at(t, made["views"], c.at...), c.shown)
		}
		b.put(t, path, fields{}.with("views", views(aView("other"))))
		if changed := b.put(t, path, fields{}.with("views", c.sent)); at(t, changed["views"], c.at...) != c.shown {
			t.Errorf("a PUT of %s makes\n%s\nwant\n%s", c.sent, at(t, changed["views"], c.at...), c.shown)
		}
	}
	// What the classes of a request take, and those behind them do not.
	const more = "\n    For further information visit https://errors.pydantic.dev/2.14/v/"
	for _, c := range []struct{ views, problem string }{
		{mapping(`{"x_axis":{"field":"f","data_type":"nope"}}`), "1 validation error for FieldMapping\ndata_type\n  Input should be 'numerical', 'temporal' or 'categorical' [type=enum, input_value='nope', input_type=str]" + more + "enum"},
		{mapping(`{"y_axes":[{"field":"f"},{"field":"f","data_type":"Numerical"}]}`), "1 validation error for FieldMapping\ndata_type\n  Input should be 'numerical', 'temporal' or 'categorical' [type=enum, input_value='Numerical', input_type=str]" + more + "enum"},
		{mapping(`{"series_field":{"field":"f","data_type":" "},"columns":[{"field":"","label":""}]}`), "1 validation error for FieldMapping\ndata_type\n  Input should be 'numerical', 'temporal' or 'categorical' [type=enum, input_value=' ', input_type=str]" + more + "enum"},
		{mapping(`{"columns":[{"field":"f","label":"l"},{"field":"","label":""},{"field":"f","label":""}]}`), "3 validation errors for DataMapping\n" +
			"columns.1.field\n  Input should be a valid string [type=string_type, input_value=None, input_type=NoneType]" + more + "string_type\n" +
			"columns.1.label\n  Input should be a valid string [type=string_type, input_value=None, input_type=NoneType]" + more + "string_type\n" +
			"columns.2.label\n  Input should be a valid string [type=string_type, input_value=None, input_type=NoneType]" + more + "string_type"},
		{chart(`{"area_stacking_type":"nope"}`), "1 validation error for ChartConfig\narea_stacking_type\n  Input should be 'normal' or 'gradient' [type=literal_error, input_value='nope', input_type=str]" + more + "literal_error"},
		{chart(`{"area_stacking_type":""}`), "1 validation error for ChartConfig\narea_stacking_type\n  Input should be 'normal' or 'gradient' [type=literal_error, input_value='', input_type=str]" + more + "literal_error"},
		{widget(`"metric_id":null,"metric":{"data_model_id":"` + nowhere + `","name":"m","public":null}`), "1 validation error for SemanticMetric\npublic\n  Input should be a valid boolean [type=bool_type, input_value=None, input_type=NoneType]" + more + "bool_type"},
	} {
		before := b.ask(t, "GET", path, nil, 200, "")
		n := len(b.list(t))
		s.ask(t, "POST", "/dashboards", b.body().with("views", c.views), 500, s.uncaught(c.problem))
		s.ask(t, "PUT", path, fields{}.with("name", `"changed"`).with("views", c.views), 500, c.problem)
		if after := b.ask(t, "GET", path, nil, 200, ""); after.String() != before.String() || len(b.list(t)) != n {
			t.Errorf("refused, %s makes %s", c.views, after)
		}
	}
	// Texts of views, sections and widgets are in JSON, and any is stored.
	for _, text := range append(slices.Clone(textsOfDashboards), `""`, `"a\u0000b"`, `"`+strings.Repeat("z", 10000)+`"`) {
		alias := strings.TrimSuffix(strings.TrimPrefix(text, `"`), `"`)
		sent := strings.ReplaceAll(`[{"alias":"v","title":"v"},{"alias":"~","title":"~","description":"~","context_id":"~","layout":{"layout_type":"~"},"sections":[{"alias":"~","title":"~","description":"~","position":0,"widgets":[`+
			`{"alias":"~","section_alias":"~","title":"~","description":"~","position":0,"metric_id":"`+nowhere+`","grid_config":{},"metric_overrides":{"context_id":"~"},"visualization":{"type":"gauge","custom_colors":["~"],`+
			`"data_mapping":{"x_axis":{"field":"~","label":"~"},"series_field":{"field":"~","label":"~"}},"single_value_config":{"prefix":"~","suffix":"~","trend_period":"~","selection_config":{"aggregate_by":"~","delimiter":"~"}},`+
			`"gauge_config":{"gauge_type":"~"}}}]}]}]`, "~", alias)
		made := b.once(t, b.body().with("views", sent))
		changed := b.put(t, path, fields{}.with("views", sent))
		for _, answer := range []fields{made, changed} {
			if !holds(t, answer["views"], json.RawMessage(sent)) {
				t.Errorf("%.1000s becomes %.1000s", sent, answer["views"])
			}
		}
	}
	s.contractDashboardJSON(t)
}

// contractDashboardJSON is about parts that can be any JSON, and numbers.
func (s *suite) contractDashboardJSON(t *testing.T) {
	t.Helper()
	b := s.boards("JSON of dashboards")
	_, path := b.make(t, b.body())
	leaves := map[string]struct {
		value func(string) string
		at    []any
	}{
		"frontend_config": {func(v string) string { return `[{"alias":"v","title":"t","layout":{"frontend_config":` + v + `}}]` }, []any{0, "layout", "frontend_config"}},
		"color_ranges": {func(v string) string {
			return visualized(`{"type":"gauge","data_mapping":{},"gauge_config":{"color_ranges":[` + v + `]}}`)
		}, []any{0, "sections", 0, "widgets", 0, "visualization", "gauge_config", "color_ranges", 0}},
		"filters": {func(v string) string {
			return views(aView("v", aSection("s", aWidget("w", `"metric_overrides":{"filters":`+v+`}`))))
		}, []any{0, "sections", 0, "widgets", 0, "metric_overrides", "filters"}},
		"parameters": {func(v string) string {
			return views(aView("v", aSection("s", aWidget("w", `"metric_overrides":{"parameters":`+v+`}`))))
		}, []any{0, "sections", 0, "widgets", 0, "metric_overrides", "parameters"}},
	}
	for name, leaf := range leaves {
		for _, c := range append(slices.Clone(objects), struct{ sent, text, binary string }{`{"\ud800":1}`, "{\"\ufffd\ufffd\ufffd\":1}", ""}) {
			if made := b.once(t, b.body().with("views", leaf.value(c.sent))); at(t, made["views"], leaf.at...) != c.text {
				t.Errorf("%s %s is created as %s", name, c.sent, at(t, made["views"], leaf.at...))
			}
			if changed := b.put(t, path, fields{}.with("views", leaf.value(c.sent))); at(t, changed["views"], leaf.at...) != c.text {
				t.Errorf("a PUT of %s %s makes %s", name, c.sent, at(t, changed["views"], leaf.at...))
			}
		}
		for _, c := range lostUpdates { // here none is
			b.put(t, path, fields{}.with("views", leaf.value(c.old)))
			want := b.once(t, b.body().with("views", leaf.value(c.new)))
			if after := b.put(t, path, fields{}.with("views", leaf.value(c.new))); at(t, after["views"], leaf.at...) != at(t, want["views"], leaf.at...) {
				t.Errorf("a PUT of %s %s after %s makes %s", name, c.new, c.old, at(t, after["views"], leaf.at...))
			}
		}
		for _, infinite := range []struct{ value, token string }{{"1e400", "Infinity"}, {"-1e400", "-Infinity"}, {"NaN", "NaN"}} {
			sent := leaf.value(`{"k":[` + infinite.value + `]}`)
			if s.noNumber {
				if made := b.once(t, b.body().with("views", sent)); at(t, made["views"], leaf.at...) != `{"k":[null]}` {
					t.Errorf("%s in %s is created as %s", infinite.value, name, made["views"])
				}
				b.put(t, path, fields{}.with("views", sent))
				continue
			}
			refusal := "(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"" + infinite.token + "\" is invalid.\nCONTEXT:  JSON data, line 1: …"
			s.ask(t, "POST", "/dashboards", b.body().with("views", sent), 500, s.uncaught(refusal))
			s.ask(t, "PUT", path, fields{}.with("views", sent), 500, refusal)
		}
	}
	// Python's floats, which are stored as text.
	number := []any{0, "sections", 0, "widgets", 0, "visualization", "gauge_config", "target_value"}
	target := func(v string) string {
		return visualized(`{"type":"gauge","data_mapping":{},"gauge_config":{"target_value":` + v + `}}`)
	}
	for sent, shown := range map[string]string{`1`: "1.0", `1.50`: "1.5", `1e3`: "1000.0", `1e22`: "1e+22", `1e-7`: "1e-07", `-0.0`: "-0.0", `9007199254740993`: "9007199254740992.0", `123456789012345678901234567890`: "1.2345678901234568e+29",
		`3.14159265358979323846`: "3.141592653589793", `true`: "1.0", `"1"`: "1.0"} {
		if made := b.once(t, b.body().with("views", target(sent))); at(t, made["views"], number...) != shown {
			t.Errorf("target_value %s is created as %s", sent, at(t, made["views"], number...))
		}
		if changed := b.put(t, path, fields{}.with("views", target(sent))); at(t, changed["views"], number...) != shown {
			t.Errorf("a PUT of target_value %s makes %s", sent, at(t, changed["views"], number...))
		}
	}

	// What nothing can show is stored all the same, and then the list is lost.
	poison := map[string]string{"a tag": `["\ud800"]`, "a text": `[{"alias":"v","title":"\ud800"}]`, "a key": leaves["parameters"].value(`{"k":[{"\ud800":1}]}`), "a value": leaves["filters"].value(`{"k":"\udfff"}`)}
	for _, number := range []string{"1e400", `"-inf"`, "NaN"} {
		poison["the number "+number] = target(number)
		poison["the width "+number] = visualized(`{"type":"bar_chart","data_mapping":{},"chart_config":{"bar_width":` + number + `}}`)
	}
	for what, value := range poison {
		sent := fields{}.with("views", value)
		if !s.noNumber && strings.HasPrefix(what, "the ") {
			s.ask(t, "PUT", path, sent, 500, "(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\n…")
			continue
		}
		p := s.boards("poisoned dashboards, " + what)
		_, poisoned := p.make(t, p.body())
		if what == "a tag" {
			sent = fields{}.with("tags", value)
		}
		s.ask(t, "PUT", poisoned, sent, 500, "Internal Server Error")
		s.ask(t, "GET", poisoned, nil, 500, "Internal Server Error")
		s.ask(t, "GET", "/environments/"+p.env+"/dashboards", nil, 500, "Internal Server Error")
		p.put(t, poisoned, fields{}.with("views", "[]").with("tags", "[]"))
		body := p.body()
		for field, value := range sent {
			body = body.with(field, string(value))
		}
		s.ask(t, "POST", "/dashboards", body, 500, "Internal Server Error")
		s.ask(t, "GET", "/environments/"+p.env+"/dashboards", nil, 500, "Internal Server Error")
		s.ask(t, "POST", "/dashboards", body.with("views", "").with("tags", ""), s.taken, "Dashboard with name 'b2' already exists in environment "+p.env) // it is there
	}
}

const (
	locView    = "'views', 0"
	locSection = locView + ", 'sections', 0"
	locWidget  = locSection + ", 'widgets', 0"
	locChart   = locWidget + ", 'visualization'"
	modes      = "first|last|nth|aggregate|concat|min|max|mean|median|mode"
)

// chartPart is one of the parts of a visualization.
func chartPart(in, loc string, o fields, kinds string) metricPart {
	return metricPart{"views", views(aView("v", aSection("s", aWidget("w", `"visualization":{"type":"table","data_mapping":{},`+in+"}")))), locChart + ", " + loc, o, kinds}
}

var dashboardParts = []metricPart{
	{"views", "[%s]", locView, object(`"alias":"v","title":"t"`), "alias:text! title:text! description:text sections:list context_id:text layout:object"},
	{"views", `[{"alias":"v","title":"t","layout":%s}]`, locView + ", 'layout'", fields{}, "layout_type:text frontend_config:dict"},
	{"views", views(aView("v", "%s")), locSection, object(`"alias":"s","position":0,"widgets":[]`), "alias:text! title:text description:text position:int! widgets:list!"},
	{"views", views(aView("v", aSection("s", "%s"))), locWidget, fieldsOf(aWidget("w", "")), "alias:text! section_alias:text! metric:object position:int! grid_config:object! title:text! description:text " +
		"visualization:object! metric_overrides:object"},
	{"views", views(aView("v", aSection("s", aWidget("w", `"grid_config":%s`)))), locWidget + ", 'grid_config'", fields{}, "columns:int= rows:int= min_columns:int min_rows:int"},
	{"views", views(aView("v", aSection("s", aWidget("w", `"metric_overrides":%s`)))), locWidget + ", 'metric_overrides'", fields{}, "context_id:text filters:dict parameters:dict limit:int"},
	{"views", views(aView("v", aSection("s", aWidget("w", `"visualization":%s`)))), locChart, object(`"type":"table","data_mapping":{}`), "type:single_value|gauge|bar_chart|line_chart|area_chart|pie_chart|donut_chart|scatter_plot|box_plot|heatmap|table! " +
		"data_mapping:object! chart_config:object single_value_config:object gauge_config:object show_legend:bool= show_grid:bool= show_axes_labels:bool= " +
		"color_scheme:default|blue|green|red|purple|orange|categorical|sequential|diverging custom_colors:texts"},
	chartPart(`"data_mapping":%s`, "'data_mapping'", fields{}, "x_axis:object y_axes:list value_field:object category_field:object series_field:object columns:list"),
	chartPart(`"data_mapping":{"x_axis":%s}`, "'data_mapping', 'x_axis'", object(`"field":"f"`), "field:text! data_type:text label:text required:bool"),
	chartPart(`"data_mapping":{"y_axes":[%s]}`, "'data_mapping', 'y_axes', 0", object(`"field":"f"`), "field:text! data_type:text label:text required:bool"),
	chartPart(`"data_mapping":{"value_field":%s}`, "'data_mapping', 'value_field'", object(`"field":"f"`), "field:text! data_type:text label:text required:bool"),
	chartPart(`"data_mapping":{"category_field":%s}`, "'data_mapping', 'category_field'", object(`"field":"f"`), "field:text! data_type:text label:text required:bool"),
	chartPart(`"data_mapping":{"series_field":%s}`, "'data_mapping', 'series_field'", object(`"field":"f"`), "field:text! data_type:text label:text required:bool"),
	chartPart(`"data_mapping":{"columns":[%s]}`, "'data_mapping', 'columns', 0", object(`"field":"f","label":"l"`), "field:text! label:text! width:int sortable:bool= filterable:bool= alignment:text"),
	chartPart(`"chart_config":%s`, "'chart_config'", fields{}, "show_points:bool line_width:int bar_width:float stack_bars:bool= smooth_lines:bool= area_stacking_type:text"),
	chartPart(`"single_value_config":%s`, "'single_value_config'", fields{}, "number_format:integer|decimal|percentage|currency|abbreviated|scientific prefix:text suffix:text show_comparison:bool= show_trend:bool= trend_period:text "+
		"show_sparkline:bool= show_title:bool= show_description:bool= compact_mode:bool= selection_mode:"+modes+" selection_config:object"),
	chartPart(`"single_value_config":{"selection_config":%s}`, "'single_value_config', 'selection_config'", fields{}, "n:int aggregate_by:text delimiter:text"),
	chartPart(`"gauge_config":%s`, "'gauge_config'", fields{}, "min_value:float= max_value:float= target_value:float color_ranges:list show_value:bool= show_target:bool= gauge_type:text= thickness:int= selection_mode:"+modes+" selection_config:object"),
	chartPart(`"gauge_config":{"selection_config":%s}`, "'gauge_config', 'selection_config'", fields{}, "n:int aggregate_by:text delimiter:text"),
}

// contractDashboardFields sends each field of each part wrongly, as null and not at all.
func contractDashboardFields(t *testing.T, s *suite) {
	b := s.boards("fields of dashboards")
	_, path := b.make(t, b.body())
	in := func(p metricPart, objects ...string) fields {
		return b.body().with(p.field, fmt.Sprintf(p.value, strings.Join(objects, ",")))
	}
	change := func(body fields) { s.ask(t, "PUT", path, body, 200, "") }
	refuse := func(body fields, refusal string) {
		t.Helper()
		s.ask(t, "POST", "/dashboards", body, 400, refusal)
		s.ask(t, "PUT", path, fields{}.with("views", string(body["views"])), 400, refusal)
	}
	s.contractParts(t, dashboardParts, in, change, refuse, change)

	refused := func(body fields, problem string) {
		t.Helper()
		s.ask(t, "POST", "/dashboards", body, 400, problem)
	}
	for _, field := range []string{"environment_id", "name", "type"} {
		refused(b.body().with(field, ""), missing(field))
	}
	kinds := "'executive', 'operational', 'analytical' or 'tactical'"
	kind := func(shown string) string {
		return `[{'type': 'enum', 'loc': ('body', 'type'), 'msg': "Input should be ` + kinds + `", 'input': ` + shown + `, 'ctx': {'expected': "` + kinds + `"}}]`
	}
	refused(b.body().with("type", `"Tactical"`), kind("'Tactical'"))
	refused(b.body().with("type", `null`), kind("None"))
	s.ask(t, "PUT", path, fields{}.with("type", `1`), 400, kind("1"))
	refused(b.body().with("default_view_index", "null"), wrongType("default_view_index", "int_type", "Input should be a valid integer", "None"))
	refused(b.body().with("default_view_index", `"x"`), wrongType("default_view_index", "int_parsing", "Input should be a valid integer, unable to parse string as an integer", "'x'"))
	for _, field := range []string{"tags", "views"} {
		refused(b.body().with(field, "{}"), wrongType(field, "list_type", "Input should be a valid list", "{}"))
		s.ask(t, "PUT", path, fields{}.with(field, `"x"`), 400, wrongType(field, "list_type", "Input should be a valid list", "'x'"))
	}
	refused(b.body().with("views", views(aView("v", aSection("s", aWidget("w", `"metric_id":"x"`))))), "[{'type': 'uuid_parsing', 'loc': ('body', "+locWidget+", 'metric_id'), 'msg': 'Input should be a valid UUID, "+
		"invalid character: found `x` at 0', 'input': 'x', 'ctx': {'error': 'invalid character: found `x` at 0'}}]")
	refused(b.body().with("alias", "1"), noText("alias", "1"))
	s.ask(t, "PUT", path, fields{}.with("alias", "1"), 400, noText("alias", "1"))
	s.ask(t, "PUT", path, fields{}.with("default_view", "1"), 400, noText("default_view", "1"))
	refused(b.body().with("tags", `["a",null]`), "[{'type': 'string_type', 'loc': ('body', 'tags', 1), 'msg': 'Input should be a valid string', 'input': None}]")

	// A widget has one metric. That is asked when all of its fields are right.
	metric := `{"data_model_id":"` + nowhere + `","name":"m"}`
	for _, c := range []struct{ with, problem string }{
		{`"metric_id":null`, "Must provide either metric_id or metric"},
		{`"metric":` + metric, "Cannot provide both metric_id and metric; provide exactly one"},
	} {
		widget := views(aView("v", aSection("s", aWidget("a", ""), aWidget("w", c.with))))
		refusal := "[{'type': 'value_error', 'loc': ('body', " + locSection + ", 'widgets', 1), 'msg': 'Value error, " + c.problem + "', 'input': {'alias': 'w', 'section_alias': 's', …"
		refused(b.body().with("views", widget), refusal)
		s.ask(t, "PUT", path, fields{}.with("views", widget), 400, refusal)
		refused(b.body().with("views", views(aView("v", aSection("s", aWidget("a", c.with+`,"title":1`))))), "[{'type': 'string_type', 'loc': ('body', "+locWidget+", 'title'), 'msg': 'Input should be a valid string', 'input': 1}]")
	}
	_, answer := s.Do("POST", "/dashboards", b.body().with("views", `[{"alias":"v","title":"V","sections":[{"alias":"s","position":0,"widgets":[{"alias":"it's","section_alias":"s","position":0,"grid_config":{},"title":"W","visualization":{"type":"table","data_mapping":{}}},null]}]},1]`).json())
	if want := `[{'type': 'value_error', 'loc': ('body', 'views', 0, 'sections', 0, 'widgets', 0), 'msg': 'Value error, Must provide either metric_id or metric', 'input': {'alias': "it's", 'section_alias': 's', 'position': 0, ` +
		`'grid_config': {}, 'title': 'W', 'visualization': {'type': 'table', 'data_mapping': {}}}, 'ctx': {'error': ValueError('Must provide either metric_id or metric')}}, ` +
		`{'type': 'model_attributes_type', 'loc': ('body', 'views', 0, 'sections', 0, 'widgets', 1), 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': None}, ` +
		`{'type': 'model_attributes_type', 'loc': ('body', 'views', 1), 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': 1}]`; string(answer) != want {
		t.Errorf("a widget without a metric is refused with\n%s\nwant\n%s", answer, want)
	}
	refused(b.body().with("views", views(aView("v", aSection("s", aWidget("w", `"metric_id":null,"metric":{"name":1,"measures":[{}]}`))))),
		"[{'type': 'missing', 'loc': ('body', "+locWidget+", 'metric', 'data_model_id'), 'msg': 'Field required', 'input': {'name': 1, 'measures': [{}]}}, {'type': 'string_type', 'loc': ('body', "+locWidget+", 'metric', 'name'), 'msg': 'Input should be a valid string', 'input': 1}, "+
			"{'type': 'missing', 'loc': ('body', "+locWidget+", 'metric', 'measures', 0, 'name'), …")
}

// contractEmbeddedMetrics is about widgets with a metric of their own.
func contractEmbeddedMetrics(t *testing.T, s *suite) {
	b := s.boards("embedded metrics")
	with := func(metric string) string {
		return views(aView("v", aSection("s", aWidget("w", `"metric_id":null,"metric":`+metric))))
	}
	in := []any{0, "sections", 0, "widgets", 0, "metric"}
	least := with(`{"data_model_id":"` + nowhere + `","name":"m","id":"` + none + `","version":7,"is_valid":true,"created_at":"2000-01-01T00:00:00"}`)
	made, path := b.make(t, b.body().with("views", least))
	shown := strings.NewReplacer("<k>", "<id>", "<env>", b.env, "<dm>", nowhere, `"name":"k"`, `"name":"m"`, `"validation_errors":[]`, `"validation_errors":null`, `"data_model_name":"dm"`, `"data_model_name":null`, "<time>\"", "<time>Z\"").Replace(shownMetric)
	known := ids{"env": b.env, "dm": nowhere}
	if got := s.show(known, at(t, made["views"], in...)); got != s.show(known, shown) {
		t.Errorf("an embedded metric is created as\n%s\nwant\n%s", got, s.show(known, shown))
	}
	// It has the same id until it is sent again.
	id := func(answer fields) string { return at(t, answer["views"], append(in, "id")...) }
	kept := b.put(t, path, fields{}.with("description", `"d"`))
	again := b.put(t, path, fields{}.with("views", least))
	if id(kept) != id(made) || id(again) == id(made) {
		t.Errorf("the ids of an embedded metric are %s, %s without and %s with views in a PUT", id(made), id(kept), id(again))
	}
	if read := b.put(t, path, again); id(read) == id(again) || s.show(nil, string(read["views"])) != s.show(nil, string(again["views"])) {
		t.Errorf("a PUT of all that was read makes %s of %s", read, again)
	}

	var full fields
	data, err := os.ReadFile(filepath.Join("testdata", "maximal-metric.json"))
	if err == nil {
		err = json.Unmarshal(data, &full)
	}
	if err != nil {
		t.Fatal(err)
	}
	full = full.with("data_model_id", strconv.Quote(nowhere)).with("extends", strconv.Quote(nowhere)).with("data_source_id", strconv.Quote(nowhere))
	made, _ = b.make(t, b.body().with("views", with(full.json().(string))))
	changed := b.put(t, path, fields{}.with("views", with(full.json().(string))))
	for field, sent := range full {
		for _, answer := range []fields{made, changed} {
			switch shown := at(t, answer["views"], append(in, field)...); {
			case field == "extends":
				if shown != "" {
					t.Errorf("extends is shown as %s", shown)
				}
			case !holds(t, json.RawMessage(shown), sent):
				t.Errorf("%s %s of an embedded metric becomes %s", field, sent, shown)
			}
		}
	}
}

// contractDashboardMerges is about what an update keeps of the views that it replaces.
func contractDashboardMerges(t *testing.T, s *suite) {
	b := s.boards("merges of dashboards")
	w := func(alias string) string { return aWidget(alias, "") }
	before := views(aView("a", aSection("s", w("1"), w("2")), aSection("t", w("3"))), aView("b", aSection("s", w("1"))))
	for _, c := range []struct{ sent, want string }{
		{before, "a(s(1 2) t(3)) b(s(1))"},
		{views(aView("a")), "a(default() s(1 2) t(3))"},
		{views(aView("a", aSection("s"))), "a(s(1 2) t(3))"},
		{views(aView("a", aSection("s", w("2")))), "a(s(2 1) t(3))"},
		{views(aView("a", aSection("t"), aSection("s", w("4"), w("2"), w("1")))), "a(t(3) s(4 2 1))"},
		{views(aView("a", aSection("s", w("2")), aSection("t", w("1"), w("3")))), "a(s(2 1) t(1 3))"}, // moved, 1 is there twice
		{views(aView("a", aSection("u", w("1"), w("2"), w("3")))), "a(u(1 2 3) s(1 2) t(3))"},
		{views(aView("b", aSection("t", w("1"))), aView("a")), "b(t(1) s(1)) a(default() s(1 2) t(3))"},
		{views(aView("c", aSection("s", w("5")))), "c(s(5))"},
		{"[]", "default(default())"},
		{views(aView("a", aSection("s", w("1"), w("1")), aSection("s", w("3"))), aView("a")), "a(s(1 1 2) s(3 1 2) t(3)) a(default() s(1 2) t(3))"},
		{"null", "a(s(1 2) t(3)) b(s(1))"},
	} {
		_, path := b.make(t, b.body().with("views", before))
		if got := anatomy(t, b.put(t, path, fields{}.with("views", c.sent))); got != c.want {
			t.Errorf("a PUT of %s makes %s, want %s", c.sent, got, c.want)
		}
	}
	// Of several that have one alias, the first counts; an update without views merges them with it.
	twins := views(aView("a", aSection("s", w("1"))), aView("a", aSection("s", w("2")), aSection("t")), aView("b", aSection("s"), aSection("s", w("3"))))
	made, path := b.make(t, b.body().with("views", twins))
	if got := anatomy(t, made); got != "a(s(1)) a(s(2) t()) b(s() s(3))" {
		t.Errorf("twins are created as %s", got)
	}
	if got := anatomy(t, b.put(t, path, fields{})); got != "a(s(1)) a(s(2 1) t()) b(s() s(3))" {
		t.Errorf("a PUT of nothing makes %s of twins", got)
	}

	// Of a widget that is replaced, what is mapped and the config of its chart stay if the update does not say them.
	full := `{"type":"bar_chart","data_mapping":{"x_axis":{"field":"x","data_type":"temporal","required":true},"y_axes":[{"field":"y"}],"series_field":{"field":"s"},"columns":[{"field":"c","label":"l"}]},` +
		`"chart_config":{"line_width":7},"single_value_config":{"prefix":"p"},"gauge_config":{"max_value":7},"show_legend":false,"color_scheme":"red","custom_colors":["c"]}`
	whole := func(visualization string) string {
		return `[{"alias":"v","title":"t","description":"d","context_id":"c","layout":{"layout_type":"l"},"sections":[{"alias":"s","title":"t","description":"d","position":7,"widgets":[` +
			aWidget("w", `"position":7,"description":"d","grid_config":{"rows":7},"metric_overrides":{"limit":7},"visualization":`+visualization) + `]}]}]`
	}
	made, path = b.make(t, b.body().with("views", whole(full)))
	kept := b.put(t, path, fields{}.with("views", visualized(`{"type":"table","data_mapping":{}}`)))
	chart := []any{0, "sections", 0, "widgets", 0, "visualization"}
	for _, part := range []string{"data_mapping", "chart_config"} {
		was, is := at(t, made["views"], append(chart, part)...), at(t, kept["views"], append(chart, part)...)
		if is != was {
			t.Errorf("a PUT without makes %s of %s", is, was)
		}
	}
	want := strings.NewReplacer(`"bar_chart"`, `"table"`, shownMapping, at(t, made["views"], append(chart, "data_mapping")...), `"chart_config":null`, `"chart_config":`+at(t, made["views"], append(chart, "chart_config")...)).Replace(shownWidget)
	if got := at(t, kept["views"], 0, "sections", 0, "widgets", 0); got != want {
		t.Errorf("a PUT of little makes\n%s\nwant\n%s", got, want)
	}
	if got, want := s.show(nil, at(t, kept["views"], 0)), `{"alias":"v","title":"V","description":null,"sections":[{"alias":"s","title":null,"description":null,"position":0,"widgets":[`+s.show(nil, want)+`]}],"context_id":null,"layout":null,`+viewTimes; got != want {
		t.Errorf("a PUT of little makes\n%s\nwant\n%s", got, want)
	}
	for _, c := range []struct{ mapping, kept string }{ // each for itself
		{`{"x_axis":{"field":"new"}}`, "new y s c"}, {`{"y_axes":[{"field":"new"}],"columns":[]}`, "x new s c"}, {`{"y_axes":[],"series_field":{"field":"new"}}`, "x y new c"}, {`{"x_axis":null,"columns":[{"field":"new","label":"l"}]}`, "x y s new"},
	} {
		_, path := b.make(t, b.body().with("views", whole(full)))
		changed := b.put(t, path, fields{}.with("views", visualized(`{"type":"table","data_mapping":`+c.mapping+`,"chart_config":{"stack_bars":true}}`)))
		field := func(steps ...any) string {
			return strings.Trim(at(t, changed["views"], append(append(slices.Clone(chart), "data_mapping"), append(steps, "field")...)...), `"`)
		}
		got := strings.Join([]string{field("x_axis"), field("y_axes", 0), field("series_field"), field("columns", 0)}, " ")
		if config := at(t, changed["views"], append(chart, "chart_config")...); got != c.kept || config != strings.Replace(shownChart, `"stack_bars":false`, `"stack_bars":true`, 1) {
			t.Errorf("a PUT of %s makes %s with %s, want %s", c.mapping, got, config, c.kept)
		}
	}

	// Two updates replace everything, but for the placeholder's name.
	made, path = b.make(t, b.body().with("views", whole(full)).with("tags", `["t"]`))
	middle := b.put(t, path, fields{}.with("views", views(aView("__replace"))))
	if middle.text("default_view") != "v" || anatomy(t, middle) != "__replace(default())" {
		t.Errorf("the first of two PUTs makes %s", middle)
	}
	after := b.put(t, path, fields{}.with("views", views(aView("v", aSection("s", aWidget("w", ""))), aView("x"))).with("default_view", `"x"`))
	fresh, _ := b.make(t, b.body().with("views", views(aView("v", aSection("s", aWidget("w", ""))), aView("x"))).with("default_view_index", "1").with("tags", `["t"]`))
	for field, want := range fresh {
		same := slices.Contains([]string{"id", "name", "created_by", "created_at"}, field)
		if got := s.show(nil, string(after[field])); same && string(after[field]) != string(made[field]) || !same && got != s.show(nil, string(want)) {
			t.Errorf("two PUTs make %s %s, want %s", field, got, want)
		}
	}
	// The first of them may have all the content under other aliases, so that there is some at any time.
	_, path = b.make(t, b.body().with("views", whole(full)).with("tags", `["t"]`))
	middle = b.put(t, path, fields{}.with("views", views(aView("new v", aSection("s", aWidget("w", ""))), aView("new x"))).with("default_view", `"new x"`))
	after = b.put(t, path, fields{}.with("views", views(aView("v", aSection("s", aWidget("w", ""))), aView("x"))).with("default_view", `"x"`))
	if anatomy(t, middle) != "new v(s(w)) new x(default())" || middle.text("default_view") != "new x" || s.show(nil, string(after["views"])) != s.show(nil, string(fresh["views"])) {
		t.Errorf("two PUTs of all make\n%s\nand\n%s", middle, after)
	}
	// Deleted, a widget leaves nothing that an update could restore.
	_, path = b.make(t, b.body().with("views", whole(full)))
	s.ask(t, "DELETE", path+"/views/v/widgets/w", nil, 200, "")
	again := b.put(t, path, fields{}.with("views", views(aView("v", aSection("s", aWidget("w", ""))))))
	if got := at(t, again["views"], 0, "sections", 0, "widgets"); got != "["+shownWidget+"]" {
		t.Errorf("deleted and sent again, a widget is %s", got)
	}
	// What was read can be sent, and makes new times for views alone. Without views they stay.
	made, path = b.make(t, b.body().with("views", whole(full)))
	same := b.put(t, path, made)
	kept = b.put(t, path, fields{}.with("name", `"kept"`))
	if string(same["views"]) == string(made["views"]) || s.show(nil, string(same["views"])) != s.show(nil, string(made["views"])) || string(kept["views"]) != string(same["views"]) {
		t.Errorf("of %s a PUT of all makes\n%s\nand one of the name\n%s", made["views"], same["views"], kept["views"])
	}
}

// contractDashboardHelpers is about the deletion of a widget and the setting of the default view.
func contractDashboardHelpers(t *testing.T, s *suite) {
	b := s.boards("helpers of dashboards")
	w := func(alias string) string { return aWidget(alias, "") }
	made, path := b.make(t, b.body().with("views", views(aView("a", aSection("s", w("1"), w("2")), aSection("t", w("2"), w("ä/ö"))), aView("b", aSection("s", w("1"))))))
	for _, c := range []struct{ view, widget, want string }{{"a", "2", "a(s(1) t(2 ä/ö)) b(s(1))"}, {"a", "2", "a(s(1) t(ä/ö)) b(s(1))"}, {"b", "1", "a(s(1) t(ä/ö)) b(s())"}} {
		answer := s.ask(t, "DELETE", path+"/views/"+c.view+"/widgets/"+c.widget, nil, 200, "")
		if got := anatomy(t, answer); got != c.want || answer.text("updated_at") <= made.text("updated_at") {
			t.Errorf("the deletion of %s in %s leaves %s, want %s", c.widget, c.view, got, c.want)
		}
		b.agree(t, path, answer)
	}
	notFound, noView := "404: Widget '1' not found in view 'b'", "Dashboard view with ID c does not exist in the database"
	missing := "Dashboard with ID " + none + " does not exist in the database"
	unread := missing
	if s.Release() == Head {
		notFound, unread = strings.TrimPrefix(notFound, "404: "), "Dashboard with ID "+none+" not found"
	}
	s.ask(t, "DELETE", path+"/views/b/widgets/1", nil, 500, notFound)
	s.ask(t, "DELETE", path+"/views/c/widgets/1", nil, s.missing, noView)
	s.ask(t, "DELETE", "/dashboards/"+none+"/views/b/widgets/1", nil, s.missing, unread)
	s.ask(t, "DELETE", path+"/views/a/widgets/%C3%A4%2F%C3%B6", nil, 404, "Not Found")

	// It looks for the id of a view, which none has: for Python, that is None.
	id := made.text("id")
	for _, alias := range []string{"b", "", id} {
		s.ask(t, "POST", path+"/default-view", fields{}.with("view_alias", strconv.Quote(alias)), s.missing, fmt.Sprintf("View %s does not belong to dashboard %s and cannot be set as default", alias, id))
	}
	answer := s.ask(t, "POST", path+"/default-view", fields{}.with("view_alias", `"None"`), 200, "")
	if answer.text("default_view") != "None" {
		t.Errorf("the default view is %s", answer["default_view"])
	}
	b.agree(t, path, answer)
	s.ask(t, "POST", "/dashboards/"+none+"/default-view", fields{}.with("view_alias", `"b"`), s.missing, missing)
	s.ask(t, "POST", path+"/default-view", fields{}, 400, "[{'type': 'missing', 'loc': ('body', 'view_alias'), 'msg': 'Field required', 'input': {}}]")
	s.ask(t, "POST", path+"/default-view", fields{}.with("view_alias", "null"), 400, noText("view_alias", "None"))
}

// contractDashboardRuns is about dashboards and views, none of which Cortex can run.
func contractDashboardRuns(t *testing.T, s *suite) {
	status := 400
	if s.Release() == Head {
		status = 500
	}
	b := s.boards("runs of dashboards")
	made, path := b.make(t, b.body().with("views", views(aView("empty"), aView(nowhere), aView("full", aSection("s"), aSection("t", aWidget("w", ""))), aView("ä ö"))))
	const more = "\n    For further information visit https://errors.pydantic.dev/2.14/v/"
	failed := "Failed to execute dashboard " + made.text("id") + ": "
	noData := failed + "1 validation error for StandardChartData\nmetadata.data_types\n  Field required [type=missing, input_value={}, input_type=dict]" + more + "missing"
	noID := func(view, msg string) string {
		return failed + "1 validation error for DashboardViewExecutionResult\nview_id\n  Input should be a valid UUID, " + msg + " [type=uuid_parsing, input_value='" + view + "', input_type=str]" + more + "uuid_parsing"
	}
	for _, c := range []struct{ view, problem string }{
		{"full", noData},
		{"empty", noID("empty", "invalid character: found `m` at 1")},
		{"ä ö", noID("ä ö", "invalid character: found `ä` at 0")},
	} {
		escaped := strings.NewReplacer("ä", "%C3%A4", "ö", "%C3%B6", " ", "%20").Replace(c.view)
		s.ask(t, "POST", path+"/views/"+escaped+"/execute", nil, status, c.problem)
		s.ask(t, "POST", path+"/views/"+escaped+"/execute", fields{}.with("x", "1"), status, c.problem)
		s.ask(t, "POST", path+"/execute?view_alias="+escaped, nil, status, failed+c.problem)
	}
	s.ask(t, "POST", path+"/execute", nil, status, failed+noID("empty", "invalid character: found `m` at 1"))
	s.ask(t, "POST", path+"/execute?view_alias=", fields{}, status, failed+noID("empty", "invalid character: found `m` at 1"))
	if s.Release() != Head { // about which nobody knows
		s.ask(t, "POST", path+"/views/"+nowhere+"/execute", nil, 500, "1 validation error for DashboardViewExecutionResponse\nview_alias\n  Field required [type=missing, input_value={'view_id': UUID('0000000…")
		s.ask(t, "POST", path+"/execute?view_alias="+nowhere, nil, 500, "2 validation errors for DashboardExecutionResponse\nview_alias\n  Field required [type=missing, input_value={'dashboard_id': UUID('…")
	}
	s.ask(t, "POST", path+"/views/none/execute", nil, status, failed+"Dashboard view with ID none does not exist in the database")
	s.ask(t, "POST", path+"/execute?view_alias=none", nil, status, failed+"Dashboard view with ID none does not exist in the database")
	gone := fmt.Sprintf("Failed to execute dashboard %s: Dashboard with ID %[1]s does not exist in the database", none)
	s.ask(t, "POST", "/dashboards/"+none+"/execute", nil, status, gone)
	s.ask(t, "POST", "/dashboards/"+none+"/views/v/execute", nil, status, gone)
	s.ask(t, "POST", "/dashboards/x/views/v/execute", nil, 400, "[{'type': 'uuid_parsing', 'loc': ('path', 'dashboard_id'), 'msg': 'Input should be a valid UUID, …")
	b.put(t, path, fields{}.with("default_view", `"none"`))
	s.ask(t, "POST", path+"/execute", nil, status, failed+"Dashboard view with ID none does not exist in the database")

	// One widget.
	unread := "Dashboard with ID " + none + " does not exist in the database"
	if s.Release() == Head {
		unread = "Dashboard with ID " + none + " not found"
	}
	s.ask(t, "POST", "/dashboards/"+none+"/views/v/widgets/w/execute", nil, s.missing, unread)
	s.ask(t, "POST", path+"/views/none/widgets/w/execute", nil, s.missing, "Dashboard view with ID none does not exist in the database")
	s.ask(t, "POST", path+"/views/full/widgets/x/execute", nil, status, "Failed to execute widget x: Widget not found")
	if s.metricsWork {
		s.ask(t, "POST", path+"/views/full/widgets/w/execute", nil, 500, "Metric with ID "+nowhere+" not found")
	}
}

// contractWidgets runs widgets of testdata, about a file and a server. Below the name of each metric, which begins with #, are its fields, and for each
// visualization, which begins with >, the answer of a real Cortex: of the release and kind of database, of the kind, or of all (*). <raw> stands for the
// rows that the first answer shows.
func contractWidgets(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	b := s.boards("results of widgets")
	model, sources := s.CreateDataModel(b.env, map[string]any{"name": "m"}).ID, s.shopSources(t, b.env)
	data, err := os.ReadFile(filepath.Join("testdata", "widgets.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimPrefix(string(data), "# "), "\n\n# ") {
		visualizations := strings.Split(strings.TrimSpace(block), "\n> ")
		name, metric, _ := strings.Cut(visualizations[0], "\n")
		for kind, source := range sources {
			id := s.metric(t, b.env, model, source, metric)
			var widgets []string
			for i, v := range visualizations[1:] {
				visualization, _, _ := strings.Cut(v, "\n")
				widgets = append(widgets, aWidget(fmt.Sprintf("w%d", i), fmt.Sprintf(`"metric_id":%q,"description":"d","metric_overrides":{"limit":1,"filters":{"x":1}},"visualization":%s`, id, visualization)))
			}
			_, path := b.make(t, b.body().with("views", views(aView("v", aSection("s", widgets...)))))
			rows := ""
			for i, v := range visualizations[1:] {
				visualization, answers, _ := strings.Cut(v, "\n")
				alias := fmt.Sprintf("w%d", i)
				status, answer := s.Do("POST", path+"/views/v/widgets/"+alias+"/execute", nil)
				shown := strings.Replace(string(answer), alias, "<alias>", 1)
				if _, raw, _ := strings.Cut(shown, `"raw":`); i == 0 {
					rows, _, _ = strings.Cut(raw, `,"processed":`)
				} else {
					shown = strings.Replace(shown, `"raw":`+rows+",", `"raw":<raw>,`, 1)
				}
				if want := s.expected(kind, answers); status != 200 || shown != want {
					t.Errorf("%s on %s, %s:\n%d %s\nwant\n%s", name, kind, visualization, status, shown, want)
				}
			}
		}
	}
	s.contractWidgetMetrics(t, b, model, sources["sqlite"])
}

// contractWidgetMetrics is about where the metric of a widget comes from.
func (s *suite) contractWidgetMetrics(t *testing.T, b *boards, model, source string) {
	t.Helper()
	const count = `"name":"m","table_name":"orders","measures":[{"name":"n","description":null,"type":"count","query":"id"}]`
	own := fmt.Sprintf(`"metric_id":null,"metric":{%s,"data_model_id":%q,"data_source_id":%q}`, count, model, source)
	id := s.metric(t, b.env, model, source, "{"+count+"}")
	visualization := `,"visualization":{"type":"single_value","data_mapping":{"x_axis":{"field":"n"}}}`
	made, path := b.make(t, b.body().with("views", views(aView("v", aSection("s", aWidget("own", own+visualization), aWidget("twin", `"metric_id":"`+id+`"`+visualization)),
		aSection("t", aWidget("twin", own+`,"visualization":{"type":"table","data_mapping":{}}`))), aView("v", aSection("s", aWidget("hidden", own))))))
	for _, alias := range []string{"own", "twin"} {
		if got := s.RunWidget(made.text("id"), "v", alias); fmt.Sprint(got["value"]) != "5" {
			t.Errorf("widget %s shows %v", alias, got)
		}
	}
	status := 400
	s.ask(t, "POST", path+"/views/v/widgets/hidden/execute", nil, status, "Failed to execute widget hidden: Widget not found")
	// An alias is what the path says once it is decoded, so that it cannot hold a slash.
	odd, oddPath := b.make(t, b.body().with("views", views(aView("5% of? #ü;+", aSection("s", aWidget("a b%2F?", own+visualization), aWidget("a/b", own+visualization))))))
	const oddView = "5%25%20of%3F%20%23%C3%BC%3B+"
	if got := s.RunWidget(odd.text("id"), oddView, "a%20b%252F%3F"); fmt.Sprint(got["value"]) != "5" {
		t.Errorf("a widget of an odd alias shows %v", got)
	}
	s.ask(t, "POST", oddPath+"/views/"+oddView+"/widgets/a%2Fb/execute", nil, 404, "Not Found")
	s.ask(t, "POST", oddPath+"/views/"+oddView+"/widgets//execute", nil, 404, "Not Found")
	// A body means nothing.
	s.ask(t, "POST", path+"/views/v/widgets/own/execute", fields{}.with("limit", `"x"`), 200, "")
	// Without the metric nothing is run, and without its data model neither.
	s.ask(t, "DELETE", metricKind.of(b.env, id), nil, 204, "")
	s.ask(t, "POST", path+"/views/v/widgets/twin/execute", nil, 500, "Metric with ID "+id+" not found")
	_, path = b.make(t, b.body().with("views", views(aView("v", aSection("s", aWidget("w", strings.Replace(own, model, nowhere, 1)))))))
	s.ask(t, "POST", path+"/views/v/widgets/w/execute", nil, 500, "Data model with ID "+nowhere+" not found")
	s.DeleteDataModel(b.env, model) // which is still there
	if got := s.RunWidget(made.text("id"), "v", "own"); fmt.Sprint(got["value"]) != "5" {
		t.Errorf("of a deleted data model a widget shows %v", got)
	}
}

// TestFakeBeyondWidgets runs widgets that only a real Cortex can: nothing that the fake answers looks like a result.
func TestFakeBeyondWidgets(t *testing.T) {
	for _, release := range []string{Latest, Head} {
		c := StartFake(t, FakeOptions{Release: release})
		s := &suite{Cortex: c, traits: traitsOf(release, c.Database())}
		b := s.boards("beyond")
		source, model := nowhere, nowhere
		if release == Latest {
			source, model = s.shopSources(t, b.env)["sqlite"], s.CreateDataModel(b.env, map[string]any{"name": "m"}).ID
		}
		own := func(metric string) string {
			return fmt.Sprintf(`"metric_id":null,"metric":{"name":"m","data_model_id":%q,"data_source_id":%q,%s}`, model, source, metric)
		}
		const mixed = `"table_name":"mixed"`
		_, path := b.make(t, b.body().with("views", views(aView("v", aSection("s", aWidget("sql", own(`"query":"SELECT 1"`)), aWidget("mixed", own(mixed)+`,"visualization":{"type":"box_plot","data_mapping":{"x_axis":{"field":"x"},"y_axes":[{"field":"n"}]}}`))),
			strings.Replace(aView("context", aSection("s", aWidget("w", own(mixed)))), `"title"`, `"context_id":"C_x","title"`, 1))))
		if release == Head {
			s.ask(t, "POST", path+"/views/v/widgets/sql/execute", nil, 501, "The fake cannot run metrics of head")
			continue
		}
		file := filepath.Join(t.TempDir(), "mixed.db")
		s.SQLiteDatabase(file, Table{Name: "mixed", Columns: []Column{{Name: "x", Type: "INTEGER"}, {Name: "n", Type: "INTEGER"}}, Rows: [][]any{{1, 1}, {"one", 2}}})
		s.ask(t, "PUT", "/data/sources/"+source, fields{}.with("config", fmt.Sprintf(`{"file_path":%q}`, file)), 200, "")
		s.ask(t, "POST", path+"/views/v/widgets/sql/execute", nil, 501, "The fake cannot run SQL of a metric's own")
		s.ask(t, "POST", path+"/views/v/widgets/mixed/execute", nil, 501, "The fake cannot run a box plot of numbers and texts")
		s.ask(t, "POST", path+"/views/context/widgets/w/execute", nil, 501, "The fake cannot run a metric with a context, modifiers or a cache")
		s.ask(t, "POST", path+"/preview", fields{}, 501, "The fake cannot run the preview of a dashboard")
	}
}
