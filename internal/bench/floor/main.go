// Command floor is a provider with the schema of this one that does nothing: every call returns at once. It is a plain
// framework provider, with the framework's defaults, and shows what the engine itself takes.
package main

import (
	"context"
	"log"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"

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

// nothing is a resource with the schema of the one that it holds. What Cortex would decide is made of the object's name.
type nothing struct{ resource.Resource }

var _ resource.ResourceWithImportState = (*nothing)(nil)

const when = "2026-01-02T03:04:05"

// id makes an id of what an import calls the object.
func id(name string) string { return uuid.NewSHA1(uuid.Nil, []byte(name)).String() }

func (*nothing) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	set := func(attribute string, value any) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	set("id", uuid.NewString())
	set("created_at", when)
	set("updated_at", when)
}

func (*nothing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*nothing) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (*nothing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// ImportState takes a workspace's name, or that and an environment's with a slash between.
func (*nothing) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	set := func(attribute string, value any) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	name, description := req.ID, "All that belongs to "+req.ID
	if workspace, environment, ok := strings.Cut(req.ID, "/"); ok {
		name, description = environment, "Default environment for the workspace environment"
		set("workspace_id", id(workspace))
	}
	set("id", id(req.ID))
	set("name", name)
	set("description", description)
	set("created_at", when)
	set("updated_at", when)
	set("deletion_protection", false)
	set("force_destroy", false)
}
