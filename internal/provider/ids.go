package provider

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The ids that a configuration says are checked by plans of resources and by reads of data sources, not by validators: an engine that mocks
// the provider (mock_provider of `terraform test`) makes ids up ("5q6mh1bz"), and has the configuration that refers to them validated by
// the provider itself.

// checkReferences refuses what cannot be the id of another object.
func (a about) checkReferences(ctx context.Context, in tftypes.Value) diag.Diagnostics {
	return checkIDs(ctx, in, slices.Collect(maps.Keys(a.references))...)
}

// checkIDs refuses what cannot be an id, in the attributes of a configuration, plan or state that have these names, nested ones too.
func checkIDs(ctx context.Context, in tftypes.Value, names ...string) diag.Diagnostics {
	var resp validator.StringResponse
	_ = tftypes.Walk(in, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		name, _ := at.LastStep().(tftypes.AttributeName)
		if id, ok := Text(value); ok && slices.Contains(names, string(name)) {
			check("a UUID in canonical form", validUUID).ValidateString(ctx, validator.StringRequest{Path: pathOf(at), ConfigValue: text(id)}, &resp)
		}
		return true, nil
	})
	slices.SortFunc(resp.Diagnostics, func(a, b diag.Diagnostic) int { return cmp.Compare(a.Summary(), b.Summary()) })
	return resp.Diagnostics
}

// pathOf returns a path as the framework has it.
func pathOf(at *tftypes.AttributePath) path.Path {
	p := path.Empty()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			p = p.AtName(string(step))
		case tftypes.ElementKeyString:
			p = p.AtMapKey(string(step))
		case tftypes.ElementKeyInt:
			p = p.AtListIndex(int(step))
		}
	}
	return p
}
