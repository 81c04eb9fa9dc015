package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// A secret is in the state only when the configuration says it in an attribute that is (password). Said in a write-only attribute
// (password_wo), it is in the configuration and in Cortex, and nowhere else; after an import it is in Cortex alone, until a configuration says
// it. So plans and updates of such kinds compare the configuration with what Cortex has, in memory: with the answer that the plan's refresh
// got, or else, as in an apply, with one asked for.

// unkept stands in the state for a secret that an import found, and that nobody has said yet. It is what an engine compares the configuration
// with: were it null, the first plan after each import would show a change.
const unkept = ""

// confidant is the model of a kind with such secrets. The plan's has these methods.
type confidant[T, M any] interface {
	// configured returns the plan with the secrets that the configuration says.
	configured(config M) M
	// upon returns what Cortex has and what it shall have for the plan and the configuration: what neither says stays.
	upon(config M, has T, state M) (have, want T)
	// planned returns the plan with unkept where the state has that and the configuration says the secret that Cortex has.
	planned(state M, has T) M
}

// secretly returns what Cortex has of an object and what it shall have; without secrets, that is what state and plan say.
func (r *kindResource[T, M]) secretly(ctx context.Context, plan, state M, config tfsdk.Config) (have, want T, planned M, diags diag.Diagnostics) {
	have, want, planned = state.object(), plan.object(), plan
	c, ok := any(plan).(confidant[T, M])
	if !ok {
		return have, want, planned, nil
	}
	var said M
	if diags.Append(config.Get(ctx, &said)...); diags.HasError() {
		return have, want, planned, diags
	}
	all, ok := r.kind.objects(r.client).(interface {
		Seen(ctx context.Context, ref client.Ref) (T, error)
	})
	if !ok {
		diags.Append(cannot("compare "+r.kind.label(have.Ref()), errors.New("the client keeps no secrets of this kind")))
		return have, want, planned, diags
	}
	has, err := all.Seen(ctx, have.Ref())
	if err != nil {
		diags.Append(cannotStill("read "+r.kind.label(have.Ref()), err))
		return have, want, planned, diags
	}
	have, want = c.upon(said, has, state)
	return have, want, c.planned(state, has), nil
}

// wanted returns what a plan makes of nothing.
func (k kind[T, M]) wanted(ctx context.Context, plan M, config tfsdk.Config) (want T, diags diag.Diagnostics) {
	if c, ok := any(plan).(confidant[T, M]); ok {
		var said M
		diags = config.Get(ctx, &said)
		plan = c.configured(said)
	}
	return plan.object(), diags
}

// unseen warns of a change that no plan shows.
func unseen(object string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("What Cortex has of the connection of "+object+" is not what the configuration says",
		"A password, or another value that is in no plan, was changed in Cortex or in what the configuration gets it from. The plan shows an update "+
			"of updated_at only. Apply sets what the configuration says.")
}

// kept is a secret as whichever attribute has it says it; null when none does.
func kept(plain, writeOnly types.String) types.String {
	switch {
	case !writeOnly.IsNull():
		return writeOnly
	case plain.ValueString() == unkept && !plain.IsUnknown():
		return types.StringNull()
	}
	return plain
}

// secretAttributes are a secret's three attributes.
func secretAttributes(name, description, want string, fits func(string) error) map[string]schema.Attribute {
	writeOnly, version := name+"_wo", name+"_wo_version"
	valid := check(want, fits)
	attributes := map[string]schema.Attribute{
		name: schema.StringAttribute{
			Optional: true, Computed: true, Sensitive: true,
			MarkdownDescription: description + " It is in the state and in saved plans, and a change in Cortex is seen. Either this or `" + writeOnly + "` is required. " +
				"After an import, the state has it from its next change on.",
			Validators:    []validator.String{valid, eitherOr{name, writeOnly}},
			PlanModifiers: []planmodifier.String{asSaid{}},
		},
		writeOnly: schema.StringAttribute{
			Optional: true, Sensitive: true, WriteOnly: true,
			MarkdownDescription: "`" + name + "` for Terraform and OpenTofu 1.11 or newer, which keep it in no plan and no state; it may come from an ephemeral resource. " +
				"A change, here or in Cortex, is seen all the same, because Cortex shows it.",
			Validators: []validator.String{valid},
		},
		version: schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Any text. Changing it sends `" + writeOnly + "` to Cortex, for a value that plans do not know yet or a Cortex that shows no secrets. " +
				"It is not needed otherwise.",
			Validators: []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName(writeOnly))},
		},
	}
	return attributes
}

// eitherOr wants exactly one of a secret's two attributes.
type eitherOr struct{ plain, writeOnly string }

func (e eitherOr) Description(context.Context) string {
	return "either this or " + e.writeOnly + " is required"
}

func (e eitherOr) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

func (e eitherOr) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var other types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath().AtName(e.writeOnly), &other)...)
	switch {
	case resp.Diagnostics.HasError():
	case req.ConfigValue.IsNull() && other.IsNull():
		resp.Diagnostics.AddAttributeError(req.Path, "Missing "+req.Path.String(), "The "+e.plain+" is not said. Set "+e.plain+", or "+e.writeOnly+
			", which no plan and no state keeps (Terraform and OpenTofu 1.11 or newer).")
	case !req.ConfigValue.IsNull() && !other.IsNull():
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+req.Path.String(), "The "+e.plain+" is said twice. Set one of "+e.plain+" and "+e.writeOnly+".")
	}
}

// asSaid plans a secret that the configuration does not say in this attribute: the state has none, or does not keep it.
type asSaid struct{}

func (asSaid) Description(context.Context) string { return "is what the configuration says" }

func (a asSaid) MarkdownDescription(ctx context.Context) string { return a.Description(ctx) }

func (asSaid) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	resp.PlanValue = types.StringNull()
	if !req.StateValue.IsNull() && req.StateValue.ValueString() == unkept {
		resp.PlanValue = req.StateValue
	}
}
