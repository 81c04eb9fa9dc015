package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// cannot turns an error of the client into the diagnostic that a person reads. what is the operation and its object, such as
// `read workspace "acme" (…)`; the detail is what Cortex answered and the next step.
func cannot(what string, err error) diag.Diagnostic {
	summary := "Cannot " + what
	var taken *client.NameTakenError
	var unsettled *client.UnsettledError
	switch {
	case errors.As(err, &taken) && taken.Name == "":
		return diag.NewErrorDiagnostic(summary+": it exists already", existsAlready(taken))
	case errors.As(err, &taken) && taken.Rename:
		return diag.NewErrorDiagnostic(summary+": the "+keyOf(taken)+" is taken", renameTaken(taken))
	case errors.As(err, &taken):
		return diag.NewErrorDiagnostic(summary+": the "+keyOf(taken)+" is taken", createTaken(taken))
	case errors.As(err, &unsettled):
		return diag.NewErrorDiagnostic(summary+": it is unknown what became of the request", unsettledCreate(unsettled))
	}
	var unfinished *client.UnfinishedError
	if errors.As(err, &unfinished) {
		d := cannot("complete "+label(unfinished.Noun, unfinished.Ref.Name, unfinished.Ref.ID), unfinished.Cause)
		return diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\n"+fmt.Sprintf("Cortex takes all of a %[1]s in two steps only. The first one made it, and this was the "+
			"second. It is in the state, as tainted: the next apply deletes it and makes it anew. To keep it, run terraform untaint with its address first; "+
			"the next apply then completes it.", unfinished.Noun))
	}
	detail := sentence(err)
	var half *client.HalfReplacedError
	if errors.As(err, &half) {
		detail = sentence(half.Cause) + "\n\nCortex makes this change in two steps only, and this was one of them. The views may have aliases now that begin with __replacing_. " +
			"Nothing is lost: apply again, which makes it what the configuration says."
	}
	if !errors.As(err, new(*client.Error)) && errors.Is(err, context.Canceled) {
		detail = "The run was interrupted: " + err.Error() + "."
	}
	if step := nextStep(err); step != "" {
		detail += "\n\n" + step
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// cannotStill is cannot for an object in the state, which may be gone although it is not Cortex that says so.
func cannotStill(what string, err error) diag.Diagnostic {
	d := cannot(what, err)
	var e *client.Error
	if errors.As(err, &e) && e.Class == client.NotCortex && e.Status == 404 {
		return diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nIf the object is gone all the same, as when a gateway replaces Cortex's own "+
			"404 by this one, let Terraform forget it: terraform state rm with its address, or a removed block.")
	}
	return d
}

// nextStep says what a person can do about an error of the client.
func nextStep(err error) string {
	var e *client.Error
	if !errors.As(err, &e) || !e.NeedsAdvice() {
		return ""
	}
	switch e.Class {
	case client.NotFound:
		return fmt.Sprintf("Cortex does not have the %s that the request is about. Plan again; if another part of the configuration "+
			"names this id, correct it there.", label(e.Missing.Noun, "", e.Missing.ID))
	case client.InUse:
		return inUse(e)
	case client.Invalid:
		return "Cortex refuses what the request contains."
	case client.Denied:
		return "Something in front of Cortex refuses the credentials (Cortex itself asks for none). Check api_key, or CORTEX_API_KEY, and " +
			"headers of the provider."
	case client.NotCortex:
		if errors.Is(err, client.ErrTooLarge) {
			return "If this is Cortex, descriptions or properties in the list are far longer than a list can carry: shorten them, or look for " +
				"single objects by id instead of all. Otherwise check that endpoint of the provider, or CORTEX_API_URL, is the base URL of Cortex's API."
		}
		return "This is not an answer of Cortex. Check that endpoint of the provider, or CORTEX_API_URL, is the base URL of Cortex's API, " +
			"and what a proxy on the way does."
	case client.Unavailable:
		return "Cortex, its database or a proxy in front of it is not available at the moment. Try again later."
	case client.Unreachable:
		return unreachable(err)
	case client.Rejected:
		return "The database refuses the request's values."
	case client.Disconnected:
		return "Cortex cannot use the database of the data source. Check what the data source says of it, as seen from the machine that Cortex runs on; " +
			"cortex_data_source_status tells the same without failing."
	case client.Interfered:
		return "Plan again: the plan shows what Cortex has now."
	case client.NotDeleted:
		return "Cortex did not delete the object, though it is there. Try again later; Cortex's own log may say why."
	case client.NameTaken, client.Unexpected:
	}
	return "Cortex's own log may say more."
}

