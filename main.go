// Command terraform-provider-cortex is the Terraform and OpenTofu provider for Cortex.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait")
	flag.Parse()

	switch command := flag.Arg(0); command {
	case "":
		serve(*debug)
	case "version":
		fmt.Println("terraform-provider-cortex " + version)
	default:
		fmt.Fprintf(os.Stderr, "unknown command %q; the commands are: version\n", command)
		os.Exit(2)
	}
}

func serve(debug bool) {
	err := serveTuned(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
