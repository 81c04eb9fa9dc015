package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Aliases that are the same to Terraform, of which Cortex may have two, are two keys.
func TestUnplacedAliasesAreToldApart(t *testing.T) {
	list, _ := jsonTree([]byte(`[{"alias": "e\u0301", "title": "A"}, {"alias": "\u00e9", "title": "B"}, {"alias": "e\u0301", "title": "C"}]`)).([]any)
	got := map[string]any{}
	for key, object := range unplaced(list, types.MapNull(types.StringType)) {
		got[key] = object.(map[string]any)["title"]
	}
	if len(got) != 3 || got["\u00e9"] != "A" || got["\u00e9"+again] != "B" || got["\u00e9"+again+again] != "C" {
		t.Errorf("they are %q", got)
	}
}
