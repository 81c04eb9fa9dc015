package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const boardA = "0f7c3a52-6a70-4c4f-9d53-1f2f6bd0c9aa"

// boardAnswer is a dashboard as Cortex answers it, with what only a later release knows.
func boardAnswer(defaultView, views string) string {
	return fmt.Sprintf(`{"id":%q,"environment_id":%q,"name":"Board","type":"executive","description":null,"tags":null,"default_view":%q,"views":%s,"later":{"a":[1]},
		"created_by":"x","created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05"}`, boardA, envA, defaultView, views)
}

// viewOf is a view with a section of these widgets, as a configuration says it; shown is the same as Cortex shows it.
func viewOf(alias string, widgets ...string) string {
	return fmt.Sprintf(`[{"alias":%q,"title":"V","sections":[{"alias":"s","widgets":[%s]}]}]`, alias, strings.Join(widgets, ","))
}

func widgetOf(alias string) string { return fmt.Sprintf(`{"alias":%q,"title":"W"}`, alias) }

func shown(view string) string {
	return strings.NewReplacer(`"title":"V"`, `"title":"V","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z","later":2`, `"title":"W"`, `"title":"W","later":3`).Replace(view)
}

func boardOf(defaultView, views string) Dashboard {
	return Dashboard{ID: boardA, EnvironmentID: envA, Name: "Board", Type: "executive", Tags: []string{}, DefaultView: defaultView, Views: json.RawMessage(views)}
}

// What an update does not say, Cortex keeps or not: it says all that it knows of a dashboard, and what it does not know of it besides.
func TestUpdateOfADashboard(t *testing.T) {
	have, want := boardOf("v", viewOf("v", widgetOf("a"))), boardOf("v", viewOf("v", widgetOf("a"), widgetOf("b")))
	s := newScript(t, jsonAnswer(200, boardAnswer("v", shown(string(have.Views)))), jsonAnswer(200, boardAnswer("v", shown(string(want.Views)))))
	if _, err := s.client(t).Dashboards.Update(context.Background(), have, want); err != nil {
		t.Error(err)
	}
	s.done()
	const sent = `{"type":"executive","description":null,"tags":[],"default_view":"v","later":{"a":[1]},"created_by":"x","name":"Board",
		"views":[{"alias":"v","title":"V","later":2,"sections":[{"alias":"s","widgets":[{"alias":"a","title":"W","later":3},{"alias":"b","title":"W"}]}]}]}`
	if !SameJSON(s.calls[1].body, sent) {
		t.Errorf("sent %s", s.calls[1].body)
	}
	for name, same := range map[string]Dashboard{
		"the same":       have,
		"what is filled": boardOf("v", shown(string(have.Views))),
	} {
		if Failing(nil).Dashboards.Changes(same, have) {
			t.Errorf("%s is a change", name)
		}
	}
	for name, other := range map[string]Dashboard{
		"a widget more":        want,
		"a widget less":        boardOf("v", viewOf("v")),
		"another default view": boardOf("w", string(have.Views)),
		"a widget elsewhere":   boardOf("v", strings.Replace(string(have.Views), `[{"alias":"s"`, `[{"alias":"r"},{"alias":"s"`, 1)),
	} {
		if !Failing(nil).Dashboards.Changes(have, other) {
			t.Errorf("%s is no change", name)
		}
	}
}

