package export

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

const usage = `Usage: terraform-provider-cortex export -out FOLDER [options]
       terraform-provider-cortex export -environment WORKSPACE/ENVIRONMENT -as-module -out FOLDER [options]

The first writes configuration for what Cortex has: workspaces, environments, consumers, consumer groups and their members, data sources, data models,
metrics, dashboards. A folder for each workspace, which is a module with a file for each kind in each environment; and in FOLDER itself what calls
these modules and imports everything. "terraform plan" there must then say that it imports everything and changes nothing.

The second writes what is in one environment as a module that has no ids: applied in another environment, or in another Cortex, it makes an equal copy.
Where its databases are, are variables whose defaults are what they are in this environment.

Cortex is found as the provider finds it: by CORTEX_API_URL, CORTEX_API_KEY, CORTEX_TIMEOUT and CORTEX_MAX_RETRIES, or by the
options below. Secrets come from the environment or from files only, and are never written.

Exit codes: 0 exported; 1 an error, and nothing was written; 2 wrong options.

Options:
`

// options are what the command line says.
type options struct {
	out         string
	workspaces  []string
	environment string // of which a module is made; "" for a configuration
	single      bool
	force       bool
	strict      bool
	block       []provider.Attribute // the provider block that the options make
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
	flags.StringVar(&opts.environment, "environment", "",
		"with -as-module: the `environment`, by the name or id of its workspace and its own with a slash between, or by its id alone")
	asModule := flags.Bool("as-module", false, "write what is in the environment as a module; fail when there is an object that cannot be exported")
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
	case opts.environment != "" && !*asModule:
		return options{}, errors.New("-environment is for -as-module: add that. -workspace exports all of a workspace")
	case opts.environment == "" && *asModule:
		return options{}, errors.New("-as-module wants to know the environment: add -environment WORKSPACE/ENVIRONMENT")
	case *asModule && len(opts.workspaces) > 0:
		return options{}, errors.New("-workspace is not for -as-module: -environment says the workspace too")
	}
	return opts, nil
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
