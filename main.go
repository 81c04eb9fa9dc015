// Command terraform-provider-cortex is the Terraform and OpenTofu provider for Cortex.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/telescopeai/terraform-provider-cortex/internal/export"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
	"github.com/telescopeai/terraform-provider-cortex/internal/serve"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "The Cortex provider, which Terraform and OpenTofu start by themselves. Its own commands are\n"+
			"  export    write configuration for what Cortex has; see export -help\n  version\nOptions:\n")
		flag.PrintDefaults()
	}
	flag.Parse()

	switch command := flag.Arg(0); command {
	case "":
		run(*debug)
	case "export":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := export.Main(ctx, flag.Args()[1:], os.Stdout, os.Stderr, version)
		stop()
		os.Exit(code)
	case "version":
		fmt.Println("terraform-provider-cortex " + version)
	default:
		fmt.Fprintf(os.Stderr, "unknown command %q; the commands are: export, version\n", command)
		os.Exit(2)
	}
}

func run(debug bool) {
	err := serve.Serve(provider.New(version), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
