package cortextest

import "encoding/json"

// A Dashboard as Cortex shows it. Its views, sections and widgets have no ids.
type Dashboard struct {
	ID            string     `json:"id"`
	EnvironmentID string     `json:"environment_id"`
	Name          string     `json:"name"`
	Description   *string    `json:"description"`
	Type          string     `json:"type"`
	DefaultView   string     `json:"default_view"`
	Tags          []string   `json:"tags"`
	CreatedAt     string     `json:"created_at"`
	UpdatedAt     string     `json:"updated_at"`
	All           JSONObject `json:"-"` // these fields and all others
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Dashboard) UnmarshalJSON(data []byte) error {
	type plain Dashboard
	if err := json.Unmarshal(data, (*plain)(d)); err != nil {
		return err
	}
	return d.All.UnmarshalJSON(data)
}

// Dashboards lists the dashboards of an environment, also of one that is gone.
func (c *Cortex) Dashboards(environmentID string) []Dashboard {
	var all struct{ Dashboards []Dashboard }
	c.do("GET", "/environments/"+environmentID+"/dashboards", nil, 200, &all)
	return all.Dashboards
}

// Dashboard finds one dashboard; ok is false when Cortex says that it is not there.
func (c *Cortex) Dashboard(id string) (dashboard Dashboard, ok bool) {
	return read[Dashboard](c, "/dashboards/"+id)
}

// CreateDashboard creates a dashboard. Cortex wants the fields name and type, and makes a view if there is none.
func (c *Cortex) CreateDashboard(environmentID string, fields map[string]any) Dashboard {
	return create[Dashboard](c, "/dashboards", inEnvironment(environmentID, fields))
}

// UpdateDashboard changes the fields that are given. Of views that are given, Cortex keeps sections and widgets that are not.
func (c *Cortex) UpdateDashboard(id string, change map[string]any) Dashboard {
	return update[Dashboard](c, "/dashboards/"+id, change)
}

// DeleteDashboard deletes a dashboard.
func (c *Cortex) DeleteDashboard(id string) { c.do("DELETE", "/dashboards/"+id, nil, 204, nil) }

// RunWidget runs a widget and returns what it shows, as Cortex processed it: a value, series or a table. The test fails if Cortex cannot.
func (c *Cortex) RunWidget(id, view, widget string) JSONObject {
	var answer struct {
		Data struct {
			Raw       struct{ Columns []string }
			Processed JSONObject
			Metadata  struct{ Title, Description *string }
		}
		Error *string
	}
	c.do("POST", "/dashboards/"+id+"/views/"+view+"/widgets/"+widget+"/execute", nil, 200, &answer)
	switch about := answer.Data.Metadata; {
	case answer.Error != nil:
		c.fail("widget %s of dashboard %s cannot be run: %s", widget, id, *answer.Error)
	case len(answer.Data.Raw.Columns) == 0 && about.Title != nil && *about.Title == "Error" && about.Description != nil:
		c.fail("widget %s of dashboard %s cannot be shown: %s", widget, id, *about.Description)
	}
	return answer.Data.Processed
}
