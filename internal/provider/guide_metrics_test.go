package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// living is what the server holds but for what was retired.
func living(c *cortextest.Cortex) []string {
	return slices.DeleteFunc(c.Contents(), func(line string) bool { return strings.Contains(line, `"retired `) })
}

// A module is tested, as it is and with a table that is not there, and then applied with a check.
func TestGuideTestYourMetrics(t *testing.T) {
	c := cortextest.Start(t)
	before := living(c)
	file := shopFile(t, c)
	e := newInstalled(t, buildProvider(t), "CORTEX_API_URL="+c.URL())
	said := map[string][]string{
		"A module and its test": {"successfully initialized!", "2 passed, 0 failed"},
		"When it fails":         {"Cannot run metric ", "Cortex answered: ", "bills", "1 passed, 1 failed"},
		"In every plan":         {"5 to add", "5 added", "No changes."},
	}
	outputs := map[string]string{}
	for _, f := range guide(t, c, "test-your-metrics") {
		switch f.language {
		case "text":
			continue
		case "terraform":
			e.file(f.file, strings.ReplaceAll(f.text, shopOfGuides, file))
			continue
		}
		outputs[f.section] += e.follow(f)
		if diff := cmp.Diff(before, living(c)); f.section != "In every plan" && diff != "" {
			t.Errorf("what a test leaves behind (-before +after):\n%s", diff)
		}
	}
	for section, words := range said {
		wantWords(t, section, outputs[section], words...)
	}
	wantIn(t, "the output", outputs["In every plan"], "Check block assertion failed", false)

	empty := cortextest.SampleTables()
	for i := range empty {
		empty[i].Rows = nil
	}
	c.SQLiteDatabase(file, empty...)
	if got := e.warnings(plan...); len(got) != 1 || got[0].Detail != "Nothing was sold." {
		t.Errorf("without orders there are the warnings %q", got)
	}
	e.run(destroy...)
	if diff := cmp.Diff(before, living(c)); diff != "" {
		t.Errorf("what the guide leaves behind (-before +after):\n%s", diff)
	}
}

// A module is tested and released, a metric in it is changed, and the change goes from Development to Production, and back.
func TestGuideSemanticLayer(t *testing.T) {
	c := cortextest.Start(t)
	before := living(c)
	file := shopFile(t, c)
	e := newInstalled(t, buildProvider(t), "CORTEX_API_URL="+c.URL())
	// In place of the commits of a repository, which need git and a server.
	release := func(tag string) {
		if err := os.CopyFS(filepath.Join(e.Dir, tag), os.DirFS(filepath.Join(e.Dir, "semantic-layer"))); err != nil {
			t.Fatal(err)
		}
	}
	var tenant string // main.tf of its repository
	moveTo := func(environment, ref string) {
		t.Helper()
		module := regexp.MustCompile(`(module "` + environment + `" \{\n.*\?ref=)[^"]*`)
		if !module.MatchString(tenant) {
			t.Fatalf("there is no module %s in\n%s", environment, tenant)
		}
		tenant = module.ReplaceAllString(tenant, "${1}"+ref)
		const at = "git::https://git.example.com/acme/semantic-layer.git?ref="
		e.file("tenant/main.tf", strings.NewReplacer(at+"main", "../semantic-layer", at, "../").Replace(tenant))
	}
	said := map[string][]string{
		"The module":          {"successfully initialized!", "3 passed, 0 failed"},
		"Three environments":  {"13 to add, 0 to change, 0 to destroy", "13 added"},
		"Development":         {"0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"Staging":             {"module.staging.cortex_metric.revenue will be updated", "0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"Production":          {"module.production.cortex_metric.revenue will be updated", "0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"The end of a tenant": {"13 destroyed"},
	}
	revenue := map[string]float64{} // by environment
	wantRevenue := func(section string, development, staging, production float64) {
		t.Helper()
		w := workspaceNamed(t, c, c.Name("Acme"))
		for _, environment := range c.Environments(w.ID) {
			revenue[environment.Name] = c.RunMetric(c.Metrics(environment.ID)[0].ID)[0]["revenue"].(float64)
		}
		if diff := cmp.Diff(map[string]float64{"Development": development, "Staging": staging, "Production": production}, revenue); diff != "" {
			t.Errorf("revenue after %q (-want +got):\n%s", section, diff)
		}
	}
	outputs := map[string]string{}
	for _, f := range guide(t, c, "semantic-layer-as-code") {
		text := strings.ReplaceAll(f.text, shopOfGuides, file)
		switch {
		case f.file == "tenant/main.tf":
			tenant = text
			moveTo("development", "main") // where it is already
			continue
		case f.language == "terraform":
			e.file(f.file, text)
			continue
		case f.section == "A metric changes":
			const name = "semantic-layer/main.tf"
			old, err := os.ReadFile(filepath.Join(e.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			e.file(name, strings.Replace(string(old), "  }]\n", "  }]\n\n"+regexp.MustCompile(`(?m)^\+`).ReplaceAllString(text, ""), 1))
			continue
		case f.language == "text": // of the plan
			wantWords(t, f.section, outputs[f.section], strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
			continue
		case f.section == "Staging", f.section == "Production":
			moveTo(strings.ToLower(f.section), "v1.1.0")
		}
		out := e.follow(f)
		outputs[f.section] += out
		wantIn(t, "the output", out, "Check block assertion failed", false)
		switch f.section {
		case "The module":
			release("v1.0.0")
			if diff := cmp.Diff(before, living(c)); diff != "" {
				t.Errorf("what the test leaves behind (-before +after):\n%s", diff)
			}
		case "Three environments":
			wantRevenue(f.section, 220, 220, 220)
		case "Development":
			wantRevenue(f.section, 150, 220, 220)
			release("v1.1.0")
		case "Staging":
			wantRevenue(f.section, 150, 150, 220)
		case "Production":
			wantRevenue(f.section, 150, 150, 150)
			moveTo("production", "v1.0.0")
			e.follow(fence{section: "taken back", text: "terraform -chdir=tenant init && terraform -chdir=tenant apply -auto-approve"})
			wantRevenue("taken back", 150, 150, 220)
		}
	}
	for section, words := range said {
		wantWords(t, section, outputs[section], words...)
	}
	if diff := cmp.Diff(before, living(c)); diff != "" {
		t.Errorf("what the guide leaves behind (-before +after):\n%s", diff)
	}
}
