package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// The README names everything that the provider has, with a link to its page.
func TestReadmeHasEveryKind(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := kinds(t)
	for folder, names := range map[string][]string{"resources": all.ResourceSchemas, "list-resources": all.ResourceSchemas, "data-sources": all.DataSourceSchemas} {
		for _, name := range names {
			if link := fmt.Sprintf("[`%s`](docs/%s/%s.md)", name, folder, strings.TrimPrefix(name, "cortex_")); !strings.Contains(string(readme), link) {
				t.Errorf("the README has no %s", link)
			}
		}
	}
}

// The versions that the README says were tested are those that CI tests.
func TestReadmeTested(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../.github/workflows/test.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Strategy struct {
				Matrix struct {
					Include []struct{ Engine, Version string }
				}
			}
		}
	}
	if err := yaml.Unmarshal(data, &workflow); err != nil {
		t.Fatal(err)
	}
	exact := regexp.MustCompile(`\b\d+\.\d+\.\d+\b`)
	for engine, row := range map[string]string{"terraform": "| Terraform |", "tofu": "| OpenTofu |"} {
		ran := map[string]bool{}
		for _, job := range workflow.Jobs {
			for _, m := range job.Strategy.Matrix.Include {
				if m.Engine == engine && exact.FindString(m.Version) == m.Version {
					ran[m.Version] = true
				}
			}
		}
		_, tested, _ := strings.Cut(string(readme), row)
		tested, _, _ = strings.Cut(tested, "\n")
		said := map[string]bool{}
		for _, version := range exact.FindAllString(tested, -1) {
			said[version] = true
		}
		if diff := cmp.Diff(ran, said); diff != "" || len(ran) == 0 {
			t.Errorf("%s in the workflow and in the README (-workflow +README):\n%s", engine, diff)
		}
	}
}

// The quick start of the README works as it stands.
func TestReadme(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "```hcl\n")
	block, _, _ = strings.Cut(block, "```")
	_, body, found := strings.Cut(block, "\n}\n") // less its terraform block: write has one
	if !found || !strings.Contains(body, "cortex_dashboard") {
		t.Fatalf("the first HCL of the README is %q", block)
	}
	if n := strings.Count(block, "\n"); n > 50 {
		t.Errorf("it has %d lines, which is more than a screen", n)
	}
	body = strings.NewReplacer("Acme", c.Name("Acme"), shopOfGuides, shopFile(t, c)).Replace(body)
	defer newEngine(t, c).applied(body)()
	environment := c.Environments(workspaceNamed(t, c, c.Name("Acme")).ID)[0]
	if got := c.RunWidget(c.Dashboards(environment.ID)[0].ID, "overview", "revenue"); len(got) == 0 {
		t.Error("its widget shows nothing")
	}
}
