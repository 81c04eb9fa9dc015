// Package provider is the Terraform provider for Cortex: one file for each object and kind.
package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Address is the provider's address in the registries.
const Address = "registry.terraform.io/telescopeai/cortex"

var (
	_ provider.Provider                   = (*cortexProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*cortexProvider)(nil)
	_ provider.ProviderWithListResources  = (*cortexProvider)(nil)
)

type cortexProvider struct {
	version string
	reading client.Reading
}

type providerModel struct {
	Endpoint       types.String `tfsdk:"endpoint"`
	APIKey         types.String `tfsdk:"api_key"`
	Headers        types.Map    `tfsdk:"headers"`
	CACertPEM      types.String `tfsdk:"ca_cert_pem"`
	ClientCertPEM  types.String `tfsdk:"client_cert_pem"`
	ClientKeyPEM   types.String `tfsdk:"client_key_pem"`
	Insecure       types.Bool   `tfsdk:"insecure"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
}

// variables are the environment variables that stand in for an attribute which is not configured, first one first.
var variables = map[string][]string{
	"endpoint":        {"CORTEX_API_URL", "CORTEX_API_HOST"},
	"api_key":         {"CORTEX_API_KEY"},
	"request_timeout": {"CORTEX_TIMEOUT"},
	"max_retries":     {"CORTEX_MAX_RETRIES"},
}

// New returns a constructor of the provider.
func New(version string) func() provider.Provider { return NewReading(version, client.FromLists) }

// NewReading is New for a provider that may read otherwise; see client.Reading.
func NewReading(version string, reading client.Reading) func() provider.Provider {
	return func() provider.Provider { return &cortexProvider{version: version, reading: reading} }
}

func (p *cortexProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "cortex"
	resp.Version = p.version
}

func (p *cortexProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages workspaces, environments, consumers, consumer groups, data sources, data models, metrics and dashboards of [Cortex](https://github.com/TelescopeAI/cortex).",
		Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Base URL of Cortex's API, with or without `/api/v1` at its end, for example `https://cortex.example.com`. " +
					"A path prefix is kept. Defaults to `CORTEX_API_URL`, then to `CORTEX_API_HOST`; one of the three is required.",
				Validators: []validator.String{setting("an http or https URL", validEndpoint)},
			},
			"api_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Sent with every request as `Authorization: Bearer …`; the key itself does not begin with `Bearer`. Cortex itself checks no credential; " +
					"a gateway in front of it may. Defaults to `CORTEX_API_KEY`, which keeps it out of the configuration.",
				Validators: []validator.String{setting("a text without control characters", func(text string) error { return validAPIKey(text, withoutLineBreak) })},
			},
			"headers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true, Sensitive: true,
				MarkdownDescription: "Further headers of every request, for a gateway in front of Cortex. One that is null is left out. Refused are `Accept`, `Connection`, " +
					"`Content-Length`, `Content-Type`, `Host`, `Transfer-Encoding` and `User-Agent`, which the provider sets itself, " +
					"`Authorization` together with `api_key`, and two whose names differ in case only.",
				Validators: []validator.Map{headers{}},
			},
			"ca_cert_pem": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Certificates (PEM) of the authorities to trust in place of the system's, for example `file(\"ca.pem\")`.",
				Validators:          []validator.String{setting("one or more certificates in PEM", validCertificates)},
			},
			"client_cert_pem": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Certificate (PEM) that the provider shows to the server (mutual TLS). Requires `client_key_pem`.",
				Validators:          []validator.String{setting("one or more certificates in PEM", validCertificates)},
			},
			"client_key_pem": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Private key (PEM) of `client_cert_pem`, not encrypted.",
				Validators:          []validator.String{setting("a private key in PEM", validKey)},
			},
			"insecure": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to accept any certificate of the server. For experiments only: prefer `ca_cert_pem`. Defaults to `false`.",
			},
			"request_timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long one request may take, its answer included, as a duration like `\"30s\"` or `\"2m\"`. Defaults to " +
					fmt.Sprintf("`CORTEX_TIMEOUT` (a number of seconds, as for Cortex's Python SDK), then to `%q`.", client.DefaultRequestTimeout),
				Validators: []validator.String{setting("a positive duration", validDuration)},
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How often a failed request is repeated where that is safe: after connection errors, after 429, 502, 503 and " +
					"504, and after a 500 that is not one of Cortex's final answers. A request that creates an object is repeated only when it " +
					fmt.Sprintf("certainly created none. `0` turns repetition off. Defaults to `CORTEX_MAX_RETRIES`, then to `%d`.", client.DefaultMaxRetries),
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
		},
	}
}

