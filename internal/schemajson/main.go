// Command schemajson prints the provider's schemas as JSON, as the generator of the documentation reads them.
//
// An engine can print them too, but which of them depends on its version: identities came with version 1.12 of Terraform and OpenTofu,
// list resources with Terraform 1.14 and with no OpenTofu so far. Asked itself, the provider gives all of them to everybody.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// object is an object of the JSON. What is false or empty there is left out.
type object map[string]any

func main() {
	schemas, err := schemas(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	// The generator looks the provider up by its bare name.
	err = json.NewEncoder(os.Stdout).Encode(object{"format_version": "1.0", "provider_schemas": object{"cortex": schemas}})
	if err != nil {
		log.Fatal(err)
	}
}

func schemas(ctx context.Context) (object, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New("docs")())()
	if err != nil {
		return nil, err
	}
	got, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(got.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	return object{
		"provider":                  schema(got.Provider),
		"resource_schemas":          each(got.ResourceSchemas, schema),
		"data_source_schemas":       each(got.DataSourceSchemas, schema),
		"list_resource_schemas":     each(got.ListResourceSchemas, schema),
		"resource_identity_schemas": each(identities.IdentitySchemas, identity),
	}, nil
}

func each[Schema any](all map[string]*Schema, convert func(*Schema) object) object {
	converted := object{}
	for name, one := range all {
		converted[name] = convert(one)
	}
	return converted
}

// schema converts a schema of attributes; the provider has no blocks.
func schema(s *tfprotov6.Schema) object {
	if len(s.Block.BlockTypes) > 0 {
		log.Fatalf("the schema has the block %s, which this command does not print", s.Block.BlockTypes[0].TypeName)
	}
	block := described(s.Block.Description, s.Block.DescriptionKind)
	block["attributes"] = attributes(s.Block.Attributes)
	return object{"version": s.Version, "block": with(block, flags{"deprecated": s.Block.Deprecated})}
}

func attributes(all []*tfprotov6.SchemaAttribute) object {
	converted := object{}
	for _, a := range all {
		one := described(a.Description, a.DescriptionKind)
		if a.NestedType == nil {
			one["type"] = a.Type
		} else {
			one["nested_type"] = object{
				"attributes":   attributes(a.NestedType.Attributes),
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		converted[a.Name] = with(one, flags{
			"required": a.Required, "optional": a.Optional, "computed": a.Computed,
			"sensitive": a.Sensitive, "write_only": a.WriteOnly, "deprecated": a.Deprecated,
		})
	}
	return converted
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	attributes := object{}
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = with(object{"type": a.Type, "description": a.Description},
			flags{"required_for_import": a.RequiredForImport, "optional_for_import": a.OptionalForImport})
	}
	return object{"version": s.Version, "attributes": attributes}
}

func described(text string, kind tfprotov6.StringKind) object {
	return object{"description": text, "description_kind": strings.ToLower(kind.String())}
}

type flags map[string]bool

// with adds the flags that are set.
func with(o object, all flags) object {
	for name, set := range all {
		if set {
			o[name] = true
		}
	}
	return o
}
