package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
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

// ValidateConfig refuses what the attributes' own validators cannot see.
func (r *kindResource[T, M]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config M
	if r.kind.validate == nil {
		return
	}
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.kind.validate(config)...)
	}
}

// ModifyPlan refuses what cannot be the id of another object, and to delete a protected object, and warns of a replacement that may not be
// meant. And it keeps updated_at where nothing is sent to Cortex, which then has no reason to change it: where only the state's own attributes
// change, or the spelling of what means the same.
func (r *kindResource[T, M]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state M
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.kind.checkReferences(ctx, req.Plan.Raw)...)
		if r.kind.locate != nil && !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(r.locate(ctx, req, resp)...)
		}
		if resp.Diagnostics.HasError() || req.State.Raw.IsNull() && r.kind.look == nil {
			return
		}
		if resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
			return
		}
		if r.kind.look != nil {
			resp.Diagnostics.Append(r.kind.look(ctx, r.client, plan)...)
		}
	}
	if req.State.Raw.IsNull() {
		return
	}
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	have := state.object()
	if req.Plan.Raw.IsNull() {
		if protection(state).DeletionProtection.ValueBool() {
			resp.Diagnostics.Append(protectedFromDestroy(r.kind.label(have.Ref())))
		}
		return
	}
	if resp.Diagnostics.Append(r.unread(ctx, req.State, have.Ref().ID)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.replacement(ctx, req, r.kind.label(have.Ref()), protection(state).DeletionProtection.ValueBool())...)
	if _, hasTimes := req.Plan.Schema.GetAttributes()[updatedAt]; !hasTimes {
		return
	}
	have, want, plan, diags := r.secretly(ctx, plan, state, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	changes := r.kind.objects(r.client).Changes(have, want)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	switch {
	case changes:
		if resp.Plan.Raw.Equal(req.State.Raw) {
			resp.Diagnostics.Append(unseen(r.kind.label(have.Ref())))
		}
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(updatedAt), types.StringUnknown())...)
		if _, counted := req.Plan.Schema.GetAttributes()[version]; counted {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(version), types.Int64Unknown())...)
		}
	case req.Config.Raw.IsFullyKnown():
		for _, name := range []string{updatedAt, version} {
			if _, has := req.Plan.Schema.GetAttributes()[name]; !has {
				continue
			}
			var is attr.Value
			resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(name), &is)...)
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), is)...)
		}
	}
}

// locate plans where an object is that does not say it itself: where it was, or with what it is bound to.
func (r *kindResource[T, M]) locate(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (diags diag.Diagnostics) {
	container := path.Root(r.kind.container())
	var said types.String
	diags.Append(req.Config.GetAttribute(ctx, container, &said)...)
	isNew := req.State.Raw.IsNull()
	for _, attribute := range r.kind.fixed() {
		var have, want types.String
		if !req.State.Raw.IsNull() {
			diags.Append(req.State.GetAttribute(ctx, path.Root(attribute), &have)...)
		}
		diags.Append(req.Plan.GetAttribute(ctx, path.Root(attribute), &want)...)
		isNew = isNew || !have.Equal(want)
	}
	if !said.IsNull() || !isNew || diags.HasError() {
		return diags
	}
	diags.Append(resp.Plan.SetAttribute(ctx, container, types.StringUnknown())...)
	var plan M
	diags.Append(resp.Plan.Get(ctx, &plan)...)
	if diags.HasError() {
		return diags
	}
	located, err := r.kind.locate(ctx, r.client, plan)
	if err != nil {
		diags.Append(cannot("find out where "+r.kind.label(plan.object().Ref())+" is to be", err))
		return diags
	}
	diags.Append(resp.Plan.Set(ctx, located)...)
	return diags
}

// replacement refuses to replace a protected object, and warns where nothing but an id that is not known yet asks for a replacement.
func (r *kindResource[T, M]) replacement(ctx context.Context, req resource.ModifyPlanRequest, object string, isProtected bool) (diags diag.Diagnostics) {
	changed := false
	var unsure diag.Diagnostics
	for _, attribute := range r.kind.fixed() {
		at := path.Root(attribute)
		var have, want types.String
		diags.Append(req.State.GetAttribute(ctx, at, &have)...)
		diags.Append(req.Plan.GetAttribute(ctx, at, &want)...)
		switch {
		case diags.HasError():
			return diags
		case have.Equal(want):
		case isProtected:
			diags.Append(diag.WithPath(at, protectedFromReplacement(r.kind.noun, object, attribute, have.ValueString(), want)))
		case want.IsUnknown():
			unsure.Append(diag.WithPath(at, replacedUnsure(r.kind.noun, attribute, r.kind.references[attribute], have.ValueString())))
		default:
			changed = true
		}
	}
	if !changed {
		diags.Append(unsure...)
	}
	return diags
}

func (r *kindResource[T, M]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan M
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if r.kind.locate != nil {
		var err error
		if plan, err = r.kind.locate(ctx, r.client, plan); err != nil {
			resp.Diagnostics.Append(cannot("create "+r.kind.label(plan.object().Ref()), err))
			return
		}
	}
	want, diags := r.kind.wanted(ctx, plan, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	made, err := r.kind.objects(r.client).Create(ctx, want)
	if err != nil {
		resp.Diagnostics.Append(cannot("create "+r.kind.label(want.Ref())+r.kind.inside(want.Ref().Scope), err))
		if !errors.As(err, new(*client.UnfinishedError)) {
			return
		}
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
	got, err := r.read(ctx, resp.Private, ref)
	var elsewhere *client.ElsewhereError
	switch {
	case client.IsGone(err, r.kind.noun, ref.ID):
		if protection(state).DeletionProtection.ValueBool() {
			resp.Diagnostics.Append(protectedIsGone(r.kind.noun, r.kind.label(ref), err))
		}
		resp.State.RemoveResource(ctx)
		return
	case errors.As(err, &elsewhere):
		resp.Diagnostics.AddError(fmt.Sprintf("Cannot read %s: it is in another %s", label(elsewhere.Noun, elsewhere.Ref.Name, elsewhere.Ref.ID),
			elsewhere.Container), elsewhereDetail(elsewhere))
		return
	case err != nil:
		resp.Diagnostics.Append(cannotStill("read "+r.kind.label(ref), err))
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
	objects := r.kind.objects(r.client)
	have, want, _, diags := r.secretly(ctx, plan, state, req.Config)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	if objects.Changes(have, want) {
		updated, err := objects.Update(ctx, have, want)
		if err != nil {
			resp.Diagnostics.Append(cannotStill("update "+r.kind.label(have.Ref()), err))
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
	over := r.kind.objects(r.client).Leave(object.Ref()) // who wants its name may wait for it
	defer func() { over(!resp.Diagnostics.HasError()) }()
	// A replacement that a person asked for (-replace, taint) reaches no plan of a destroy.
	if guards.DeletionProtection.ValueBool() {
		resp.Diagnostics.Append(protectedFromDelete(r.kind.label(object.Ref())))
		return
	}
	if r.kind.remove != nil {
		resp.Diagnostics.Append(r.kind.remove(ctx, &removal{client: r.client, force: guards.ForceDestroy.ValueBool(), retire: guards.RetireUndeletable.ValueBool()}, object)...)
		return
	}
	if err := r.kind.objects(r.client).Delete(ctx, object.Ref()); err != nil {
		resp.Diagnostics.Append(cannotStill("delete "+r.kind.label(object.Ref()), err))
	}
}
