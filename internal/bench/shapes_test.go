package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// A shape is what the measured objects are: it returns those of one workspace, each after the objects that it refers to. The name of the
// workspace begins with prefix.
type shape func(prefix string, workspace int) []*object

// The shapes of which SHAPES chooses.
const (
	mixed             = "mix"
	environmentsAlone = "environments"
)

var shapes = map[string]shape{mixed: mix, environmentsAlone: stages}

// objects returns so many objects of a shape; those of the last workspace may not be all of its own.
func (s shape) objects(prefix string, size int) (all []*object) {
	for i := 0; len(all) < size; i++ {
		all = append(all, s(prefix, i)...)
	}
	return all[:size]
}

// configuration has a block for each object: what engines spend on for_each over hundreds of keys is another matter.
func (s shape) configuration(prefix string, size int) string {
	var b strings.Builder
	b.WriteString("terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n")
	for _, o := range s.objects(prefix, size) {
		fmt.Fprintf(&b, "\nresource \"cortex_%s\" %q {\n%s\n}\n", o.kind, o.label, strings.Trim(o.arguments, "\n"))
	}
	return b.String()
}

// fill makes what the configuration describes, without an engine, and returns the ids for an import of it, by address.
func (s shape) fill(tb testing.TB, url, prefix string, size int) map[string]string {
	tb.Helper()
	c, err := client.New(client.Config{Endpoint: url})
	if err != nil {
		tb.Fatal(err)
	}
	defer c.CloseIdleConnections()
	ids := map[string]string{}
	for _, o := range s.objects(prefix, size) {
		if o.made, err = o.make(tb.Context(), c); err != nil {
			tb.Fatal(err)
		}
		ids["cortex_"+o.kind+"."+o.label] = importID(o.made.Scope, o.made.ID)
	}
	return ids
}

// importID is what an import calls an object: the id of what it is in, "" at the top, and its own.
func importID(scope, id string) string { return strings.TrimPrefix(scope+"/"+id, "/") }

// object is one block of a configuration, and the way to make what it describes without an engine.
type object struct {
	kind, label string // what Terraform calls it: cortex_KIND.LABEL
	arguments   string
	make        func(context.Context, *client.Client) (client.Ref, error)
	made        client.Ref // by make
}

// id is how the configuration refers to the object.
func (o *object) id() string { return "cortex_" + o.kind + "." + o.label + ".id" }

// inside is the label of what is in an object.
func (o *object) inside(name string) string {
	return o.label + "_" + strings.ReplaceAll(strings.ToLower(name), " ", "_")
}

func ref[T client.Object](made T, err error) (client.Ref, error) { return made.Ref(), err }

// stages are the shape environmentsAlone: of 1,000 objects, 200 are workspaces and 800 environments.
func stages(prefix string, i int) []*object {
	w := workspace(prefix, i)
	all := []*object{w}
	for _, stage := range []string{"development", "test", "staging", "production"} {
		all = append(all, environment(w, stage))
	}
	return all
}

// mix is a tenant with objects of all kinds: of 980, 20 are workspaces with three environments, each with the same fifteen objects in it.
func mix(prefix string, i int) []*object {
	w := workspace(prefix, i)
	all := []*object{w}
	for _, name := range []string{"Development", "Staging", "Production"} {
		e := environment(w, name)
		source, model := dataSource(e), dataModel(e)
		revenue := metric(model, source, "Revenue", "sum", "amount")
		all = append(all, e, source, model, revenue,
			metric(model, source, "Orders", "count", "id"),
			metric(model, source, "Customers", "count_distinct", "customer_id"),
			metric(model, source, "Average order", "avg", "amount"),
			metric(model, source, "Smallest order", "min", "amount"),
			metric(model, source, "Largest order", "max", "amount"))
		ann, group := consumer(e, "Ann"), consumerGroup(e)
		all = append(all, ann, consumer(e, "Bob"), consumer(e, "Cyd"), consumer(e, "Dan"), group, member(group, ann), dashboard(e, revenue))
	}
	return all
}

func workspace(prefix string, i int) *object {
	want := client.Workspace{Name: fmt.Sprintf("%s-%d", prefix, i)}
	want.Description = "All that belongs to " + want.Name
	return &object{kind: "workspace", label: fmt.Sprintf("tenant_%d", i),
		arguments: fmt.Sprintf(`
  name        = %q
  description = %q
`, want.Name, want.Description),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.Workspaces.Create(ctx, want))
		},
	}
}

func environment(in *object, name string) *object {
	return &object{kind: "environment", label: in.inside(name),
		arguments: fmt.Sprintf(`
  workspace_id = %s
  name         = %q
`, in.id(), name),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.Environments.Create(ctx, client.Environment{WorkspaceID: in.made.ID, Name: name,
				Description: "Default environment for the workspace environment"}))
		},
	}
}

