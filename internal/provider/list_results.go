package provider

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// listResults gives an engine what a list resource finds, as much of it as the engine asks for. An error is a result too: were it
// left out, the engine would take what came before it for everything.
type listResults struct {
	req    list.ListRequest
	name   *regexp.Regexp // nil takes every name
	pushed int64
	push   func(list.ListResult) bool
}

// listInto makes the results of a list resource: find adds what it finds, or returns the error that ends it.
func listInto(stream *list.ListResultsStream, req list.ListRequest, nameRegex types.String, find func(*listResults) diag.Diagnostics) {
	stream.Results = func(push func(list.ListResult) bool) {
		r := &listResults{req: req, push: push}
		var diags diag.Diagnostics
		if !nameRegex.IsNull() {
			var err error
			if r.name, err = regexp.Compile(nameRegex.ValueString()); err != nil {
				diags.AddAttributeError(path.Root("name_regex"), "Invalid name_regex", sentence(err))
			}
		}
		if !diags.HasError() {
			diags.Append(find(r)...)
		}
		if len(diags) > 0 {
			push(list.ListResult{Diagnostics: diags})
		}
	}
}

// add gives the engine an object, if its name is asked for; fill sets its identity and resource. It is false when the engine wants no
// more.
func (r *listResults) add(ctx context.Context, name, displayName string, fill func(*list.ListResult)) bool {
	if r.name != nil && !r.name.MatchString(norm.NFC.String(name)) {
		return true
	}
	result := r.req.NewListResult(ctx)
	result.DisplayName = client.Printable(displayName)
	fill(&result)
	r.pushed++
	return r.push(result) && (r.req.Limit <= 0 || r.pushed < r.req.Limit)
}

func nameRegexAttribute(noun, key string) schema.StringAttribute {
	what, whole := "the name of the "+noun, "the whole name"
	switch key {
	case "email":
		what, whole = "the e-mail address of the "+noun, "the whole address"
	case "":
		what, whole = "the name of the group and the e-mail address of the consumer, with a slash between,", "all of it"
	}
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)) that " + what +
			" has to match, anywhere in it: write `^…$` for " + whole + ", `(?i)` for any case.",
		Validators: []validator.String{check("a regular expression", validRegex)},
	}
}

func validRegex(text string) error {
	if _, err := regexp.Compile(text); err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	return nil
}
