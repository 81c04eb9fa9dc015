// Package export writes Terraform configuration for what a Cortex holds: resource blocks, and the import blocks that bring the objects
// under management.
package export

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

const usage = `Usage: terraform-provider-cortex export -out FOLDER [options]

Writes configuration for what Cortex has: workspaces, environments, consumers, consumer groups and their members, data sources, data models,
metrics, dashboards. A file for each workspace, with resource and import blocks, and provider.tf. "terraform plan" in the folder must then
say that it imports everything and changes nothing.

Cortex is found as the provider finds it: by CORTEX_API_URL, CORTEX_API_KEY, CORTEX_TIMEOUT and CORTEX_MAX_RETRIES, or by the
options below. Secrets come from the environment or from files only, and are never written.

Exit codes: 0 exported; 1 an error, and nothing was written; 2 wrong options.

Options:
`

// options are what the command line says.
type options struct {
	out        string
	workspaces []string
	single     bool
	force      bool
	strict     bool
	block      []provider.Attribute // the provider block that the options make
}

// setting is an attribute of the provider block as an option.
type setting struct {
	option    string
	attribute string
	usage     string
	value     func(text string) (tftypes.Value, error)
	written   bool // also into the exported provider block
}

var settings = []setting{
	{"endpoint", "endpoint", "base `URL` of Cortex's API", plainText, true},
	{"api-key-file", "api_key", "`file` with the API key", textOfFile, false},
	{"headers-file", "headers", "`file` with further headers of every request, one \"Name: value\" on a line", headersOfFile, false},
	{"ca-cert-file", "ca_cert_pem", "`file` with the certificates to trust, in PEM", textOfFile, false},
	{"client-cert-file", "client_cert_pem", "`file` with the certificate to authenticate with, in PEM", textOfFile, false},
	{"client-key-file", "client_key_pem", "`file` with its private key, in PEM", textOfFile, false},
	{"request-timeout", "request_timeout", "deadline of one request, a `duration` such as 30s", plainText, true},
	{"max-retries", "max_retries", "how often a request is repeated, a `number`", number, true},
	{"insecure", "insecure", "do not verify the server's certificate", boolean, true},
}

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

// parse reads the command line. When that asks for help, it writes the help to stdout and returns flag.ErrHelp.
func parse(args []string, stdout io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says the same
	flags.StringVar(&opts.out, "out", "", "`folder` to write to, made when it is not there; - writes everything to standard output")
	flags.Func("workspace", "export only workspaces with this `name`, id or pattern (* is any text, ? any character); may be repeated",
		func(text string) error {
			opts.workspaces = append(opts.workspaces, text)
			return nil
		})
	flags.BoolVar(&opts.single, "single-file", false, "write everything into one file, main.tf")
	flags.BoolVar(&opts.force, "force", false, "overwrite files")
	flags.BoolVar(&opts.strict, "strict", false, "fail and write nothing when there is an object that cannot be exported")
	given := map[string]tftypes.Value{}
	for _, s := range settings {
		set := func(text string) (err error) {
			given[s.attribute], err = s.value(text)
			return err
		}
		if s.attribute == "insecure" {
			flags.BoolFunc(s.option, s.usage, set)
		} else {
			flags.Func(s.option, s.usage, set)
		}
	}
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	}
	if err != nil {
		return options{}, err
	}
	for _, s := range settings {
		if value, ok := given[s.attribute]; ok {
			opts.block = append(opts.block, provider.Attribute{Name: s.attribute, Value: value})
		}
	}
	switch {
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.out == "":
		return options{}, errors.New("-out is missing: the folder to write to")
	}
	return opts, nil
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

// written splits the provider block that the options make into what is exported and the names of what is not.
func written(all []provider.Attribute) (block []provider.Attribute, left []string) {
	for _, a := range all {
		if settings[slices.IndexFunc(settings, func(s setting) bool { return s.attribute == a.Name })].written {
			block = append(block, a)
		} else {
			left = append(left, a.Name)
		}
	}
	return block, left
}

// complaints says what is not exported, and why.
func complaints(refused []*object) string {
	var b strings.Builder
	for _, o := range refused {
		fmt.Fprintf(&b, "Not exported: %s: %v\n", o, o.refused)
	}
	return b.String()
}

