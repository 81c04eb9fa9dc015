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

// add gives the engine an object, if its name is asked for; state is the object as an import has it. It is false when the engine
// wants no more.
func (r *listResults) add(ctx context.Context, ref client.Ref, displayName string, state any) bool {
	if r.name != nil && !r.name.MatchString(norm.NFC.String(ref.Name)) {
		return true
	}
	result := r.req.NewListResult(ctx)
	result.DisplayName = displayName
	result.Diagnostics.Append(result.Identity.Set(ctx, identityModel{ID: types.StringValue(ref.ID)})...)
	if r.req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, state)...)
	}
	r.pushed++
	return r.push(result) && (r.req.Limit <= 0 || r.pushed < r.req.Limit)
}

func nameRegexAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)) that the name of the " + noun +
			" has to match, anywhere in it: write `^…$` for the whole name, `(?i)` for any case.",
		Validators: []validator.String{check("a regular expression", validRegex)},
	}
}

func validRegex(text string) error {
	if _, err := regexp.Compile(text); err != nil {
		return fmt.Errorf("%q is not a regular expression: %w", text, err)
	}
	return nil
}