// ValidateConfig checks what two attributes have to do with each other.
func (p *cortexProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.APIKey.ValueString() != "" {
		refuseAuthorizationTwice(m.Headers, "api_key", &resp.Diagnostics)
	}
	requireOther("client_cert_pem", m.ClientCertPEM, "client_key_pem", m.ClientKeyPEM, &resp.Diagnostics)
	requireOther("client_key_pem", m.ClientKeyPEM, "client_cert_pem", m.ClientCertPEM, &resp.Diagnostics)
	if cert, key := m.ClientCertPEM.ValueString(), m.ClientKeyPEM.ValueString(); validCertificates(cert) == nil && validKey(key) == nil {
		if err := validKeyPair(cert, key); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("client_key_pem"), "Invalid client_key_pem", sentence(err))
		}
	}
}

// requireOther refuses one of two settings without the other. (The framework's validator takes "" for set.)
func requireOther(name string, value types.String, otherName string, other types.String, diags *diag.Diagnostics) {
	if value.ValueString() != "" && other.ValueString() == "" && !other.IsUnknown() {
		diags.AddAttributeError(path.Root(name), "Invalid "+name, "It requires "+otherName+", which is not set.")
	}
}

// Configure makes the client. It sends nothing, so that a plan works before the server exists.
func (p *cortexProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	c := p.client(ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = c, c, c
}

func (p *cortexProvider) Resources(context.Context) (all []func() resource.Resource) {
	for _, k := range registry() {
		all = append(all, k.resource)
	}
	return all
}

func (p *cortexProvider) DataSources(context.Context) (all []func() datasource.DataSource) {
	for _, k := range registry() {
		all = append(all, k.dataSource, k.objectsDataSource)
	}
	return append(all, func() datasource.DataSource { return &dataSourceStatus{} }, func() datasource.DataSource { return &dataSourceTables{} },
		func() datasource.DataSource { return &metricResult{} }, func() datasource.DataSource { return &metricRecommendations{} },
		func() datasource.DataSource { return &dashboardResult{} })
}

func (p *cortexProvider) ListResources(context.Context) (all []func() list.ListResource) {
	for _, k := range registry() {
		all = append(all, k.listResource)
	}
	return all
}

func (p *cortexProvider) client(ctx context.Context, req provider.ConfigureRequest, diags *diag.Diagnostics) *client.Client {
	if name := firstUnknown(req.Config.Raw); name != "" {
		return client.Failing(unknownAttribute(name))
	}
	var m providerModel
	if diags.Append(req.Config.Get(ctx, &m)...); diags.HasError() {
		return nil
	}
	cfg := client.Config{
		CACertPEM:      m.CACertPEM.ValueString(),
		ClientCertPEM:  m.ClientCertPEM.ValueString(),
		ClientKeyPEM:   m.ClientKeyPEM.ValueString(),
		Insecure:       m.Insecure.ValueBool(),
		RequestTimeout: client.DefaultRequestTimeout,
		MaxRetries:     client.DefaultMaxRetries,
		Reading:        p.reading,
		UserAgent:      "terraform-provider-cortex/" + p.version,
		Trace:          trace,
	}
	if req.TerraformVersion != "" {
		cfg.UserAgent += " terraform/" + req.TerraformVersion
	}
	cfg.Headers = headerValues(m.Headers)

	// Every setting comes from the configuration or else from a variable, whose name its function then gets; either way that function checks it.
	set := func(name, configured string, use func(text, variable string) error) {
		text, variable := configured, ""
		if text == "" {
			text, variable = fromEnvironment(name)
		}
		if text == "" {
			return
		}
		if err := use(text, variable); err != nil {
			diags.AddAttributeError(path.Root(name), "Invalid "+cmp.Or(variable, name), sentence(err))
		}
	}
	set("endpoint", m.Endpoint.ValueString(), func(text, _ string) error {
		cfg.Endpoint = text
		return validEndpoint(text)
	})
	set("api_key", m.APIKey.ValueString(), func(text, variable string) error {
		cfg.APIKey = text
		if variable != "" {
			return validAPIKey(text, withoutLineBreakInShell(variable))
		}
		return validAPIKey(text, withoutLineBreak)
	})
	set("request_timeout", m.RequestTimeout.ValueString(), func(text, variable string) (err error) {
		parse := parseTimeout
		if variable != "" {
			parse = parseSeconds
		}
		cfg.RequestTimeout, err = parse(text)
		return err
	})
	retries := ""
	if !m.MaxRetries.IsNull() {
		retries = m.MaxRetries.String()
	}
	set("max_retries", retries, func(text, _ string) (err error) {
		cfg.MaxRetries, err = strconv.Atoi(text)
		if err != nil || cfg.MaxRetries < 0 {
			return fmt.Errorf("%q is not a whole number of 0 or more", text)
		}
		return nil
	})
	if cfg.APIKey != "" {
		refuseAuthorizationTwice(m.Headers, "api_key or CORTEX_API_KEY", diags)
	}
	if cfg.Endpoint == "" {
		diags.AddAttributeError(path.Root("endpoint"), "No endpoint of Cortex",
			"The provider does not know where Cortex is. Set endpoint in the provider block, or one of the environment variables "+
				strings.Join(variables["endpoint"], " and ")+", to the base URL of its API, for example https://cortex.example.com.")
	}
	if diags.HasError() {
		return nil
	}
	c, err := client.New(cfg)
	if err != nil {
		diags.AddError("Cannot use the provider's configuration", sentence(err))
	}
	return c
}

// fromEnvironment returns the value of the first variable of an attribute that is set, and the variable's name; "" when none is.
func fromEnvironment(attribute string) (text, variable string) {
	for _, name := range variables[attribute] {
		if text := os.Getenv(name); text != "" {
			return text, name
		}
	}
	return "", ""
}

// firstUnknown returns the name of an attribute whose value is known only after an apply, "" when there is none.
func firstUnknown(config tftypes.Value) string {
	var attributes map[string]tftypes.Value
	if config.As(&attributes) != nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !attributes[name].IsFullyKnown() {
			return name
		}
	}
	return ""
}