// strays says which ids stay ids, since what they belong to is not exported: other workspaces have it, or none any more.
func strays(exported []*object) string {
	var b strings.Builder
	there := index(exported)
	for _, o := range exported {
		said := map[id]bool{}
		for _, a := range o.attributes {
			_ = tftypes.Walk(a.Value, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
				name := a.Name
				if nested, ok := at.LastStep().(tftypes.AttributeName); ok {
					name = string(nested)
				}
				text, isText := provider.Text(value)
				if to := (id{o.kind.References[name], text}); isText && to.noun != "" && there[to] == nil && !said[to] {
					said[to] = true
					fmt.Fprintf(&b, "No reference: %s has the id of %s %s, which is not exported\n", o, to.noun, to.id)
				}
				return true, nil
			})
		}
	}
	return b.String()
}

// count says how many objects of each kind there are; of what is in environments, only the kinds of which there are some.
func count(objects []*object) string {
	var parts []string
	for _, k := range kinds {
		n := 0
		for _, o := range objects {
			if o.kind == k {
				n++
			}
		}
		if n == 0 && k.Container == "environment" {
			continue
		}
		noun := k.Noun + "s"
		if n == 1 {
			noun = k.Noun
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, noun))
	}
	return strings.Join(parts, ", ")
}

// selection is which workspaces are exported.
type selection struct {
	texts    []string
	patterns []*regexp.Regexp
	used     []bool
}

func newSelection(texts []string) *selection {
	s := &selection{texts: texts, used: make([]bool, len(texts))}
	for _, text := range texts {
		pattern := regexp.QuoteMeta(norm.NFC.String(text))
		pattern = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(pattern)
		s.patterns = append(s.patterns, regexp.MustCompile("(?s)^(?:"+pattern+")$"))
	}
	return s
}

func (s *selection) selects(ref client.Ref) bool {
	found := len(s.texts) == 0
	for i, text := range s.texts {
		name := norm.NFC.String(ref.Name)
		if name == norm.NFC.String(text) || strings.EqualFold(ref.ID, text) || s.patterns[i].MatchString(name) {
			s.used[i], found = true, true
		}
	}
	return found
}

// unmatched is an error about texts that no workspace matched.
func (s *selection) unmatched() error {
	var errs []error
	for i, text := range s.texts {
		if !s.used[i] {
			errs = append(errs, fmt.Errorf("no workspace has the name or id %q or matches it; nothing was written", text))
		}
	}
	return errors.Join(errs...)
}

// progressLine is one line on a terminal that says how far the export is.
type progressLine struct {
	to    io.Writer
	on    bool
	shown time.Time
}

func (l *progressLine) show(noun string, done, of int) {
	if !l.on || 0 < done && done < of && time.Since(l.shown) < 100*time.Millisecond {
		return
	}
	l.shown = time.Now()
	fmt.Fprintf(l.to, "\r\x1b[KReading %ss: %d of %d lists", noun, done, of)
}

func (l *progressLine) clear() {
	if l.on {
		fmt.Fprint(l.to, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

func plainText(text string) (tftypes.Value, error) {
	return tftypes.NewValue(tftypes.String, text), nil
}

func number(text string) (tftypes.Value, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return tftypes.NewValue(tftypes.Number, n), err
}

func boolean(text string) (tftypes.Value, error) {
	b, err := strconv.ParseBool(text)
	return tftypes.NewValue(tftypes.Bool, b), err
}

func textOfFile(name string) (tftypes.Value, error) {
	content, err := os.ReadFile(name)
	text := strings.TrimSpace(string(content))
	if err == nil && text == "" { // which would be the same as no option
		err = errors.New("it is empty")
	}
	return tftypes.NewValue(tftypes.String, text), err
}

func headersOfFile(name string) (tftypes.Value, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return tftypes.Value{}, err
	}
	headers := map[string]tftypes.Value{}
	lines := bufio.NewScanner(strings.NewReader(string(content)))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return tftypes.Value{}, fmt.Errorf("line %d is not \"Name: value\"", n) // the line itself may be a secret
		}
		headers[strings.TrimSpace(key)] = tftypes.NewValue(tftypes.String, strings.TrimSpace(value))
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, headers), lines.Err()
}
