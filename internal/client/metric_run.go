package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Run is how a metric is run.
type Run struct {
	Parameters json.RawMessage // a JSON object; nil is none. Cortex pastes them into the query as they are
	Limit      *int64          // of rows, at most; nil is the metric's own
}

// Result is what a metric gave.
type Result struct {
	Columns  []string // in the order in which Cortex has them; none where there are no rows
	Rows     []map[string]any
	Query    string
	Duration float64 // in milliseconds, as Cortex measured it
}

// RunError says that Cortex could not run a metric.
type RunError struct {
	Text  string // Cortex's and the database's words, without secrets
	Query string // the SQL that failed; "" where there was none
}

func (e *RunError) Error() string { return e.Text }

// RunMetric runs a metric, past any cache of Cortex. A run that fails is a *RunError. See Ping for what connecting to a database does.
func (c *Client) RunMetric(ctx context.Context, id string, run Run) (Result, error) {
	var answer struct {
		Success  bool
		Metadata struct {
			Query    string
			Duration float64
		}
		Data   []json.RawMessage
		Errors []string
	}
	// Said to be null, grouped is the metric's own.
	body := map[string]any{"parameters": run.Parameters, "limit": run.Limit, "grouped": nil, "cache": map[string]any{"enabled": false}}
	// Not repeated: each request may hold up one more worker of Cortex.
	if err := c.try(ctx, 0, http.MethodPost, metrics.create+"/"+id+"/execute", body, &answer); err != nil {
		return Result{}, err
	}
	if !answer.Success {
		return Result{}, &RunError{c.words(ctx, id, strings.Join(answer.Errors, "\n")), answer.Metadata.Query}
	}
	result := Result{Rows: []map[string]any{}, Query: answer.Metadata.Query, Duration: answer.Metadata.Duration}
	for _, encoded := range answer.Data {
		value, err := decodeJSON(encoded)
		row, ok := value.(map[string]any)
		if err == nil && !ok {
			err = errors.New("a row is no object")
		}
		if err != nil {
			return Result{}, c.unusable(http.MethodPost, metrics.create+"/"+id+"/execute", err)
		}
		if result.Columns == nil {
			result.Columns = keysOf(encoded)
		}
		result.Rows = append(result.Rows, row)
	}
	return result, nil
}

// wordsWithheld stands for Cortex's words about a run that failed, where nobody knows which secrets may be in them.
const wordsWithheld = "Cortex says why, but its words are withheld: they may hold a password, and the data source could not be read"

// words returns what Cortex says of a run of a metric that failed.
func (c *Client) words(ctx context.Context, id, text string) string {
	metric, err := c.Metrics.Find(ctx, id)
	if err != nil {
		return wordsWithheld
	}
	return cmp.Or(c.insteadOfWords(ctx, metric.DataSourceID), c.said(text))
}

// insteadOfWords returns what is told of a run that failed in place of Cortex's words, "" where these can be told. They may repeat the configuration
// of the metric's data source, whose secrets have to be known first.
func (c *Client) insteadOfWords(ctx context.Context, id Nullable) string {
	if id == "" {
		return ""
	}
	source, err := c.DataSources.GetNow(ctx, "", string(id))
	switch {
	case IsGone(err, dataSources.noun, string(id)): // it has no secrets any more
	case err != nil:
		return wordsWithheld
	case torn(source):
		return tornError
	}
	return ""
}

// said returns words of Cortex without secrets.
func (c *Client) said(text string) string {
	return cmp.Or(excerpt(c.secrets, "text/plain", []byte(text)), "Cortex does not say why")
}

// keysOf returns the keys of a JSON object in their order.
func keysOf(object json.RawMessage) (keys []string) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	depth, isKey := 0, false
	for {
		token, err := decoder.Token()
		if err != nil {
			return keys
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				depth++
			} else {
				depth--
			}
			isKey = depth == 1
			continue
		case string:
			if depth == 1 && isKey {
				keys, isKey = append(keys, token), false
				continue
			}
		}
		isKey = depth == 1
	}
}

// Recommending is what Cortex is to recommend metrics for.
type Recommending struct {
	EnvironmentID string `json:"environment_id"`
	DataSourceID  string `json:"data_source_id"`
	DataModelID   string `json:"data_model_id"`
	// The rest is not known to releases before 0.0.1a7, which take no notice of it.
	Select struct {
		Include map[string][]string `json:"include,omitempty"` // columns by table; no columns are all
		Exclude map[string][]string `json:"exclude,omitempty"`
	} `json:"select"`
	MetricTypes []string `json:"metric_types,omitempty"`
	TimeWindows []int64  `json:"time_windows,omitempty"` // in days
	Grains      []string `json:"grains,omitempty"`
}

// RecommendMetrics returns the metrics that Cortex recommends for a data source. It makes none of them.
func (c *Client) RecommendMetrics(ctx context.Context, of Recommending) ([]Metric, error) {
	source, err := c.DataSources.GetNow(ctx, "", of.DataSourceID) // see Ping
	if err != nil {
		return nil, err
	}
	var answer struct{ Metrics []Metric }
	err = c.try(ctx, 0, http.MethodPost, metrics.create+"/recommendations", of, &answer)
	var failed *Error
	if errors.As(err, &failed) && torn(source) {
		failed.Text = tornError
	}
	return answer.Metrics, err
}
