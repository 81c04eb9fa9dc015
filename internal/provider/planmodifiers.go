package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stateUnlessChanged holds the attributes that a request would send.
type stateUnlessChanged []string

// useStateUnlessChanged keeps the state's value of a computed attribute in the plan as long as none of the named string
// attributes changes: then nothing is sent, so that Cortex has no reason to change it.
func useStateUnlessChanged(names ...string) planmodifier.String { return stateUnlessChanged(names) }

func (m stateUnlessChanged) Description(context.Context) string {
	return "keeps its value unless " + strings.Join(m, " or ") + " changes"
}

func (m stateUnlessChanged) MarkdownDescription(ctx context.Context) string {
	return m.Description(ctx)
}

func (m stateUnlessChanged) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || !req.PlanValue.IsUnknown() {
		return
	}
	for _, name := range m {
		var have, want types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(name), &have)...)
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(name), &want)...)
		if !have.Equal(want) {
			return
		}
	}
	resp.PlanValue = req.StateValue
}