// unreachable says what to do about a server that gives no answer.
func unreachable(err error) string {
	switch client.TLSProblemOf(err) {
	case client.UnknownAuthority:
		return "The server's certificate is signed by nobody who is trusted here. If it is the right server, set ca_cert_pem of the provider to the " +
			"certificate of the authority that signed it; one that is self-signed is its own."
	case client.InvalidCertificate:
		return "The server shows a certificate that is not valid for it. Check that endpoint of the provider, or CORTEX_API_URL, has the host's right " +
			"name, and renew the certificate if it has expired."
	case client.CertificateRefused:
		return "The server asks for a certificate of the client that it trusts. Set client_cert_pem and client_key_pem of the provider to one."
	case client.PlainHTTP:
		return "The server speaks plain HTTP there. If that is meant, begin endpoint of the provider, or CORTEX_API_URL, with http://."
	case client.NoTLSProblem, client.HandshakeFailed:
	}
	return "Check that endpoint of the provider, or CORTEX_API_URL, is right and that the server runs and can be reached from here."
}

// inUse explains why an object cannot go.
func inUse(e *client.Error) string {
	switch e.Table {
	case "metrics":
		return usedByMetrics(e.Users)
	case "data_models":
		return "Cortex's database refuses it, because data models refer to the object. Cortex keeps the rows of data models for ever, " +
			"deleted ones too, and has no call that removes them, so that an environment which ever had a data model cannot be deleted " +
			"on PostgreSQL. (At every start, Cortex may add a \"Default Data Model\" to an environment by itself.) Set " +
			"retire_undeletable = true and apply that before deleting, to have it retired: emptied, renamed, and forgotten. Or remove the rows from the database, or let Terraform " +
			"forget the object as it is: a removed block, or terraform state rm."
	}
	return fmt.Sprintf("Cortex's database refuses it, because rows of its table %q still refer to the object. "+
		"Delete these first, or set force_destroy = true and apply that before deleting.", e.Table)
}

// usedByMetrics explains why a data source stays; users may be unknown.
func usedByMetrics(users []client.Ref) string {
	who := "Metrics get their rows from it."
	if len(users) > 0 {
		who = "These metrics get their rows from it:\n" + bullets(labels("metric", users))
	}
	return who + "\nDelete them first, or give them another data source. A metric of this configuration that refers to it " +
		"(data_source_id = cortex_data_source.….id) goes before it by itself."
}

// keyOf is what a name that is taken is called.
func keyOf(e *client.NameTakenError) string { return cmp.Or(e.Key, "name") }

// passesOn are the cases in which what is taken passes from one block to another.
const passesOn = "  - If another block of this configuration gives it up in this same run, apply again.\n" +
	"  - If only the label of a block changed, a moved block says so; nothing is to be created then.\n"

func createTaken(e *client.NameTakenError) string {
	key := keyOf(e)
	if e.Look != nil {
		return fmt.Sprintf("Cortex has another %s with the %s %q, but which one could not be found out: %v\n\nRun apply again: the error will "+
			"then show how to import it.", e.Noun, key, e.Name, e.Look)
	}
	if len(e.Holder) == 0 {
		return fmt.Sprintf("Cortex refuses a second %s with the %s %q, though its list does not show the first. Plan again.", e.Noun, key, e.Name)
	}
	return fmt.Sprintf("Cortex has another %s with the %s %q.\n"+passesOn+
		"  - If this is a replacement with create_before_destroy: that cannot work, since %[4]s are unique. Take it out.\n"+
		"  - If two blocks have the same %[2]s, change one of them.\n\n"+
		"Otherwise choose another %[2]s, or bring the existing one under management:\n\n%[5]s", e.Noun, key, e.Name, plural(key), importBlocks(e.Noun, e.Holder))
}