// unknownAttribute is why every request fails while the named attribute of the provider is not known.
type unknownAttribute string

func (name unknownAttribute) Error() string {
	text := fmt.Sprintf("the provider's attribute %s is not known yet, because something that it depends on is still to be made. "+
		"Apply that first, with -target", string(name))
	if names := variables[string(name)]; names != nil {
		text += fmt.Sprintf(", or leave the attribute out and set the environment variable %s", names[0])
	}
	return text
}

func refuseAuthorizationTwice(configured types.Map, other string, diags *diag.Diagnostics) {
	for name := range headerValues(configured) {
		if strings.EqualFold(name, "Authorization") {
			diags.AddAttributeError(path.Root("headers").AtMapKey(name), "Invalid headers",
				"The header Authorization and "+other+" are both set, but a request has room for one of them: leave one out.")
		}
	}
}

func trace(ctx context.Context, e client.Exchange) {
	fields := map[string]any{"method": e.Method, "url": e.URL, "status": e.Status, "duration": e.Took.Round(time.Millisecond).String()}
	if e.Err != nil {
		fields["error"] = e.Err.Error()
	}
	tflog.Debug(ctx, "request to Cortex", fields)
	tflog.Trace(ctx, "bodies of a request to Cortex", map[string]any{
		"method": e.Method, "url": e.URL, "request": e.RequestBody, "response": e.Response,
	})
}
