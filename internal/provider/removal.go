package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// removal is the deletion of an object that may hold others, with force together with these.
type removal struct {
	client  *client.Client
	force   bool
	retire  bool     // what the database does not let go
	deleted []string // labels, in order
}

// failed is the end of a removal. Its error is the only place that says what is gone by then.
func (r *removal) failed(d diag.Diagnostic) diag.Diagnostics {
	if len(r.deleted) > 0 {
		d = diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nDeleted before this:\n"+allBullets(r.deleted))
	}
	return diag.Diagnostics{d}
}

// isLasting tells whether Cortex may answer the same for ever.
func isLasting(err error) bool {
	var answer *client.Error
	return errors.As(err, &answer) && (answer.Class == client.Rejected || answer.Class == client.Unexpected)
}

const forgetResource = "If the answer stays like that, let Terraform forget the resource: a removed block, or terraform state rm."

// undeleted is the end of a removal by a deletion that failed with err.
func (r *removal) undeleted(d diag.Diagnostic, err error) diag.Diagnostics {
	if isLasting(err) {
		d = diag.NewErrorDiagnostic(d.Summary(), d.Detail()+" "+forgetResource)
	}
	return r.failed(d)
}

// unchecked is the refusal to delete an object of which it could not be found out whether there is something in it. forcible tells
// whether force goes on without what the database refuses to list.
func (r *removal) unchecked(object string, err error, forcible bool) diag.Diagnostics {
	d := cannotStill("check whether "+object+" is empty", err)
	detail := d.Detail()
	if len(r.deleted) == 0 {
		detail += "\n\nNothing was deleted."
	}
	switch {
	case client.ClassOf(err) == client.Rejected && forcible:
		detail += " No other try changes this answer. With force_destroy = true, applied before deleting, what can be listed is deleted with " +
			"it, and the rest may stay behind in Cortex's database."
	case isLasting(err):
		detail += " What is in it would stay behind, out of reach, so that force_destroy does not do without this either. " + forgetResource
	}
	return r.failed(diag.NewErrorDiagnostic(d.Summary(), detail))
}

// retiredWarning says that an object was retired, by what name, and why.
func retiredWarning(noun, object, name, because string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(capital(object)+" was retired, for it cannot be deleted",
		fmt.Sprintf("%s. retire_undeletable is set, so the %s was emptied and renamed to %q. Terraform does not know it any more, and its name is free again. To delete it for good, "+
			"remove the rows of its data models from Cortex's database first.", capital(because), noun, name))
}
