package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	fwpath "github.com/hashicorp/terraform-plugin-framework/path"
	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/zclconf/go-cty/cty"
)

// withLists, in the environment of an engine, has the provider be one that has lists where dashboards have maps, to compare their plans.
const withLists = "CORTEX_TEST_LISTS"

// listProvider has one resource, which does nothing: cortex_dashboard with lists.
type listProvider struct{ fw.Provider }

func (listProvider) Configure(context.Context, fw.ConfigureRequest, *fw.ConfigureResponse) {}

func (p listProvider) Resources(ctx context.Context) (all []func() resource.Resource) {
	for _, newResource := range p.Provider.Resources(ctx) {
		var about resource.MetadataResponse
		newResource().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "cortex"}, &about)
		if about.TypeName == "cortex_dashboard" {
			all = append(all, func() resource.Resource { return &listDashboard{newResource()} })
		}
	}
	return all
}

type listDashboard struct{ resource.Resource }

func (r *listDashboard) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	r.Resource.Schema(ctx, req, resp)
	resp.Schema.Attributes = listed(resp.Schema.Attributes)
}

func (*listDashboard) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	for _, name := range []string{"id", "created_at", "updated_at"} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, fwpath.Root(name), name)...)
	}
}

func (*listDashboard) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, fwpath.Root("updated_at"), "updated_at")...)
}

func (*listDashboard) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// listed are attributes with lists for maps.
func listed(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for name, attribute := range attributes {
		if m, ok := attribute.(schema.MapNestedAttribute); ok {
			delete(m.NestedObject.Attributes, "position")
			m.NestedObject.Attributes["alias"] = schema.StringAttribute{Required: true}
			attributes[name] = schema.ListNestedAttribute{Required: m.Required, Optional: m.Optional, NestedObject: schema.NestedAttributeObject{Attributes: listed(m.NestedObject.Attributes)}}
		}
	}
	return attributes
}

// asLists is the configuration of a dashboard with lists for maps, and nothing else around it.
func asLists(t *testing.T, text string) string {
	t.Helper()
	text = regexp.MustCompile(`cortex_\w+\.(\w+)\.id`).ReplaceAllString(text, `"`+strings.Repeat("0", 8)+"-0000-0000-0000-000000000000"+`"`)
	file, diags := hclsyntax.ParseConfig([]byte(text), "dashboard.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	block := file.Body.(*hclsyntax.Body).Blocks[0]
	written := hclwrite.NewEmptyFile()
	body := written.Body().AppendNewBlock(block.Type, block.Labels).Body()
	for name, attribute := range block.Body.Attributes {
		value, diags := attribute.Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if name == "views" {
			value = inList(value)
		}
		body.SetAttributeValue(name, value)
	}
	return string(written.Bytes())
}

// inList is a map by alias as a list.
func inList(parts cty.Value) cty.Value {
	type item struct {
		position int64
		alias    string
		fields   map[string]cty.Value
	}
	var items []item
	for alias, part := range parts.AsValueMap() {
		i := item{0, alias, part.AsValueMap()}
		i.fields["alias"] = cty.StringVal(alias)
		if position, ok := i.fields["position"]; ok {
			i.position, _ = position.AsBigFloat().Int64()
			delete(i.fields, "position")
		}
		for _, name := range []string{"sections", "widgets"} {
			if inside, ok := i.fields[name]; ok {
				i.fields[name] = inList(inside)
			}
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.position, b.position), strings.Compare(a.alias, b.alias))
	})
	var list []cty.Value
	for _, i := range items {
		list = append(list, cty.ObjectVal(i.fields))
	}
	return cty.TupleVal(list)
}

