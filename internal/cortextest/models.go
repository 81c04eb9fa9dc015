package cortextest

import (
	"encoding/json"
	"fmt"
)

// A DataModel as Cortex shows it. A deleted one is still there, and not active.
type DataModel struct {
	ID            string     `json:"id"`
	EnvironmentID string     `json:"environment_id"`
	Name          string     `json:"name"`
	Alias         *string    `json:"alias"`
	Description   *string    `json:"description"`
	IsActive      bool       `json:"is_active"`
	Config        JSONObject `json:"config"`
	MetricsCount  int        `json:"metrics_count"`
	CreatedAt     string     `json:"created_at"`
	UpdatedAt     string     `json:"updated_at"`
}

// DataModels lists the data models of an environment, the deleted ones included.
func (c *Cortex) DataModels(environmentID string) []DataModel {
	return pages(c, "/data/models?environment_id="+environmentID, func(page struct{ Models []DataModel }) []DataModel { return page.Models })
}

// DataModel finds one data model; ok is false when Cortex says that it is not there.
func (c *Cortex) DataModel(environmentID, id string) (model DataModel, ok bool) {
	return read[DataModel](c, "/data/models/"+id+"?environment_id="+environmentID)
}

// CreateDataModel creates a data model.
func (c *Cortex) CreateDataModel(environmentID string, fields map[string]any) DataModel {
	return create[DataModel](c, "/data/models", inEnvironment(environmentID, fields))
}

// UpdateDataModel changes the fields that are given; config as a whole.
func (c *Cortex) UpdateDataModel(environmentID, id string, change map[string]any) DataModel {
	return update[DataModel](c, "/data/models/"+id, inEnvironment(environmentID, change))
}

// DeleteDataModel deletes a data model, as far as Cortex does.
func (c *Cortex) DeleteDataModel(environmentID, id string) {
	c.do("DELETE", "/data/models/"+id+"?environment_id="+environmentID, nil, 204, nil)
}

// A Metric as Cortex shows it.
type Metric struct {
	ID            string     `json:"id"`
	EnvironmentID string     `json:"environment_id"`
	DataModelID   string     `json:"data_model_id"`
	DataSourceID  *string    `json:"data_source_id"`
	Name          string     `json:"name"`
	Version       int        `json:"version"`
	CreatedAt     string     `json:"created_at"`
	UpdatedAt     string     `json:"updated_at"`
	All           JSONObject `json:"-"` // these fields and all others
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Metric) UnmarshalJSON(data []byte) error {
	type plain Metric
	if err := json.Unmarshal(data, (*plain)(m)); err != nil {
		return err
	}
	return m.All.UnmarshalJSON(data)
}

// Metrics lists the metrics of an environment.
func (c *Cortex) Metrics(environmentID string) []Metric {
	return pages(c, "/metrics?environment_id="+environmentID, func(page struct{ Metrics []Metric }) []Metric { return page.Metrics })
}

// Metric finds one metric; ok is false when Cortex says that it is not there.
func (c *Cortex) Metric(environmentID, id string) (metric Metric, ok bool) {
	return read[Metric](c, "/metrics/"+id+"?environment_id="+environmentID)
}

// CreateMetric creates a metric in the environment of its data model. Cortex drops order, and what is said of grouped and ordered.
func (c *Cortex) CreateMetric(dataModelID string, fields map[string]any) Metric {
	return create[Metric](c, "/metrics", with("data_model_id", dataModelID, fields))
}

// UpdateMetric replaces a metric: what is not given is null from then on.
func (c *Cortex) UpdateMetric(environmentID, id string, fields map[string]any) Metric {
	return update[Metric](c, "/metrics/"+id, inEnvironment(environmentID, fields))
}

// DeleteMetric deletes a metric.
func (c *Cortex) DeleteMetric(environmentID, id string) {
	c.do("DELETE", "/metrics/"+id+"?environment_id="+environmentID, nil, 204, nil)
}

// RunMetric runs a metric and returns its rows. The test fails if Cortex cannot.
func (c *Cortex) RunMetric(id string) []map[string]any {
	var answer struct {
		Success bool
		Data    []map[string]any
		Errors  []string
	}
	c.do("POST", "/metrics/"+id+"/execute", map[string]any{"cache": map[string]any{"enabled": false}}, 200, &answer)
	if !answer.Success {
		c.fail("metric %s cannot be run: %s", id, answer.Errors)
	}
	return answer.Data
}

// pages reads all pages of a list. Nobody writes meanwhile.
func pages[P, T any](c *Cortex, path string, items func(P) []T) (all []T) {
	for n := 1; ; n++ {
		var page P
		c.do("GET", fmt.Sprintf("%s&page_size=100&page=%d", path, n), nil, 200, &page)
		all = append(all, items(page)...)
		if len(items(page)) < 100 {
			return all
		}
	}
}
