package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// protectionModel holds the attributes that say how an object is deleted, if at all. Cortex knows nothing of them: they are in the
// state only, and are read from there, so that they hold when the block is gone from the configuration.
type protectionModel struct {
	DeletionProtection types.Bool `tfsdk:"deletion_protection"`
	ForceDestroy       types.Bool `tfsdk:"force_destroy"`
	RetireUndeletable  types.Bool `tfsdk:"retire_undeletable"`
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
		RetireUndeletable:  types.BoolValue(p.RetireUndeletable.ValueBool()),
	}
}

// What the two attributes do not guard, or do not spare.
const (
	workspaceProtection = "It guards the workspace alone: with `-replace`, or when the workspace is tainted, environments that refer to it are " +
		"deleted before its own deletion is refused. Protect them too, and already the plan is refused."
	environmentProtection = "Against `force_destroy` of the workspace it holds only where `workspace_id` is a reference (`cortex_workspace.x.id`), not a " +
		"literal id."
	workspaceContent = "its environments and everything that is attached to them, whichever block or configuration manages them, protected or not; only an " +
		"environment whose block refers to the workspace, as in `workspace_id = cortex_workspace.x.id`, goes by its own deletion first, which its " +
		"protection refuses"
)

// deletionProtectionAttribute: limits say what the attribute does not guard.
func deletionProtectionAttribute(noun, limits string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether deleting the " + noun + " is refused: by a destroy, by a replacement, or because its block was removed. " +
			"To delete it, set this to `false` and apply that first. " + limits + " Kept in Terraform's state only; Cortex does not know of it. " +
			"Defaults to `false`.",
	}
}

func forceDestroyAttribute(noun, content string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether deleting the " + noun + " deletes what is in it as well: " + content + ". Otherwise, as long as " +
			"there is something in it, deleting is refused with a list of that. What cannot be listed for the moment is not left behind: deleting " +
			"is then refused too. Has to be applied before the deletion. Kept in Terraform's state only; Cortex does not know of it. Defaults to `false`.",
	}
}

func retireUndeletableAttribute(noun, because string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether " + article(noun) + " that Cortex's database does not let go is retired in the place of a deletion: " + because + ". It is then renamed to `retired ` and " +
			"its id, with a description that says when and why, and leaves the state with a warning; its name is free again. What is retired is left out of data sources, " +
			"list resources and exports. Has to be applied before the deletion. Kept in Terraform's state only; Cortex does not know of it. Defaults to `false`.",
	}
}

// What keeps objects from being deleted.
const (
	environmentUndeletable = "PostgreSQL refuses to delete an environment that ever had a data model, because Cortex keeps the rows of deleted ones"
	workspaceUndeletable   = "PostgreSQL refuses to delete a workspace with a retired environment in it"
)

// A protected object is refused in three places. Each knows other reasons, and names the ways out of those.

func protected(verb, object, waysOut string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("Cannot %s %s: it is protected from deletion", verb, object),
		"The last applied configuration has deletion_protection = true. "+waysOut)
}

// protectedFromDestroy is for a plan that deletes the object. An engine does not say whether it is a deposed one, for which it plans anew
// within the apply.
func protectedFromDestroy(object string) diag.Diagnostic {
	return protected("destroy", object, "To delete it nevertheless, set deletion_protection = false, apply that change alone, and then delete "+
		"it. If the block was removed from the configuration, put it back for this.\n\nIf it is a deposed object, the old one of a replacement with "+
		"create_before_destroy (terraform show says so), no configuration reaches it: run terraform state rm with the address of the resource, which "+
		"makes Terraform forget the new object too, and import that one. The deposed one stays in Cortex; delete it there if it shall go.")
}

// protectedFromReplacement is for a plan that replaces the object by the named attribute, whose new value may be unknown.
func protectedFromReplacement(noun, object, attribute, have string, want types.String) diag.Diagnostic {
	if want.IsUnknown() {
		return protected("replace", object, notKnownYet(attribute)+fmt.Sprintf(" As it may become another one, Terraform plans to replace the %[1]s.\n\n"+
			"If %[2]s is still the right %[3]s, write it: %[3]s = %[2]q. If not, as when what it names is gone, write it all the same, with "+
			"deletion_protection = false, and apply that; then put the reference back, and the next apply replaces the %[1]s. Or let Terraform "+
			"forget the %[1]s, which leaves it in Cortex: a removed block, or terraform state rm.", noun, have, attribute))
	}
	return protected("replace", object, fmt.Sprintf("Its %[1]s changes from %[2]s to %[3]s, and %[4]s cannot move: it would be deleted, and "+
		"another one created. To keep it, put back %[1]s = %[2]q. To replace it nevertheless, do so too, set deletion_protection = false, apply "+
		"that, and then change %[1]s.", attribute, have, want.ValueString(), article(noun)))
}

// protectedFromDelete is for an apply: of a replacement that nothing in the object's own attributes asks for, no plan tells the provider.
func protectedFromDelete(object string) diag.Diagnostic {
	return protected("delete", object, "Something else than its attributes asks for a replacement. To keep the object, take that away:\n"+bullets([]string{
		"a tainted object: terraform untaint with its address",
		"the option -replace: leave it out",
		"replace_triggered_by: take it out of the block",
	})+"\nTo replace it nevertheless, do so too, set deletion_protection = false, apply that change alone, and then ask for the replacement "+
		"again.")
}

// notKnownYet says why an attribute that holds an id is unknown in a plan.
func notKnownYet(attribute string) string {
	return "The value of " + attribute + " is not known before the apply: it comes from something that is created, changed or replaced in the same apply, " +
		"or from a data source that waits for such a thing (depends_on)."
}

// replacedUnsure warns of a replacement that nothing but an unknown id asks for. It has one summary for all objects of a kind, since an
// engine puts such warnings together.
func replacedUnsure(noun, attribute, of, have string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(capital(article(noun))+" is replaced only because its "+attribute+" is not known yet",
		notKnownYet(attribute)+fmt.Sprintf(" If the %[1]s itself is created or replaced, this is right. Otherwise the %[2]s is deleted and created "+
			"again for nothing: write %[3]s = %[4]q, or take the depends_on out of the data source.", of, noun, attribute, have))
}

// protectedIsGone warns that a protected object leaves the state. Summary: as for replacedUnsure.
func protectedIsGone(noun, object string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(capital(article(noun))+" is gone although it is protected from deletion",
		sentence(err)+"\n\nThat was the "+object+". Is this the right Cortex? If not, correct endpoint of the provider, or CORTEX_API_URL, and do not "+
			"apply: everything would be created here anew. If it is the right one, somebody deleted the object past Terraform, or a backup without it was "+
			"restored; an apply creates another one, which is empty and has a new id.")
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
