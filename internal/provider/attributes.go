package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"
)

const (
	createdAtDescription = "When it was created. Cortex gives no time zone: it is UTC with SQLite, that of the database with PostgreSQL."
	updatedAtDescription = "When it was last changed, in the same time zone as `created_at`."
)

// identityModel is the resource identity of every kind: names can change, ids cannot.
type identityModel struct {
	ID types.String `tfsdk:"id"`
}

func identitySchema(noun string) identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "UUID of the " + noun + "."},
	}}
}

func idAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "UUID of the " + noun + ", chosen by Cortex.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func createdAtAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: createdAtDescription,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// updatedAtAttribute is known in every plan that changes none of the attributes that are sent to Cortex.
func updatedAtAttribute(sent ...string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: updatedAtDescription,
		PlanModifiers:       []planmodifier.String{useStateUnlessChanged(sent...)},
	}
}

// text returns a text of Cortex as Terraform has it. Terraform normalises every string to NFC while Cortex keeps what it was
// sent, so without this a value could differ from itself within one operation.
func text(s string) types.String { return types.StringValue(norm.NFC.String(s)) }

// changed returns what an update has to send: want when it differs from have, else nil.
func changed(have, want string) *string {
	if have == want {
		return nil
	}
	return &want
}