// A data source is a file in the folder of the server, to which Cortex connects at once when a metric is made. Nothing is measured of other
// databases, nor of their secrets.
func dataSource(in *object) *object {
	return &object{kind: "data_source", label: in.inside("sales"),
		arguments: fmt.Sprintf(`
  environment_id = %s
  name           = "Sales"
  alias          = "sales"
  sqlite         = { file_path = "sales.db" }
`, in.id()),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.DataSources.Create(ctx, client.DataSource{EnvironmentID: in.made.ID, Name: "Sales", Alias: "sales",
				SourceCatalog: "DATABASE", SourceType: "sqlite", Config: json.RawMessage(`{"file_path": "sales.db", "dialect": "sqlite"}`)}))
		},
	}
}

func dataModel(in *object) *object {
	return &object{kind: "data_model", label: in.inside("sales"),
		arguments: fmt.Sprintf(`
  environment_id = %s
  name           = "Sales"
`, in.id()),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.DataModels.Create(ctx, client.DataModel{EnvironmentID: in.made.ID, Name: "Sales", Config: json.RawMessage("{}")}))
		},
	}
}

func metric(in, source *object, name, measure, column string) *object {
	return &object{kind: "metric", label: in.inside(name),
		arguments: fmt.Sprintf(`
  data_model_id  = %s
  data_source_id = %s
  name           = %q
  table_name     = "orders"
  measures       = [{ name = "value", type = %q, query = %q }]
  dimensions     = [{ name = "status", query = "status" }]
`, in.id(), source.id(), name, measure, column),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.Metrics.Create(ctx, client.Metric{EnvironmentID: in.made.Scope, DataModelID: in.made.ID, DataSourceID: client.Nullable(source.made.ID),
				Name: name, TableName: "orders", Grouped: true, Ordered: true, Public: true,
				Measures:   fmt.Appendf(nil, `[{"name": "value", "description": "", "type": %q, "query": %q}]`, measure, column),
				Dimensions: json.RawMessage(`[{"name": "status", "description": "", "query": "status"}]`)}))
		},
	}
}

func consumer(in *object, name string) *object {
	email := strings.ToLower(name) + "@example.com"
	return &object{kind: "consumer", label: in.inside(name),
		arguments: fmt.Sprintf(`
  environment_id = %s
  email          = %q
  first_name     = %q
  last_name      = ""
`, in.id(), email, name),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.Consumers.Create(ctx, client.Consumer{EnvironmentID: in.made.ID, Email: email, FirstName: name}))
		},
	}
}

func consumerGroup(in *object) *object {
	return &object{kind: "consumer_group", label: in.inside("analysts"),
		arguments: fmt.Sprintf(`
  environment_id = %s
  name           = "Analysts"
`, in.id()),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.ConsumerGroups.Create(ctx, client.ConsumerGroup{EnvironmentID: in.made.ID, Name: "Analysts"}))
		},
	}
}

func member(group, consumer *object) *object {
	return &object{kind: "consumer_group_member", label: group.label,
		arguments: fmt.Sprintf(`
  group_id    = %s
  consumer_id = %s
`, group.id(), consumer.id()),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.GroupMembers.Create(ctx, client.GroupMember{EnvironmentID: group.made.Scope, GroupID: group.made.ID, ConsumerID: consumer.made.ID}))
		},
	}
}

func dashboard(in, metric *object) *object {
	return &object{kind: "dashboard", label: in.inside("sales"),
		arguments: fmt.Sprintf(`
  environment_id = %s
  name           = "Sales"
  type           = "executive"
  views = {
    overview = {
      title = "Overview"
      sections = {
        figures = {
          title = "Figures"
          widgets = {
            revenue = {
              metric_id = %s
              title     = "Revenue"
              visualization = {
                type         = "bar_chart"
                data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "value" }] }
              }
            }
          }
        }
      }
    }
  }
`, in.id(), metric.id()),
		make: func(ctx context.Context, c *client.Client) (client.Ref, error) {
			return ref(c.Dashboards.Create(ctx, client.Dashboard{EnvironmentID: in.made.ID, Name: "Sales", Type: "executive", Tags: []string{}, DefaultView: "overview",
				Views: fmt.Appendf(nil, `[{"alias": "overview", "title": "Overview", "sections": [{"alias": "figures", "title": "Figures", "position": 0, "widgets": [
					{"alias": "revenue", "section_alias": "figures", "metric_id": %q, "position": 0, "grid_config": {"columns": 1, "rows": 1}, "title": "Revenue",
					"visualization": {"type": "bar_chart", "data_mapping": {"x_axis": {"field": "status"}, "y_axes": [{"field": "value"}]}}}]}]}]`, metric.made.ID)}))
		},
	}
}
