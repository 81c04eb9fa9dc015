// Command schemajson prints the provider's schemas as JSON, as the generator of the documentation reads them.
//
// An engine can print them too, but which parts depends on its version: identities came with Terraform 1.12, list resources with 1.14
// and to no OpenTofu so far. Asked itself, the provider gives all of them to everybody.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

func main() {
	all, err := schemas(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	// The generator looks the provider up by its bare name.
	out := tfjson.ProviderSchemas{FormatVersion: "1.0", Schemas: map[string]*tfjson.ProviderSchema{"cortex": all}}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
}

func schemas(ctx context.Context) (*tfjson.ProviderSchema, error) {
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
	return &tfjson.ProviderSchema{
		ConfigSchema:            schema(got.Provider),
		ResourceSchemas:         each(got.ResourceSchemas, schema),
		DataSourceSchemas:       each(got.DataSourceSchemas, schema),
		ListResourceSchemas:     each(got.ListResourceSchemas, schema),
		ResourceIdentitySchemas: each(identities.IdentitySchemas, identity),
	}, nil
}

func each[From, To any](all map[string]*From, convert func(*From) *To) map[string]*To {
	converted := map[string]*To{}
	for name, one := range all {
		converted[name] = convert(one)
	}
	return converted
}

// schema converts a schema of attributes; the provider has no blocks.
func schema(s *tfprotov6.Schema) *tfjson.Schema {
	if len(s.Block.BlockTypes) > 0 {
		log.Fatalf("the schema has the block %s, which this command does not print", s.Block.BlockTypes[0].TypeName)
	}
	return &tfjson.Schema{
		Version: uint64(s.Version), //nolint:gosec // never negative
		Block: &tfjson.SchemaBlock{
			Attributes:      attributes(s.Block.Attributes),
			Description:     s.Block.Description,
			DescriptionKind: kind(s.Block.DescriptionKind),
			Deprecated:      s.Block.Deprecated,
		},
	}
}

func attributes(all []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	converted := map[string]*tfjson.SchemaAttribute{}
	for _, a := range all {
		one := &tfjson.SchemaAttribute{
			Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType == nil {
			one.AttributeType = typeOf(a.Type)
		} else {
			one.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  attributes(a.NestedType.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(a.NestedType.Nesting.String())),
			}
		}
		converted[a.Name] = one
	}
	return converted
}

func identity(s *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	converted := &tfjson.IdentitySchema{Version: uint64(s.Version), Attributes: map[string]*tfjson.IdentityAttribute{}} //nolint:gosec // never negative
	for _, a := range s.IdentityAttributes {
		converted.Attributes[a.Name] = &tfjson.IdentityAttribute{
			IdentityType: typeOf(a.Type), Description: a.Description,
			RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
		}
	}
	return converted
}

func kind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	return tfjson.SchemaDescriptionKind(strings.ToLower(k.String()))
}

// typeOf converts a type by way of its JSON, which is the same for both.
func typeOf(t tftypes.Type) (converted cty.Type) {
	text, err := t.MarshalJSON() //nolint:staticcheck // deprecated for want of users; no other method gives the JSON
	if err == nil {
		err = converted.UnmarshalJSON(text)
	}
	if err != nil {
		log.Fatalf("the type %s: %v", t, err)
	}
	return converted
}
