package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The ids that a configuration says are checked by plans of resources and by reads of data sources, not by validators: an engine that mocks
// the provider (mock_provider of `terraform test`) makes ids up ("5q6mh1bz"), and has the configuration that refers to them validated by
// the provider itself.

// attributes is a configuration, plan or state of the framework.
type attributes interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}

// checkReferences refuses what cannot be the id of another object.
func (a about) checkReferences(ctx context.Context, in attributes) diag.Diagnostics {
	return checkIDs(ctx, in, slices.Sorted(maps.Keys(a.references))...)
}

// checkIDs refuses what cannot be an id, in the attributes with these names.
func checkIDs(ctx context.Context, in attributes, names ...string) (diags diag.Diagnostics) {
	for _, name := range names {
		var id types.String
		diags.Append(in.GetAttribute(ctx, path.Root(name), &id)...)
		diags.Append(checkID(ctx, path.Root(name), id)...)
	}
	return diags
}

func checkID(ctx context.Context, at path.Path, id types.String) diag.Diagnostics {
	var resp validator.StringResponse
	check("a UUID in canonical form", validUUID).ValidateString(ctx, validator.StringRequest{Path: at, ConfigValue: id}, &resp)
	return resp.Diagnostics
}
