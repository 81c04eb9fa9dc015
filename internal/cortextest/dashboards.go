package cortextest

// A Dashboard as Cortex shows it.
type Dashboard struct {
	ID            string     `json:"id"`
	EnvironmentID string     `json:"environment_id"`
	Name          string     `json:"name"`
	DefaultView   string     `json:"default_view"`
	CreatedAt     string     `json:"created_at"`
	UpdatedAt     string     `json:"updated_at"`
	All           JSONObject `json:"-"` // these fields and all others
}

// Dashboards lists the dashboards of an environment.
func (c *Cortex) Dashboards(environmentID string) []Dashboard {
	var answer struct{ Dashboards []Dashboard }
	c.do("GET", "/environments/"+environmentID+"/dashboards", nil, 200, &answer)
	return answer.Dashboards
}

// DeleteDashboard deletes a dashboard.
func (c *Cortex) DeleteDashboard(id string) { c.do("DELETE", "/dashboards/"+id, nil, 204, nil) }
