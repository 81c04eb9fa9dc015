package provider_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

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

// The quick start of the README works as it stands.
func TestReadme(t *testing.T) {
	c := cortextest.Start(t)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "```hcl\n")
	block, _, _ = strings.Cut(block, "```")
	_, body, found := strings.Cut(block, "\n}\n") // less its terraform block: write has one
	if !found || !strings.Contains(body, "cortex_workspace") {
		t.Fatalf("the first HCL of the README is %q", block)
	}
	newEngine(t, c).applied(strings.NewReplacer("Acme", c.Name("Acme"), "Globex", c.Name("Globex")).Replace(body))()
}
