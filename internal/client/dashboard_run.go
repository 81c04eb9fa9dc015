package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// maxRuns is how many widgets are run at one time, however many dashboards there are: a process of Cortex runs one after the other, and the deadline
// of a request counts from when it is sent.
const maxRuns = 4

// View is a view of a dashboard, with its widgets in their order.
type View struct {
	Alias   string
	Widgets []Widget
}

// Widget is a widget of a dashboard.
type Widget struct {
	View, Alias string
	Title, Type string
	MetricID    string // "" for one that has a metric of its own
	source      Nullable
}

// Parts returns the views of a dashboard with their widgets. Of several with one alias it is the first that Cortex runs.
func (d Dashboard) Parts() (parts []View) {
	var all []struct {
		Alias    string
		Sections []struct {
			Widgets []struct {
				Alias, Title  string
				MetricID      string `json:"metric_id"`
				Visualization struct{ Type string }
				Metric        struct {
					DataSourceID Nullable `json:"data_source_id"`
				}
			}
		}
	}
	_ = json.Unmarshal(d.Views, &all) // as Cortex has them
	for _, v := range all {
		if slices.ContainsFunc(parts, func(other View) bool { return other.Alias == v.Alias }) {
			continue
		}
		view := View{Alias: v.Alias}
		for _, s := range v.Sections {
			for _, w := range s.Widgets {
				if !slices.ContainsFunc(view.Widgets, func(other Widget) bool { return other.Alias == w.Alias }) {
					view.Widgets = append(view.Widgets, Widget{v.Alias, w.Alias, w.Title, w.Visualization.Type, w.MetricID, w.Metric.DataSourceID})
				}
			}
		}
		parts = append(parts, view)
	}
	return parts
}

// Shown is what a widget shows, or why it does not.
type Shown struct {
	Columns []string         // of the metric, of a table those that it shows; none where there are no rows
	Rows    []map[string]any // with these columns
	Series  []Series         // of a chart
	Value   any              // of a single value or gauge: a json.Number, a string, or nil
	Err     error            // a *RunError when Cortex says why, or ErrNotRun
}

// Series is a series of a chart. Its points have x and y, or those of a box plot x, min, q1, median, q3, max and outliers.
type Series struct {
	Name string
	Data []map[string]any
}

// ErrNotRun is the error of a widget that was not run, because another one got no answer.
var ErrNotRun = errors.New("it was not run, because another widget got no answer")

// RunWidgets runs widgets of a dashboard. Cortex cannot run a whole dashboard, nor a view, so that each is a request. Once there is no answer, no more
// are sent: each may hold up one more worker of Cortex. See Ping for what connecting to a database does.
func (c *Client) RunWidgets(ctx context.Context, d Dashboard, widgets []Widget) []Shown {
	all := make([]Shown, len(widgets))
	var silent atomic.Bool
	var running sync.WaitGroup
	for i, w := range widgets {
		running.Go(func() {
			select {
			case c.runs <- struct{}{}:
				defer func() { <-c.runs }()
			case <-ctx.Done():
				all[i].Err = context.Cause(ctx)
				return
			}
			if silent.Load() {
				all[i].Err = ErrNotRun
				return
			}
			all[i], all[i].Err = c.runWidget(ctx, d.ID, w)
			var e *Error
			if errors.As(all[i].Err, &e) && (e.Class == Unreachable || e.Timeout()) {
				silent.Store(true)
			}
		})
	}
	running.Wait()
	instead := map[Nullable]string{}
	for i, w := range widgets {
		var failed *RunError
		if !errors.As(all[i].Err, &failed) {
			continue
		}
		source, err := c.sourceOf(ctx, d, w)
		if _, looked := instead[source]; !looked && err == nil {
			instead[source] = c.insteadOfWords(ctx, source)
		}
		if failed.Text = cmp.Or(instead[source], c.said(failed.Text)); err != nil {
			failed.Text = wordsWithheld
		}
	}
	return all
}

func (c *Client) runWidget(ctx context.Context, id string, w Widget) (shown Shown, err error) {
	for _, alias := range []string{w.View, w.Alias} {
		if strings.Contains(alias, "/") || slices.Contains([]string{"", ".", ".."}, alias) {
			return shown, fmt.Errorf("the alias %q cannot be a part of the URL by which Cortex runs a widget", alias)
		}
	}
	path := dashboards.at(dashboards.item, "", id) + "/views/" + url.PathEscape(w.View) + "/widgets/" + url.PathEscape(w.Alias) + "/execute"
	var encoded json.RawMessage
	// Not repeated, as a metric's run is not.
	if err := c.try(ctx, 0, http.MethodPost, path, nil, &encoded); err != nil {
		return shown, err
	}
	var answer struct {
		WidgetAlias string `json:"widget_alias"`
		Error       string
		Data        *struct {
			Raw struct {
				Columns []string
				Data    [][]any
			}
			Processed struct {
				Value  any
				Series []Series
				Table  *struct {
					Columns []struct{ Name string }
					Rows    []map[string]any
				}
			}
			Metadata struct {
				Title, Description string
				DataTypes          map[string]any `json:"data_types"`
			}
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	err = decoder.Decode(&answer)
	switch {
	case err != nil:
	case answer.WidgetAlias != w.Alias:
		err = errors.New("it is about another widget")
	case answer.Data == nil:
		err = errors.New("it has no data")
	}
	if err != nil {
		return shown, c.unusable(http.MethodPost, path, err)
	}
	data := answer.Data
	// A widget that cannot be shown is a success of another title. What is shown has types, whatever its own title is.
	if about := data.Metadata; answer.Error != "" || about.Title == "Error" && len(about.DataTypes) == 0 {
		return shown, &RunError{Text: cmp.Or(answer.Error, about.Description)}
	}
	shown = Shown{Columns: data.Raw.Columns, Rows: []map[string]any{}, Series: data.Processed.Series, Value: data.Processed.Value}
	for _, values := range data.Raw.Data {
		if len(values) != len(shown.Columns) {
			return shown, c.unusable(http.MethodPost, path, errors.New("a row has not as many values as there are columns"))
		}
		row := map[string]any{}
		for i, column := range shown.Columns {
			row[column] = values[i]
		}
		shown.Rows = append(shown.Rows, row)
	}
	if table := data.Processed.Table; table != nil {
		shown.Columns, shown.Rows = nil, table.Rows
		for _, column := range table.Columns {
			shown.Columns = append(shown.Columns, column.Name)
		}
	}
	for _, series := range shown.Series {
		for _, point := range series.Data {
			for _, unused := range []string{"label", "category", "metadata"} { // null, in all releases
				if point[unused] == nil {
					delete(point, unused)
				}
			}
		}
	}
	return shown, nil
}

// sourceOf returns the data source of a widget's metric.
func (c *Client) sourceOf(ctx context.Context, d Dashboard, w Widget) (Nullable, error) {
	if w.MetricID == "" {
		return w.source, nil
	}
	metric, err := c.Metrics.Seen(ctx, Ref{ID: w.MetricID, Scope: d.EnvironmentID})
	if err != nil { // it may be in another environment: Cortex does not care
		metric, err = c.Metrics.Find(ctx, w.MetricID)
	}
	return metric.DataSourceID, err
}
