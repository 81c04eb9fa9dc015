// Package export writes Terraform configuration for what a Cortex holds: resource blocks, and the import blocks that bring the objects
// under management.
package export

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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
	s := shape{version: version, single: opts.single || opts.out == "-"}
	var left []string // of the provider block
	if s.block, left = written(opts.block); opts.environment != "" {
		if s.environment, err = theEnvironment(ctx, c, opts.environment); err != nil {
			return err
		}
	}
	choose := newSelection(opts.workspaces)
	line := &progressLine{to: stderr, on: isTerminal(stderr)}
	from := cmp.Or(s.environment, &object{})
	err = read(ctx, c, from, choose.selects, line.show)
	line.clear()
	switch {
	case err != nil:
		return err
	case from.refused != nil:
		return fmt.Errorf("%s: %w; nothing was written", from, from.refused)
	}
	if err := choose.unmatched(); err != nil {
		return err
	}
	exported, refused := split(from.contents)
	fmt.Fprint(stderr, complaints(refused))
	switch {
	case len(refused) > 0 && s.environment != nil:
		return errors.New("nothing was written, because a copy by the module would lack what is named above: make it fit, or delete it")
	case len(refused) > 0 && opts.strict:
		return errors.New("nothing was written, because of -strict and what is named above")
	}
	d, err := s.render(exported)
	if err != nil {
		return err
	}
	fmt.Fprint(stderr, lines(d.strays))
	files := d.finished()
	if opts.out == "-" {
		_, err := stdout.Write(files[0].content)
		return err
	}
	if err := save(opts.out, files, opts.force); err != nil {
		return err
	}

	fmt.Fprintf(stderr, "Exported %s to %s.\n", s.count(exported), opts.out)
	if len(refused) > 0 {
		fmt.Fprintf(stderr, "Not exported: %s, as said above.\n", s.count(refused))
	}
	if others := otherConfiguration(opts.out, files); len(others) > 0 {
		fmt.Fprintf(stderr, "The folder also has %s, which Terraform reads together with it. Remove what an earlier export left.\n",
			strings.Join(others, ", "))
	}
	if s.environment != nil {
		fmt.Fprint(stderr, d.use(opts.out))
		return nil
	}
	if d.secrets() {
		name := variablesFile
		if s.single {
			name = mainFile
		}
		fmt.Fprintf(stderr, "Passwords are not exported: each is a variable of %s, which the plan needs a value for (TF_VAR_…, or a .tfvars file).\n", name)
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
