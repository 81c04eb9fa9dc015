// Command patient is the provider, except that it waits long for more reads, so that requests can be counted however busy the machine is.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
	"github.com/telescopeai/terraform-provider-cortex/internal/serve"
)

func main() {
	newProvider := provider.NewReading("patient", client.Patient)
	if err := serve.Serve(newProvider, providerserver.ServeOpts{Address: provider.Address}); err != nil {
		log.Fatal(err)
	}
}
