package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// kindResource is the resource of a kind: the framework's steps, in the order in which an engine takes them.
type kindResource[T client.Object, M model[T, M]] struct {
	kind   kind[T, M]
	client *client.Client
}

func (k kind[T, M]) resource() resource.Resource { return &kindResource[T, M]{kind: k} }

func (r *kindResource[T, M]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.kind.typeName()
}

func (r *kindResource[T, M]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.kind.schema()
}

func (r *kindResource[T, M]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = r.kind.identitySchema()
}

func (r *kindResource[T, M]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

// ModifyPlan refuses to delete a protected object. And it keeps updated_at where nothing is sent to Cortex, which then has no reason to
// change it: where only the state's own attributes change, or the spelling of what means the same.
func (r *kindResource[T, M]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return
	}
	var plan, state M
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	have := state.object()
	isProtected := protection(state).DeletionProtection.ValueBool()
	if req.Plan.Raw.IsNull() {
		if isProtected {
			resp.Diagnostics.Append(protected("destroy", r.kind.label(have.Ref())))
		}
		return
	}
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if resp.Diagnostics.Append(r.unread(ctx, req.State, have.Ref().ID)...); resp.Diagnostics.HasError() {
		return
	}
	if isProtected && r.kind.in != nil && !equalAt(ctx, req, r.kind.container()) {
		resp.Diagnostics.Append(protected("replace", r.kind.label(have.Ref())))
	}
	_, hasTimes := req.Plan.Schema.GetAttributes()[updatedAt]
	if hasTimes && req.Config.Raw.IsFullyKnown() && !r.kind.objects(r.client).Changes(have, plan.object()) {
		var at types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(updatedAt), &at)...)
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(updatedAt), at)...)
	}
}

// equalAt tells whether a plan keeps an attribute.
func equalAt(ctx context.Context, req resource.ModifyPlanRequest, attribute string) bool {
	var have, want types.String
	failed := req.State.GetAttribute(ctx, path.Root(attribute), &have).HasError() || req.Plan.GetAttribute(ctx, path.Root(attribute), &want).HasError()
	return !failed && have.Equal(want)
}

func (r *kindResource[T, M]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan M
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	want := plan.object()
	made, err := r.kind.objects(r.client).Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(cannot("create "+r.kind.label(want.Ref())+r.kind.inside(want.Ref().Scope), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan.with(made))...)
	resp.Diagnostics.Append(r.kind.identify(ctx, resp.Identity, resp.State)...)
}

func (r *kindResource[T, M]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state M
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	ref := state.object().Ref()
	// Before the request: a state without identity fails otherwise, even when the object is gone.
	resp.Diagnostics.Append(r.kind.identify(ctx, resp.Identity, req.State)...)
	got, err := read(ctx, resp.Private, func() (T, error) { return r.kind.objects(r.client).Get(ctx, ref.Scope, ref.ID) })
	var elsewhere *client.ElsewhereError
	switch {
	case client.IsGone(err, r.kind.noun, ref.ID):
		resp.State.RemoveResource(ctx)
		return
	case errors.As(err, &elsewhere):
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot read %s: it is in another %s", label(elsewhere.Noun, elsewhere.Ref.Name, elsewhere.Ref.ID),
			elsewhere.Container), elsewhereDetail(elsewhere))
		return
	case err != nil:
		resp.Diagnostics.Append(cannot("read "+r.kind.label(ref), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state.with(got))...)
	resp.Diagnostics.Append(r.kind.identify(ctx, resp.Identity, resp.State)...) // an import may not have known all of it
}

func (r *kindResource[T, M]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.kind.identify(ctx, resp.Identity, req.State)...)
	objects, have, want := r.kind.objects(r.client), state.object(), plan.object()
	if objects.Changes(have, want) {
		updated, err := objects.Update(ctx, have, want)
		if err != nil {
			resp.Diagnostics.Append(cannot("update "+r.kind.label(have.Ref()), err))
			return
		}
		plan = plan.with(updated)
		if objects.Changes(updated, want) { // something else than what was sent
			resp.Diagnostics.Append(interfered(r.kind.label(have.Ref())))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *kindResource[T, M]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state M
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	object, guards := state.object(), protection(state)
	// A replacement that a person asked for (-replace, taint) reaches no plan of a destroy.
	if guards.DeletionProtection.ValueBool() {
		resp.Diagnostics.Append(protected("delete", r.kind.label(object.Ref())))
		return
	}
	if r.kind.remove != nil {
		resp.Diagnostics.Append(r.kind.remove(ctx, r.client, object, guards.ForceDestroy.ValueBool())...)
		return
	}
	if err := r.kind.objects(r.client).Delete(ctx, object.Ref()); err != nil {
		resp.Diagnostics.Append(cannot("delete "+r.kind.label(object.Ref()), err))
	}
}
