// Command floor is a provider with the schema of this one that does nothing: every call returns at once. It is a plain
// framework provider, with the framework's defaults, and shows what the engine itself takes.
package main

import (
	"context"
	"log"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	cortex "github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

func main() {
	serve := func() provider.Provider { return floor{cortex.New("floor")()} }
	if err := providerserver.Serve(context.Background(), serve, providerserver.ServeOpts{Address: cortex.Address}); err != nil {
		log.Fatal(err)
	}
}

// floor has the schema of the provider that it holds.
type floor struct{ provider.Provider }

func (floor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (f floor) Resources(ctx context.Context) (all []func() resource.Resource) {
	for _, newResource := range f.Provider.Resources(ctx) {
		all = append(all, func() resource.Resource { return &nothing{newResource()} })
	}
	return all
}

// nothing is a resource with the schema of the one that it holds.
type nothing struct{ resource.Resource }

var _ resource.ResourceWithImportState = (*nothing)(nil)

func (*nothing) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = decided(req.Plan.Raw, &resp.Diagnostics)
}

func (*nothing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*nothing) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = decided(req.Plan.Raw, &resp.Diagnostics)
}

func (*nothing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// ImportState takes the attributes themselves, as JSON: there is nobody to ask for them.
func (*nothing) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	object, err := tftypes.ValueFromJSON([]byte(req.ID), resp.State.Schema.Type().TerraformType(ctx)) //nolint:staticcheck // there is no other
	if err != nil {
		resp.Diagnostics.AddError("Cannot import", err.Error())
		return
	}
	resp.State.Raw = object
}

// decided returns a plan with something for all that Cortex would decide: ids, times and versions.
func decided(plan tftypes.Value, diags *diag.Diagnostics) tftypes.Value {
	state, err := tftypes.Transform(plan, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		switch {
		case value.IsKnown():
			return value, nil
		case value.Type().Is(tftypes.Number):
			return tftypes.NewValue(tftypes.Number, 1), nil
		case strings.HasSuffix(at.String(), `_at")`):
			return tftypes.NewValue(tftypes.String, "2026-01-02T03:04:05"), nil
		}
		return tftypes.NewValue(tftypes.String, uuid.NewString()), nil
	})
	if err != nil {
		diags.AddError("Cannot do nothing", err.Error())
	}
	return state
}