// An update that Cortex merges with what is there is followed by two that replace it. The first gives the views other aliases; that it is the only one which
// arrives is said, and no Ctrl-C brings it about.
func TestDashboardIsReplaced(t *testing.T) {
	have, want := boardOf("v", viewOf("v", widgetOf("a"), widgetOf("b"))), boardOf("v", viewOf("v", widgetOf("b")))
	aside := strings.Replace(string(want.Views), `"v"`, `"__replacing_0"`, 1)
	before, merged := jsonAnswer(200, boardAnswer("v", shown(string(have.Views)))), jsonAnswer(200, boardAnswer("v", viewOf("v", widgetOf("b"), widgetOf("a"))))
	half, whole := jsonAnswer(200, boardAnswer("__replacing_0", aside)), jsonAnswer(200, boardAnswer("v", string(want.Views)))

	ctx, cancel := context.WithCancel(context.Background())
	s := newScript(t, before, merged, func(w http.ResponseWriter, r *http.Request) { cancel(); half(w, r) }, whole)
	got, err := s.client(t).Dashboards.Update(ctx, have, want)
	if err != nil || s.methods() != "GET PUT PUT PUT" || Failing(nil).Dashboards.Changes(got, want) {
		t.Fatalf("got %v, %v after %s", got, err, s.methods())
	}
	for i, want := range []string{viewOf("v", `{"alias":"b","title":"W","later":3}`), viewOf("__replacing_0", `{"alias":"b","title":"W","later":3}`), viewOf("v", `{"alias":"b","title":"W","later":3}`)} {
		var body struct {
			Views       json.RawMessage
			DefaultView string `json:"default_view"`
			Later       json.RawMessage
		}
		if err := json.Unmarshal([]byte(s.calls[i+1].body), &body); err != nil {
			t.Fatal(err)
		}
		want = strings.Replace(want, `"title":"V"`, `"title":"V","later":2`, 1)
		if !SameJSON(string(body.Views), want) || !strings.Contains(want, `"`+body.DefaultView+`"`) || !SameJSON(string(body.Later), `{"a":[1]}`) {
			t.Errorf("update %d says %s, want the views %s", i+1, s.calls[i+1].body, want)
		}
	}

	for name, steps := range map[string][]http.HandlerFunc{
		"the first":  {before, merged, text(400, "no")},
		"the second": {before, merged, half, text(400, "no")},
	} {
		s := newScript(t, steps...)
		if _, err := s.client(t).Dashboards.Update(context.Background(), have, want); !errors.As(err, new(*HalfReplacedError)) {
			t.Errorf("%s fails: %v", name, err)
		}
		s.done()
	}
	s = newScript(t, before, merged, half, merged) // somebody else, at the same moment
	if _, err := s.client(t).Dashboards.Update(context.Background(), have, want); ClassOf(err) != Interfered {
		t.Errorf("an update that did not arrive: %v", err)
	}
	s.done()
}

// A dashboard is made by one request where its default view is the first one, and is made in no environment that is gone.
func TestCreateOfADashboard(t *testing.T) {
	made := jsonAnswer(201, boardAnswer("v", viewOf("v", widgetOf("a"))))
	there, none := jsonAnswer(200, environment(envA, wsA, "e")), jsonAnswer(200, `{"dashboards":[],"total":0}`)
	s := newScript(t, none, there, made)
	if _, err := s.client(t).Dashboards.Create(context.Background(), boardOf("v", viewOf("v", widgetOf("a")))); err != nil {
		t.Error(err)
	}
	s.done()

	s = newScript(t, none, there, made, made, text(400, "no")) // the third is what the update keeps
	var unfinished *UnfinishedError
	if _, err := s.client(t).Dashboards.Create(context.Background(), boardOf("w", viewOf("v", widgetOf("a")))); !errors.As(err, &unfinished) || unfinished.Ref.ID != boardA {
		t.Errorf("an update after a create that fails: %v", err)
	}
	s.done()

	s = newScript(t, none, text(404, "Environment with ID "+envA+" does not exist in the database"))
	if _, err := s.client(t).Dashboards.Create(context.Background(), boardOf("v", viewOf("v"))); !IsGone(err, "environment", envA) {
		t.Errorf("a dashboard in no environment: %v", err)
	}
	s.done()
}

// The aliases that views have for a moment are none of theirs, and short enough for PostgreSQL, which has room for 255 characters of the default view's.
func TestSetAside(t *testing.T) {
	long := strings.Repeat("long", 60)
	var aliases []string
	body := map[string]any{"default_view": long, "views": tree(t, `[{"alias": "__replacing_0", "title": "A"}, {"alias": "__replacing_2", "title": "B"}, {"alias": "`+long+`", "title": "C"}]`)}
	other := setAside(body, views)
	for i, view := range other["views"].([]any) {
		view, _ := view.(map[string]any)
		alias, _ := view["alias"].(string)
		if !strings.HasPrefix(alias, aside) || alias == "__replacing_0" || alias == "__replacing_2" || slices.Contains(aliases, alias) || view["title"] != []string{"A", "B", "C"}[i] {
			t.Errorf("view %d is %q", i, view)
		}
		aliases = append(aliases, alias)
	}
	if other["default_view"] != aliases[2] {
		t.Errorf("the default view is %q of %q", other["default_view"], aliases)
	}
	if body["default_view"] != long || !alike(views, body["views"], tree(t, `[{"alias": "__replacing_0"}, {"alias": "__replacing_2"}, {"alias": "`+long+`"}]`)) {
		t.Errorf("the body became %q", body)
	}
}
