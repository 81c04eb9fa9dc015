// Command listschemas adds the schemas of the provider's list resources to the JSON of `providers schema`, which it reads from
// standard input: the documentation is made from it, but only Terraform 1.14 and newer write them into it. See tools/schema.sh.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var document struct {
		FormatVersion string                    `json:"format_version"`
		Providers     map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&document); err != nil {
		return err
	}
	got, err := providerserver.NewProtocol6(provider.New("docs")())().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	lists := map[string]any{}
	for name, schema := range got.ListResourceSchemas {
		lists[name] = map[string]any{"version": schema.Version, "block": block(schema.Block)}
	}
	for _, schemas := range document.Providers {
		schemas["list_resource_schemas"] = lists
	}
	return json.NewEncoder(os.Stdout).Encode(document)
}

// block is a block without blocks in it, as the JSON has it.
func block(b *tfprotov6.SchemaBlock) map[string]any {
	attributes := map[string]any{}
	for _, a := range b.Attributes {
		attribute := map[string]any{"type": a.Type, "description": a.Description, "description_kind": "markdown"}
		if a.Required {
			attribute["required"] = true
		} else {
			attribute["optional"] = true
		}
		attributes[a.Name] = attribute
	}
	return map[string]any{"attributes": attributes, "description": b.Description, "description_kind": "markdown"}
}