// A dashboard is made, changed, enlarged, rearranged and half replaced. Beside its plans are those of the same changes with lists.
func TestGuideDashboards(t *testing.T) {
	c := cortextest.Start(t)
	before := living(c)
	file := shopFile(t, c)
	e, lists := newInstalled(t, buildProvider(t), "CORTEX_API_URL="+c.URL()), newEngine(t, nil, withLists+"=1")
	said := map[string][]string{
		"From a metric to a dashboard": {"successfully initialized!", "6 to add, 0 to change, 0 to destroy", "6 added", "No changes."},
		"Change":                       {"0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"In which order":               {"0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"Move and remove":              {"0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed", "No changes."},
		"When that fails half-way":     {"0 added, 1 changed, 0 destroyed", "No changes."},
		"The end":                      {"6 destroyed"},
	}
	requests := map[string]int{"From a metric to a dashboard": 6, "Change": 1, "In which order": 1, "Move and remove": 3, "When that fails half-way": 1}
	widgets := map[string]string{"From a metric to a dashboard": "total chart table", "In which order": "total share chart table", "Move and remove": "total share chart table"}
	const name = "dashboard.tf"
	var versions []string // of the dashboard
	listPlans := map[string]string{}
	outputs := map[string]string{}
	for _, f := range guide(t, c, "dashboards") {
		switch {
		case f.language == "terraform":
			e.file(f.file, strings.ReplaceAll(f.text, shopOfGuides, file))
			if f.file == name {
				versions = append(versions, f.text)
				lists.write(asLists(t, f.text))
				lists.run(apply...)
			}
			continue
		case f.language == "diff":
			versions = append(versions, patched(t, versions[len(versions)-1], f.text))
			e.file(f.file, versions[len(versions)-1])
			lists.write(asLists(t, versions[len(versions)-1]))
			listPlans[f.section] = lists.run(plan...)
			lists.run(apply...)
			continue
		case f.section == "Why maps and not lists":
			of := map[bool]string{true: "In which order", false: "Change"}[strings.Contains(f.text, "share")]
			for i, plan := range []string{outputs[of], listPlans[of]} {
				wantPart(t, f.section, idPattern.ReplaceAllString(plan, "…"), columns(f.text)[i])
			}
			continue
		case f.section == "What Cortex cannot show":
			e.file(name, strings.Replace(versions[0], `, y_axes = [{ field = "revenue" }]`, "", 1))
			if got := slices.Compact(e.warnings(plan...)); len(got) != 1 || f.text != fmt.Sprintf("Warning: %s\n\n%s\n", got[0].Summary, got[0].Detail) {
				t.Errorf("the warnings are %q", got)
			}
			continue
		case strings.HasPrefix(f.text, "Error: "):
			// The version before the move has the table elsewhere, too.
			e.file(name, versions[len(versions)-2])
			got := e.halfReplaced(c)
			if shown := fmt.Sprintf("Error: %s\n\n%s\n", got.Summary, got.Detail); idPattern.ReplaceAllString(shown, "…") != idPattern.ReplaceAllString(f.text, "…") {
				t.Errorf("the error is\n%s", shown)
			}
			continue
		case f.language == "text": // of the plan
			wantWords(t, f.section, outputs[f.section], strings.Split(strings.TrimSuffix(f.text, "\n"), "\n")...)
			continue
		}
		c.Reset()
		outputs[f.section] += e.follow(f)
		if n, ok := requests[f.section]; ok && len(c.Writes()) != n {
			t.Errorf("%s: %d writes, want %d", f.section, len(c.Writes()), n)
		}
		for _, alias := range strings.Fields(widgets[f.section]) {
			c.RunWidget(c.Dashboards(environmentNamed(t, c, workspaceNamed(t, c, c.Name("Acme")).ID, "Production").ID)[0].ID, "overview", alias)
		}
	}
	for section, words := range said {
		wantWords(t, section, outputs[section], words...)
	}
	if diff := gocmp.Diff(before, living(c)); diff != "" {
		t.Errorf("what the guide leaves behind (-before +after):\n%s", diff)
	}
}

// halfReplaced applies what takes three requests, of which the last one fails, and returns the error.
func (e *engine) halfReplaced(c *cortextest.Cortex) problem {
	e.t.Helper()
	puts := 0
	c.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "maintenance", Times: -1, Match: func(r *http.Request) bool {
		if r.Method == http.MethodPut {
			puts++
		}
		return r.Method == http.MethodPut && puts >= 3
	}})
	e.Setenv("CORTEX_MAX_RETRIES=0")
	defer func() { c.Reset(); e.Setenv("CORTEX_MAX_RETRIES=4") }()
	got := e.problems(apply...)
	if len(got) != 1 {
		e.t.Fatalf("the errors are %q", got)
	}
	return got[0]
}

// wantPart wants a text to have these lines one after another, indented by as much as it likes.
func wantPart(t *testing.T, what, text, lines string) {
	t.Helper()
	first, _, _ := strings.Cut(lines, "\n")
	indented := regexp.MustCompile(`(?m)^( *)` + regexp.QuoteMeta(first) + `$`).FindStringSubmatch(text)
	if indented == nil || !strings.Contains(regexp.MustCompile("(?m)^"+indented[1]).ReplaceAllString(text, ""), lines) {
		t.Errorf("%s: the plan has not\n%s\n%s", what, lines, text)
	}
}

// columns are the two that stand side by side in a text.
func columns(text string) [2]string {
	var both [2]string
	for line := range strings.Lines(text) {
		left, right, _ := strings.Cut(line, "│")
		for i, cell := range []string{left, strings.TrimPrefix(right, " ")} {
			both[i] += strings.TrimRight(cell, " \n") + "\n"
		}
	}
	for i, lines := range both {
		both[i] = strings.TrimRight(lines, "\n") + "\n"
	}
	return both
}

// patched is a text after a diff.
func patched(t *testing.T, text, diff string) string {
	t.Helper()
	var old, new strings.Builder
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			old.WriteString(line[1:])
		}
		if line[0] != '-' {
			new.WriteString(line[1:])
		}
	}
	if strings.Count(text, old.String()) != 1 {
		t.Fatalf("not once is there\n%s\nin\n%s", old.String(), text)
	}
	return strings.Replace(text, old.String(), new.String(), 1)
}