func renameTaken(e *client.NameTakenError) string {
	key := keyOf(e)
	return fmt.Sprintf("The %s %q belongs to:\n%s\nCortex would accept the rename and have two of one %[1]s, so nothing was sent. If that "+
		"one gets another %[1]s in this same run (a chain of renames), apply again: its new %[1]s is then in place. To swap two "+
		"%[4]s, give one of them a third %[1]s first and apply that.", key, e.Name, bullets(labels(e.Noun, e.Holder)), plural(key))
}

func existsAlready(e *client.NameTakenError) string {
	return fmt.Sprintf("Cortex has this %s already.\n"+passesOn+
		"  - If two blocks have it, remove one of them.\n\n"+
		"Otherwise bring it under management:\n\n%s", e.Noun, importBlocks(e.Noun, e.Holder))
}

// plural is what people call several of what a name is called.
func plural(key string) string {
	if strings.HasSuffix(key, "s") {
		return key + "es"
	}
	return key + "s"
}

// elsewhereDetail says where an object is that was said to be in another place.
func elsewhereDetail(e *client.ElsewhereError) string {
	return fmt.Sprintf("It is in %s %s, not in %s. Cortex never moves one, so the id of the %[1]s is wrong: correct it where the object is "+
		"imported, or in the state (terraform state rm, then import). Nothing was changed.", e.Container, e.Ref.Scope, e.Said)
}

func unsettledCreate(e *client.UnsettledError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The request got no usable answer: %v\n\n", e.Cause)
	if e.Look != nil {
		fmt.Fprintf(&b, "It could not be found out whether Cortex made the %s: %v\n\n", e.Noun, e.Look)
	}
	if len(e.Candidates) == 0 {
		b.WriteString("Run apply again: if the object was made after all, the error will then say so and show how to import it.")
		return b.String()
	}
	fmt.Fprintf(&b, "Cortex has the following of this name, but which of them the request made, if any, cannot be told. Look at them, and "+
		"import the right one, or delete it and apply again:\n\n%s", importBlocks(e.Noun, e.Candidates))
	return b.String()
}

// importBlocks returns a ready import block for each object; only the resource's label is the reader's to fill in.
func importBlocks(noun string, refs []client.Ref) string {
	var blocks []string
	for _, ref := range refs {
		blocks = append(blocks, fmt.Sprintf("import {\n  to = cortex_%s.example\n  id = %q\n}", strings.ReplaceAll(noun, " ", "_"), importID(noun, ref)))
	}
	return strings.Join(blocks, "\n\n")
}

// importID is the shortest text by which an object can be imported.
func importID(noun string, ref client.Ref) string {
	if slices.ContainsFunc(registry(), func(k anyKind) bool { return k.info().noun == noun && k.info().scoped }) {
		return ref.Scope + "/" + ref.ID
	}
	return ref.ID
}

// interfered says that Cortex answered an update with other values than those that were sent.
func interfered(object string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot confirm the change of "+object,
		"Cortex accepted the change, but answered with other values than planned: somebody else changed the object at the same time. "+
			"The state now holds what Cortex answered. Plan again.")
}

// sentence makes a sentence of an error's text.
func sentence(err error) string {
	text := capital(err.Error())
	if strings.HasSuffix(text, "\n") || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// label names an object in messages. An object that is still to be made has no id.
func label(noun, name, id string) string {
	switch {
	case id == "":
		return fmt.Sprintf("%s %q", noun, name)
	case name == "":
		return noun + " " + id
	}
	return fmt.Sprintf("%s %q (%s)", noun, name, id)
}

// labels names objects of one kind, one by one.
func labels(noun string, refs []client.Ref) []string {
	var out []string
	for _, ref := range refs {
		out = append(out, label(noun, ref.Name, ref.ID))
	}
	return out
}

// maxBullets is how many objects a message lists.
const maxBullets = 25

func bullets(items []string) string {
	if len(items) > maxBullets {
		return allBullets(items[:maxBullets]) + fmt.Sprintf("  - … and %d more\n", len(items)-maxBullets)
	}
	return allBullets(items)
}

// allBullets is bullets for what is said nowhere else.
func allBullets(items []string) string {
	var b strings.Builder
	for _, item := range items {
		fmt.Fprintf(&b, "  - %s\n", item)
	}
	return b.String()
}
