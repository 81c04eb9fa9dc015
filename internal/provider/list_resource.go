package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// kindListResource is the list resource of a kind, for `terraform query`.
type kindListResource[T client.Object, M model[T, M]] struct {
	kind   kind[T, M]
	client *client.Client
}

func (k kind[T, M]) listResource() list.ListResource { return &kindListResource[T, M]{kind: k} }

func (r *kindListResource[T, M]) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.kind.typeName()
}

func (r *kindListResource[T, M]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	k := r.kind
	order := sortedBy(k.key)
	attributes := map[string]schema.Attribute{"name_regex": nameRegexAttribute(k.noun, k.key)}
	if k.in != nil {
		holder, requests := k.in.info().noun, ""
		places := "by the name of their " + holder
		if top := k.in.info().in; top != nil {
			places = "by the names of their " + top.info().noun + " and " + holder
			requests = " for each " + top.info().noun + ", and one"
		}
		order = places + ", then " + order
		attributes[k.container()] = schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "UUID of the " + holder + " to list, in lower case and with hyphens. Without it, the " + k.noun + "s of all " + holder +
				"s are listed, with one request" + requests + " for each " + holder + " until there are as many as `limit` asks for.",
			Validators: []validator.String{check("a UUID in canonical form", validUUID)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds " + k.noun + "s for `terraform query` (Terraform 1.14 or newer), sorted " + order + ".",
		Attributes:          attributes,
	}
}

func (r *kindListResource[T, M]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

func (r *kindListResource[T, M]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var nameRegex, scope types.String
	diags := req.Config.GetAttribute(ctx, path.Root("name_regex"), &nameRegex)
	if r.kind.in != nil {
		diags.Append(req.Config.GetAttribute(ctx, path.Root(r.kind.container()), &scope)...)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	listInto(stream, req, nameRegex, func(results *listResults) diag.Diagnostics {
		if scope.IsNull() {
			return r.everywhere(ctx, results)
		}
		return r.in(ctx, scope.ValueString(), results)
	})
}

// in finds the objects of one container.
func (r *kindListResource[T, M]) in(ctx context.Context, scope string, results *listResults) diag.Diagnostics {
	all, err := r.kind.objects(r.client).Fresh(ctx, scope)
	if err != nil {
		return diag.Diagnostics{cannot("list the "+r.kind.noun+"s of "+r.kind.in.info().noun+" "+scope, err)}
	}
	for _, object := range present(all, false) {
		if !r.add(ctx, results, located[T]{object.Ref().Name, object}) {
			break
		}
	}
	return nil
}

// everywhere finds the objects of all containers. The display name says where each one is.
func (r *kindListResource[T, M]) everywhere(ctx context.Context, results *listResults) diag.Diagnostics {
	for found, err := range r.kind.everywhere(ctx, r.client, false) {
		var place *placeError
		switch {
		case errors.As(err, &place):
			return diag.Diagnostics{cannot(place.what, place.err)}
		case !r.add(ctx, results, found):
			return nil
		}
	}
	return nil
}

// add gives the engine an object; it is false when the engine wants no more.
func (r *kindListResource[T, M]) add(ctx context.Context, results *listResults, found located[T]) bool {
	return results.add(ctx, found.object.Ref().Name, found.path, func(result *list.ListResult) {
		state, diags := r.kind.imported(ctx, r.kind.schema(), found.object)
		result.Diagnostics.Append(diags...)
		result.Diagnostics.Append(r.kind.identify(ctx, result.Identity, state)...)
		if results.req.IncludeResource {
			result.Resource.Raw = state.Raw
		}
	})
}
