package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// protectionModel holds the two attributes that guard an object from deletion. Cortex knows nothing of them: they are in the
// state only, and are read from there, so that they hold when the block is gone from the configuration.
type protectionModel struct {
	DeletionProtection types.Bool `tfsdk:"deletion_protection"`
	ForceDestroy       types.Bool `tfsdk:"force_destroy"`
}

// guards is how models show it.
func (p protectionModel) guards() protectionModel { return p }

// protection returns what guards an object; nothing does for kinds without it.
func protection(model any) protectionModel {
	if m, ok := model.(interface{ guards() protectionModel }); ok {
		return m.guards()
	}
	return protectionModel{}
}

// imported fills in what an import leaves null.
func (p protectionModel) imported() protectionModel {
	return protectionModel{
		DeletionProtection: types.BoolValue(p.DeletionProtection.ValueBool()),
		ForceDestroy:       types.BoolValue(p.ForceDestroy.ValueBool()),
	}
}

func deletionProtectionAttribute(noun string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether deleting the " + noun + " is refused: by a destroy, by a replacement, or because its block was removed. " +
			"To delete it, set this to `false` and apply that first. Kept in Terraform's state only; Cortex does not know of it. " +
			"Defaults to `false`.",
	}
}

func forceDestroyAttribute(noun, content string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether deleting the " + noun + " deletes what is in it as well: " + content + ". Otherwise, as long as " +
			"there is something in it, deleting is refused with a list of that. Has to be applied before the deletion. Kept in " +
			"Terraform's state only; Cortex does not know of it. Defaults to `false`.",
	}
}

// protected is the refusal to delete or replace an object.
func protected(action, object string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(
		fmt.Sprintf("Cannot %s %s: it is protected from deletion", action, object),
		"The last applied configuration has deletion_protection = true. To delete it nevertheless, set deletion_protection = false, apply "+
			"that change alone, and then delete it. If the block was removed from the configuration, put it back for this.")
}

// occupied is the refusal to delete an object with something in it.
func occupied(object string, content []client.Attached) diag.Diagnostic {
	var items []string
	onboarded := false
	for _, a := range content {
		items = append(items, label(a.Noun, a.Name, a.ID))
		onboarded = onboarded || onboarding(a)
	}
	detail := "It contains:\n" + bullets(items) +
		"\nDelete these first, or set force_destroy = true and apply that before deleting, to have them deleted with it. " +
		"What this configuration manages itself should refer to this resource, so that Terraform deletes it first."
	if onboarded {
		detail += "\n\nAt every start, Cortex may add an environment \"Test\", a \"Default Data Model\" and a \"Default Dashboard\" by itself, " +
			"also to workspaces and environments that others made. What is listed may be that."
	}
	return diag.NewErrorDiagnostic("Cannot delete "+object+": it is not empty", detail)
}

// unchecked is the refusal to delete an object of which it could not be found out whether there is something in it.
func unchecked(object string, err error) diag.Diagnostic {
	cause := cannot("check whether "+object+" is empty", err)
	return diag.NewErrorDiagnostic(cause.Summary(), cause.Detail()+
		"\n\nNothing was deleted. With force_destroy = true, applied before deleting, an environment is deleted without this check.")
}

// onboarding tells whether Cortex itself may have made the object at a start.
func onboarding(a client.Attached) bool {
	switch a.Noun {
	case "environment":
		return a.Name == "Test"
	case "data model":
		return a.Name == "Default Data Model"
	case "dashboard":
		return a.Name == "Default Dashboard"
	}
	return false
}
