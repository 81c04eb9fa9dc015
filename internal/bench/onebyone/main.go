// Command onebyone is the provider, except that it reads one object a request, to compare with.
package main

import (
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
	"github.com/telescopeai/terraform-provider-cortex/internal/serve"
)

func main() {
	newProvider := provider.NewReading("onebyone", client.OneByOne)
	if err := serve.Serve(newProvider, providerserver.ServeOpts{Address: provider.Address}); err != nil {
		log.Fatal(err)
	}
}
