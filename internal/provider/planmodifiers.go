package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// sameMeaning compares two spellings of a value.
type sameMeaning func(a, b string) bool

// useStateIfSame keeps the state's spelling of a text in the plan where the configuration's means the same, so that there is nothing to
// change. (An engine takes that for a provider's right, as long as neither is null.)
func useStateIfSame(same func(a, b string) bool) planmodifier.String { return sameMeaning(same) }

func (sameMeaning) Description(context.Context) string {
	return "keeps its value when the new one means the same"
}

func (m sameMeaning) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (m sameMeaning) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.StateValue.IsNull() && !req.PlanValue.IsNull() && !req.PlanValue.IsUnknown() && m(req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
