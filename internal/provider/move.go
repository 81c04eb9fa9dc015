package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// genericResources are resources of providers for any REST API, by type, with the end of their provider's address. Their states hold the
// collection in path, and in id the object's id, or the path that ends with it.
var genericResources = map[string]string{
	"restapi_object":   "/mastercard/restapi",
	"restful_resource": "/magodo/restful",
}

// fromGeneric tells whether a state is one of these. OpenTofu before 1.12.4 names a provider by the first word of the type alone. Since then it
// looks up the provider of the resource that is moved to, which is the old one for the first instance of a for_each or count, and this one for
// those that it moves after that.
func fromGeneric(typeName, provider string) bool {
	address, known := genericResources[typeName]
	implied, _, _ := strings.Cut(typeName, "_")
	provider = strings.ToLower(provider)
	return known && (provider == implied || strings.HasSuffix(provider, address) || strings.HasSuffix(provider, "/cortex"))
}

// MoveState takes over objects that a generic provider managed, by a moved block. What the state has to hold is the id: the Read that
// follows asks for the rest.
func (r *kindResource[T, M]) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: r.moveState}}
}

func (r *kindResource[T, M]) moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if !fromGeneric(req.SourceTypeName, req.SourceProviderAddress) || len(r.kind.parts) > 0 {
		return // the engine then says that this cannot be moved
	}
	var state struct{ ID, Path string }
	err := json.Unmarshal(req.SourceRawState.JSON, &state)
	id := state.ID[strings.LastIndex(state.ID, "/")+1:]
	what := fmt.Sprintf("Cannot move %s to %s", req.SourceTypeName, r.kind.typeName())
	switch collection := r.collection(); {
	case err != nil:
		resp.Diagnostics.AddError(what, "Its state cannot be read: "+sentence(err))
	case !strings.HasSuffix(strings.TrimRight(state.Path, "/"), collection):
		resp.Diagnostics.AddError(what, fmt.Sprintf("Its path is %q, and Cortex has %ss at %s. Move it to the resource of the kind that it is.", state.Path, r.kind.noun, collection))
	case uuid.Validate(id) != nil:
		resp.Diagnostics.AddError(what, fmt.Sprintf("Its id is %q, which holds no UUID of a %s. Import the object instead.", state.ID, r.kind.noun))
	default:
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), strings.ToLower(id))...)
	}
}

// collection is where Cortex has the kind's objects. An engine moves states before it configures the provider, so that there is no client.
func (r *kindResource[T, M]) collection() string {
	return r.kind.objects(client.Failing(nil)).Collection()
}

// unread refuses to plan with a state that holds what a move takes over and nothing else, as a plan without a refresh has it: the object would
// be changed to what it is already, or replaced.
func (r *kindResource[T, M]) unread(ctx context.Context, state tfsdk.State, id string) (diags diag.Diagnostics) {
	for name, attribute := range state.Schema.GetAttributes() {
		if !attribute.IsRequired() {
			continue
		}
		var value attr.Value
		if diags.Append(state.GetAttribute(ctx, path.Root(name), &value)...); diags.HasError() || !value.IsNull() {
			return diags
		}
	}
	diags.AddError(fmt.Sprintf("Cannot plan %s %s: it was not read yet", r.kind.noun, id), "The state holds nothing but its id, which is all that a move takes "+
		"over. Plan again without -refresh=false, so that the rest is read from Cortex.")
	return diags
}
