// Package export writes Terraform configuration for what a Cortex holds: resource blocks, and the import blocks that bring the objects
// under management.
package export

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// Main runs the command and returns its exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer, version string) int {
	opts, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "%v\nRun \"terraform-provider-cortex export -help\" for the options.\n", err)
		return 2
	}
	if err := run(ctx, opts, stdout, stderr, version); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; nothing was written")
		}
		fmt.Fprintf(stderr, "Error: %v\n", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, opts options, stdout, stderr io.Writer, version string) error {
	c, err := provider.NewClient(ctx, version, opts.block)
	if err != nil {
		return err
	}
	defer c.CloseIdleConnections()
	choose := newSelection(opts.workspaces)
	line := &progressLine{to: stderr, on: isTerminal(stderr)}
	objects, err := read(ctx, c, choose.selects, line.show)
	line.clear()
	if err == nil {
		err = choose.unmatched()
	}
	if err != nil {
		return err
	}
	exported, refused := split(objects)
	fmt.Fprint(stderr, complaints(refused), strays(exported))
	if len(refused) > 0 && opts.strict {
		return errors.New("nothing was written, because of -strict and what is named above")
	}
	block, left := written(opts.block)
	files, err := render(exported, block, version, opts.single || opts.out == "-")
	if err != nil {
		return err
	}
	if opts.out == "-" {
		_, err := stdout.Write(files[0].content)
		return err
	}
	if err := save(opts.out, files, opts.force); err != nil {
		return err
	}

	fmt.Fprintf(stderr, "Exported %s to %s.\n", count(exported), opts.out)
	if len(refused) > 0 {
		fmt.Fprintf(stderr, "Not exported: %s, as said above.\n", count(refused))
	}
	if others := otherConfiguration(opts.out, files); len(others) > 0 {
		fmt.Fprintf(stderr, "The folder also has %s, which Terraform reads together with it. Remove what an earlier export left.\n",
			strings.Join(others, ", "))
	}
	if slices.ContainsFunc(exported, (*object).hasSecrets) {
		fmt.Fprintf(stderr, "Passwords are not exported: each is a variable of %s, which the plan needs a value for (TF_VAR_…, or a .tfvars file).\n",
			files[len(files)-1].name)
	}
	if len(left) > 0 {
		fmt.Fprintf(stderr, "The provider block does not say %s: add what a plan needs of it, or set its environment variable.\n", strings.Join(left, ", "))
	}
	if len(exported) > 0 {
		fmt.Fprintf(stderr, "Next: look through the files, and run \"terraform init\" and \"terraform plan\" there. The plan must say\n"+
			"\"%d to import, 0 to add, 0 to change, 0 to destroy\".\n", len(exported))
	}
	return nil
}
