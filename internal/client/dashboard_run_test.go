package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	boardID  = "0b0a0d00-0000-4000-8000-000000000001"
	metricID = "0e7a1c00-0000-4000-8000-000000000001"
	sourceID = "50a2ce00-0000-4000-8000-000000000001"
)

// board is a dashboard with a view of these widgets.
func board(widgets ...string) Dashboard {
	var all []string
	for _, alias := range widgets {
		all = append(all, fmt.Sprintf(`{"alias":%q,"title":"T","metric_id":%q,"metric":null,"visualization":{"type":"table"}}`, alias, metricID))
	}
	return Dashboard{ID: boardID, EnvironmentID: envA, Views: []byte(`[{"alias":"v","sections":[{"widgets":[` + strings.Join(all, ",") + `]}]}]`)}
}

func widgetAnswer(alias, metadata, problem string) string {
	return fmt.Sprintf(`{"widget_alias":%q,"data":{"raw":{"columns":[],"data":[]},"processed":{"series":null,"table":null,"value":null},"metadata":{%s}},"error":%s}`, alias, metadata, problem)
}

// As many widgets are run at one time as maxRuns says, however many dashboards there are.
func TestRunWidgetsAtOnce(t *testing.T) {
	c := &crowd{size: maxRuns, full: make(chan struct{})}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer c.join(r)()
		alias := path.Base(path.Dir(r.URL.Path))
		_, _ = io.WriteString(w, widgetAnswer(alias, `"title":"Error","data_types":{"x_axis":"categorical"}`, "null"))
	}))
	t.Cleanup(s.Close)
	client, err := New(Config{Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	shown := make(chan []Shown)
	for range 2 {
		d := board("a", "b", "c", "d", "e", "f")
		go func() { shown <- client.RunWidgets(t.Context(), d, d.Parts()[0].Widgets) }()
	}
	for range 2 {
		for _, widget := range <-shown {
			if widget.Err != nil {
				t.Error(widget.Err)
			}
		}
	}
	if c.max != maxRuns {
		t.Errorf("%d runs at one time, want %d", c.max, maxRuns)
	}
}

// Cortex's words may hold the password of the database: they are told without it, or not at all.
func TestWidgetWords(t *testing.T) {
	const password = "hush%hush"
	const times = `"created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05"`
	metric := func(env string) http.HandlerFunc {
		return jsonAnswer(200, fmt.Sprintf(`{"id":%q,"environment_id":%q,"data_model_id":%q,"name":"m","data_source_id":%q,"version":1,%s}`, metricID, env, wsA, sourceID, times))
	}
	source := jsonAnswer(200, fmt.Sprintf(`{"id":%q,"environment_id":%q,"name":"s","alias":"s","source_catalog":"DATABASE","source_type":"postgresql","config":{"password":%q},%s}`,
		sourceID, envA, password, times))
	failed := func(alias string) http.HandlerFunc {
		return jsonAnswer(200, widgetAnswer(alias, `"title":"Error","description":"no `+password+` there","data_types":{}`, `"no `+password+` there"`))
	}
	mapped := jsonAnswer(200, widgetAnswer("a", `"title":"Error","description":"Data transformation failed: no `+password+`","data_types":{}`, "null"))
	const otherEnv = "76dcbaf7-ed7a-4f5d-8fd8-64e456b61a7b"
	notIn := text(404, "Metric with ID "+metricID+" not found in environment "+envA)
	for name, test := range map[string]struct {
		steps []http.HandlerFunc
		want  string
	}{
		"known":                    {[]http.HandlerFunc{failed("a"), metric(envA), source}, "no (redacted) there"},
		"of a mapping":             {[]http.HandlerFunc{mapped, metric(envA), source}, "Data transformation failed: no (redacted)"},
		"no source":                {[]http.HandlerFunc{failed("a"), metric(envA), text(404, "Data source with ID "+sourceID+" does not exist")}, "no " + password + " there"},
		"a source that is away":    {[]http.HandlerFunc{failed("a"), metric(envA), text(401, "no")}, wordsWithheld},
		"a metric that is away":    {[]http.HandlerFunc{failed("a"), text(401, "no"), text(401, "no")}, wordsWithheld},
		"of another environment's": {[]http.HandlerFunc{failed("a"), notIn, list(workspace(wsA, "w")), list(environment(otherEnv, wsA, "e")), metric(otherEnv), source}, "no (redacted) there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, test.steps...)
			d := board("a")
			shown := s.client(t).RunWidgets(t.Context(), d, d.Parts()[0].Widgets)
			var got *RunError
			if !errors.As(shown[0].Err, &got) || got.Text != test.want {
				t.Errorf("the error is %v, want %s", shown[0].Err, test.want)
			}
			s.done()
		})
	}
	// Metric and data source are looked at once.
	s := newScript(t)
	d := board("a", "b")
	var requests atomic.Int32
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		switch {
		case r.Method == http.MethodPost:
			failed(path.Base(path.Dir(r.URL.Path)))(w, r)
		case strings.Contains(r.URL.Path, "metrics"):
			metric(envA)(w, r)
		default:
			source(w, r)
		}
	})
	if s.client(t).RunWidgets(t.Context(), d, d.Parts()[0].Widgets); requests.Load() != 4 {
		t.Errorf("%d requests", requests.Load())
	}
}

// What is no answer about the widget is not believed.
func TestWidgetAnswers(t *testing.T) {
	for _, body := range []string{widgetAnswer("b", "", "null"), `{"widget_alias":"a"}`, `[]`, `{"widget_alias":"a","data":{"raw":{"columns":["x"],"data":[[1,2]]}}}`} {
		s := newScript(t, jsonAnswer(200, body))
		d := board("a")
		shown := s.client(t).RunWidgets(t.Context(), d, d.Parts()[0].Widgets)
		if ClassOf(shown[0].Err) != NotCortex {
			t.Errorf("%s gives %+v", body, shown)
		}
	}
}

// Of several parts of one alias, Cortex runs the first.
func TestParts(t *testing.T) {
	d := Dashboard{Views: []byte(`[{"alias":"v","sections":[{"widgets":[{"alias":"a","title":"1"},{"alias":"b"}]},{"widgets":[{"alias":"a","title":"2"},{"alias":"c","metric":{"data_source_id":"s"}}]}]},
		{"alias":"v","sections":[{"widgets":[{"alias":"d"}]}]},{"alias":"w","sections":[]}]`)}
	want := []View{{"v", []Widget{{View: "v", Alias: "a", Title: "1"}, {View: "v", Alias: "b"}, {View: "v", Alias: "c", source: "s"}}}, {"w", nil}}
	if diff := cmp.Diff(want, d.Parts(), cmp.AllowUnexported(Widget{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
