package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// The attributes that ModifyPlan looks after: what every update changes.
const (
	updatedAt = "updated_at"
	version   = "version"
)

// identitySchema is the resource identity of a kind: names can change, ids cannot.
func (a about) identitySchema() identityschema.Schema {
	attributes := map[string]identityschema.Attribute{}
	for _, name := range a.identity {
		attributes[name] = identityschema.StringAttribute{RequiredForImport: true, Description: "UUID of the " + a.identified(name) + "."}
	}
	return identityschema.Schema{Attributes: attributes}
}

// identified is the noun of what an attribute of the identity holds the id of.
func (a about) identified(attribute string) string { return cmp.Or(a.references[attribute], a.noun) }

// identify takes the identity of an object from its state.
func (a about) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, state tfsdk.State) (diags diag.Diagnostics) {
	for _, name := range a.identity {
		var id types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &id)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(name), id)...)
	}
	return diags
}

func idAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "UUID of the " + noun + ", chosen by Cortex.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// containerAttribute is the id of what contains an object, for ever.
func containerAttribute(noun, container string) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true,
		MarkdownDescription: "UUID of the " + container + ". In lower case and with hyphens, as the `id` of a `cortex_" + container + "` has it. " +
			capital(article(noun)) + " cannot move: changing this deletes it and creates another.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func createdAtAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "When it was created. Cortex gives no time zone: it is UTC with SQLite, that of the database with PostgreSQL.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// updatedAtAttribute is known in every plan that sends nothing: see ModifyPlan.
func updatedAtAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "When it was last changed, in the same time zone as `created_at`.",
	}
}

// optionalTextAttribute is a text that may be left out, which is the same to Cortex as an empty one.
func optionalTextAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description + " It is changed and removed in place; `\"\"` is the same as none.",
		Validators:          []validator.String{check("a text without NUL", validText)},
	}
}

// nameDescription is what there is to know of a name; place says among which others it is the only one.
func nameDescription(noun, place string) string {
	return fmt.Sprintf("Name. It is kept exactly as given: case and blanks count. It has 1 to 1,024 characters, and at most 2,600 bytes in UTF-8. "+
		"Changing it renames the %s in place; a name that another one%s has is refused.", noun, place)
}

// propertiesAttribute is JSON that Cortex keeps as it is.
func propertiesAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Further properties of the " + noun + ", a JSON object. Write it as `jsonencode({…})`. It is changed and removed in place, and " +
			"compared by what it means: the order of keys and the spelling of numbers do not matter. Refused is what Cortex cannot give back: " +
			"NUL, half of a character (`\\ud800`), a number outside of 64-bit floating point.",
		Validators:    []validator.String{check("a JSON object", validJSONObject)},
		PlanModifiers: []planmodifier.String{useStateIfSame(client.SameJSON)},
	}
}

// text returns a text of Cortex as Terraform has it. Terraform normalises every string to NFC while Cortex keeps what it was
// sent, so without this a value could differ from itself within one operation.
func text(s string) types.String { return types.StringValue(norm.NFC.String(s)) }

// optionalText is text for what may be left out: no text and an empty one are the same to Cortex, so that the model keeps which of
// them it has.
func optionalText(had types.String, s string) types.String {
	switch {
	case s != "":
		return text(s)
	case had.IsUnknown() || had.ValueString() != "":
		return types.StringNull()
	}
	return had
}

// spelled is a text of Cortex in the spelling that the model has, as long as both are the same to Cortex.
func spelled(had types.String, s string, same func(a, b string) bool) types.String {
	if !had.IsNull() && !had.IsUnknown() && same(had.ValueString(), s) {
		return had
	}
	return text(s)
}

// jsonText is JSON of Cortex as spelled gives it; null when there is none. A spelling of Cortex depends on its database, so that its keys are put in the
// order that jsonencode has.
func jsonText(had types.String, value json.RawMessage) types.String {
	if len(value) == 0 || string(value) == "null" {
		return types.StringNull()
	}
	return spelled(had, jsonOf(jsonTree(value)), client.SameJSON)
}

// jsonValue is the reverse of jsonText.
func jsonValue(text types.String) json.RawMessage {
	if text.IsNull() || text.IsUnknown() {
		return nil
	}
	return json.RawMessage(text.ValueString())
}

// jsonAttributes are the attributes whose texts are JSON; those of other types, or of the names of secrets, are not.
var jsonAttributes = []string{"properties", "config", "meta", "value", "values", "min_value", "max_value", "default_value", "allowed_values", conditions,
	"frontend_config", "color_ranges", "filters", "parameters"}

func validJSONObject(text string) error {
	if err := client.CheckJSON(text); err != nil {
		return err
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return errors.New("it is no JSON object; jsonencode({…}) makes one")
	}
	return nil
}

func validJSONObjects(text string) error {
	if err := validJSONList(text); err != nil {
		return err
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(text), &objects); err != nil || slices.ContainsFunc(objects, func(object map[string]any) bool { return object == nil }) {
		return errors.New("it is no JSON list of objects; jsonencode([{…}]) makes one")
	}
	return nil
}

func validJSONList(text string) error {
	if err := client.CheckJSON(text); err != nil {
		return err
	}
	var list []any
	if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil {
		return errors.New("it is no JSON list; jsonencode([…]) makes one")
	}
	return nil
}
