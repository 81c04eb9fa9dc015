package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type dataSourceModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Name          types.String `tfsdk:"name"`
	Alias         types.String `tfsdk:"alias"`
	Description   types.String `tfsdk:"description"`
	PostgreSQL    types.Object `tfsdk:"postgresql"`
	MySQL         types.Object `tfsdk:"mysql"`
	SQLite        types.Object `tfsdk:"sqlite"`
	Custom        types.Object `tfsdk:"custom"`
	SourceType    types.String `tfsdk:"source_type"`
	SourceCatalog types.String `tfsdk:"source_catalog"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

// serverModel is a database behind a network.
type serverModel struct {
	Host              types.String `tfsdk:"host"`
	Port              types.Int64  `tfsdk:"port"`
	Database          types.String `tfsdk:"database"`
	Username          types.String `tfsdk:"username"`
	Password          types.String `tfsdk:"password"`
	PasswordWO        types.String `tfsdk:"password_wo"`
	PasswordWOVersion types.String `tfsdk:"password_wo_version"`
}

type sqliteModel struct {
	FilePath types.String `tfsdk:"file_path"`
}

type customModel struct {
	SourceType      types.String `tfsdk:"source_type"`
	SourceCatalog   types.String `tfsdk:"source_catalog"`
	Config          types.String `tfsdk:"config"`
	ConfigWO        types.String `tfsdk:"config_wo"`
	ConfigWOVersion types.String `tfsdk:"config_wo_version"`
}

// cortexFile is a field in which a path comes before that in file_path. Cortex itself writes it, for files of its own: with the data source it
// deletes the file, and the folders that this leaves empty. So it is read, and not written.
const cortexFile = "sqlite_path"

// database is the catalog of all that Cortex can run metrics on.
const database = "DATABASE"

func (m dataSourceModel) object() client.DataSource {
	s := client.DataSource{
		ID: m.ID.ValueString(), EnvironmentID: m.EnvironmentID.ValueString(), Name: m.Name.ValueString(), Alias: m.Alias.ValueString(),
		Description: m.Description.ValueString(), SourceCatalog: database,
	}
	postgresql, mysql, sqlite, custom := nested[serverModel](m.PostgreSQL), nested[serverModel](m.MySQL), nested[sqliteModel](m.SQLite), nested[customModel](m.Custom)
	switch {
	case postgresql != nil:
		s.SourceType = "postgresql"
		return s.Configured(postgresql.fields(s.SourceType))
	case mysql != nil:
		s.SourceType = "mysql"
		return s.Configured(mysql.fields(s.SourceType))
	case sqlite != nil:
		s.SourceType = "sqlite"
		return s.Configured(sqlite.fields())
	case custom != nil:
		s.SourceType, s.SourceCatalog = custom.SourceType.ValueString(), custom.SourceCatalog.ValueString()
		s.Config = jsonValue(kept(custom.Config, custom.ConfigWO))
	}
	return s
}

func (m dataSourceModel) with(s client.DataSource) dataSourceModel {
	out := dataSourceModel{
		ID: text(s.ID), EnvironmentID: text(s.EnvironmentID), Name: text(s.Name), Alias: text(s.Alias), Description: optionalText(m.Description, s.Description),
		PostgreSQL: nestedNull(serverAttributes("")), MySQL: nestedNull(serverAttributes("")), SQLite: nestedNull(sqliteAttributes()), Custom: nestedNull(customAttributes()),
		SourceType: text(s.SourceType), SourceCatalog: text(s.SourceCatalog), CreatedAt: text(s.CreatedAt), UpdatedAt: text(s.UpdatedAt),
	}
	switch s.SourceType {
	case "postgresql":
		out.PostgreSQL = nestedValue(serverAttributes(""), nested[serverModel](m.PostgreSQL).with(s))
	case "mysql":
		out.MySQL = nestedValue(serverAttributes(""), nested[serverModel](m.MySQL).with(s))
	case "sqlite":
		out.SQLite = nestedValue(sqliteAttributes(), sqliteModel{FilePath: arrived(s.Configuration(), cortexFile, "file_path")})
	default:
		out.Custom = nestedValue(customAttributes(), nested[customModel](m.Custom).with(s))
	}
	return out
}

func (m serverModel) fields(dialect string) map[string]any {
	fields := map[string]any{"dialect": dialect}
	set := func(field string, value types.String, quoted func(string) string) {
		if !value.IsNull() && !value.IsUnknown() {
			fields[field] = quoted(value.ValueString())
		}
	}
	set("host", m.Host, bracketed)
	set("database", m.Database, client.Quoted)
	set("username", m.Username, client.Quoted)
	set("password", kept(m.Password, m.PasswordWO), client.Quoted)
	if !m.Port.IsNull() && !m.Port.IsUnknown() {
		fields["port"] = json.Number(strconv.FormatInt(m.Port.ValueInt64(), 10))
	}
	return fields
}

func (m *serverModel) with(s client.DataSource) serverModel {
	config := s.Configuration()
	out := serverModel{Host: types.StringNull(), Port: types.Int64Null(), Database: arrived(config, "database"), Username: arrived(config, "username"),
		Password: types.StringValue(unkept), PasswordWO: types.StringNull(), PasswordWOVersion: types.StringNull()}
	if host, ok := config["host"].(string); ok {
		out.Host = text(strings.Trim(host, "[]"))
	}
	if port, err := strconv.ParseInt(fmt.Sprint(config["port"]), 10, 64); err == nil {
		out.Port = types.Int64Value(port)
	}
	if m != nil {
		out.PasswordWOVersion = m.PasswordWOVersion
		if out.Password = m.Password; !m.Password.IsNull() && m.Password.ValueString() != unkept {
			out.Password = arrived(config, "password")
		}
	}
	return out
}

func (m sqliteModel) fields() map[string]any {
	fields := map[string]any{"dialect": "sqlite"}
	if !m.FilePath.IsNull() && !m.FilePath.IsUnknown() {
		fields["file_path"] = client.QuotedPath(m.FilePath.ValueString())
	}
	return fields
}

func (m *customModel) with(s client.DataSource) customModel {
	out := customModel{SourceType: text(s.SourceType), SourceCatalog: text(s.SourceCatalog), Config: types.StringValue(unkept), ConfigWO: types.StringNull(),
		ConfigWOVersion: types.StringNull()}
	if m != nil {
		out.ConfigWOVersion = m.ConfigWOVersion
		if out.Config = m.Config; !m.Config.IsNull() && m.Config.ValueString() != unkept {
			out.Config = jsonText(m.Config, s.Config)
		}
	}
	return out
}

// arrived is what the database gets of the first of these fields that there is; null when there is none.
func arrived(config map[string]any, fields ...string) types.String {
	for _, field := range fields {
		if stored, ok := config[field].(string); ok && stored != "" {
			value, _ := client.Arrives(field, stored)
			return text(value)
		}
	}
	return types.StringNull()
}

// bracketed is a host as a URL has it.
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// configured implements confidant.
func (m dataSourceModel) configured(config dataSourceModel) dataSourceModel {
	m.PostgreSQL, m.MySQL = withPassword(m.PostgreSQL, config.PostgreSQL), withPassword(m.MySQL, config.MySQL)
	if custom, said := nested[customModel](m.Custom), nested[customModel](config.Custom); custom != nil && said != nil {
		custom.Config, custom.ConfigWO = said.Config, said.ConfigWO
		m.Custom = nestedValue(customAttributes(), *custom)
	}
	return m
}

func withPassword(server, config types.Object) types.Object {
	own, said := nested[serverModel](server), nested[serverModel](config)
	if own == nil || said == nil {
		return server
	}
	own.Password, own.PasswordWO = said.Password, said.PasswordWO
	return nestedValue(serverAttributes(""), *own)
}

// upon implements confidant.
func (m dataSourceModel) upon(config dataSourceModel, has client.DataSource, state dataSourceModel) (have, want client.DataSource) {
	want = m.configured(config).object()
	if want.SourceType != has.SourceType || want.SourceCatalog != has.SourceCatalog && m.Custom.IsNull() {
		return has, want
	}
	switch config := has.Configuration(); {
	case !m.Custom.IsNull():
		if len(want.Config) == 0 {
			want.Config = has.Config
		}
	case config[cortexFile] != nil && reaches(cortexFile, config[cortexFile], want.Configuration()["file_path"]):
		want.Config = has.Config
	default:
		fields := map[string]any{}
		for field, value := range want.Configuration() {
			if !reaches(field, config[field], value) {
				fields[field] = value
			}
		}
		delete(config, cortexFile)
		want.Config = client.DataSource{}.Configured(config).Configured(fields).Config
	}
	if m.version() == state.version() {
		return has.Revealed(want), want
	}
	return has, want
}

// reaches tells whether two values of a field are the same to a database.
func reaches(field string, stored, wanted any) bool {
	if field == "port" {
		return fmt.Sprint(stored) == fmt.Sprint(wanted)
	}
	if field == "dialect" && stored == nil {
		return wanted == "sqlite" // the others run no metric without it
	}
	have, isText := stored.(string)
	want, wantsText := wanted.(string)
	if !isText || !wantsText {
		return false
	}
	if field == "host" || field == "dialect" {
		return have == want
	}
	got, whole := client.Arrives(field, have)
	asked, _ := client.Arrives(field, want)
	return whole && got == asked
}

// version is that of the write-only secret.
func (m dataSourceModel) version() string {
	for _, server := range []types.Object{m.PostgreSQL, m.MySQL} {
		if own := nested[serverModel](server); own != nil {
			return own.PasswordWOVersion.ValueString()
		}
	}
	if own := nested[customModel](m.Custom); own != nil {
		return own.ConfigWOVersion.ValueString()
	}
	return ""
}

// planned implements confidant.
func (m dataSourceModel) planned(state dataSourceModel, has client.DataSource) dataSourceModel {
	for server, had := range map[*types.Object]types.Object{&m.PostgreSQL: state.PostgreSQL, &m.MySQL: state.MySQL} {
		own, before := nested[serverModel](*server), nested[serverModel](had)
		if own != nil && before != nil && before.Password.ValueString() == unkept && !before.Password.IsNull() &&
			own.Password.Equal(arrived(has.Configuration(), "password")) {
			own.Password = before.Password
			*server = nestedValue(serverAttributes(""), *own)
		}
	}
	own, before := nested[customModel](m.Custom), nested[customModel](state.Custom)
	if own != nil && before != nil && before.Config.ValueString() == unkept && !before.Config.IsNull() && client.SameJSON(own.Config.ValueString(), string(has.Config)) {
		own.Config = before.Config
		m.Custom = nestedValue(customAttributes(), *own)
	}
	return m
}

func dataSourceKind() kind[client.DataSource, dataSourceModel] {
	return kind[client.DataSource, dataSourceModel]{
		about: about{
			noun:       "data source",
			in:         environmentKind(),
			key:        "name",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment"},
			differs:    []string{"host", "port", "database", "username", "file_path"},
			importHint: "a data source is imported by its id (a UUID), by the id of its environment and its own with a slash between, or by names, such as " +
				"\"acme/Production/Sales\"",
			one: "Reads one data source, a database that metrics get their rows from, found by its id or by its name in an environment. None, or several of " +
				"one name, is an error that lists what there is. Passwords are left out.",
			all:     "Lists the data sources of an environment, the databases that metrics get their rows from. Passwords are left out.",
			keyHint: "For use in `for_each`: `{ for s in data.cortex_data_sources.all.data_sources : s.name => s }`.",
		},
		objects: func(c *client.Client) objects[client.DataSource] { return c.DataSources },
		schema:  dataSourceSchema,
		remove:  removeDataSource,
	}
}

// removeDataSource deletes a data source that no metric uses. Cortex itself looks for them in some releases only.
func removeDataSource(ctx context.Context, r *removal, s client.DataSource) diag.Diagnostics {
	object := label("data source", s.Name, s.ID)
	users, err := r.client.UsedBy(ctx, s.Ref())
	switch {
	case len(users) > 0:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot delete "+object+": metrics use it", capital(usedByMetrics(users)))}
	case err != nil && client.ClassOf(err) != client.Rejected: // a database that cannot list metrics lets Cortex find none either
		d := cannotStill("find out which metrics use "+object, err)
		return diag.Diagnostics{diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nNothing was deleted.")}
	}
	if err := r.client.DataSources.Delete(ctx, s.Ref()); err != nil {
		return diag.Diagnostics{cannotStill("delete "+object, err)}
	}
	return nil
}

func dataSourceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A database of an environment, which metrics get their rows from. Exactly one of `postgresql`, `mysql`, `sqlite` and `custom` says " +
			"what it is; another one makes another data source. Cortex connects to it when a metric runs, not before: `cortex_data_source_status` " +
			"asks whether it can.\n\n" +
			"A data source that metrics use is not deleted. Metrics that are to follow one which is replaced say so: " +
			"`lifecycle { replace_triggered_by = [cortex_data_source.sales] }` deletes them before it and makes them anew after it.\n\n" +
			"Cortex shows passwords in clear text to everybody who can reach it. This provider keeps them out of logs, errors and data sources, and with " +
			"`password_wo` out of the state too; see the guide on databases and their passwords.",
		Attributes: map[string]schema.Attribute{
			"id":             idAttribute("data source"),
			"environment_id": containerAttribute("data source", "environment"),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: nameDescription("data source", " of the environment"),
				Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"alias": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Short name, for people. Others may have the same. It is changed in place.",
				Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"description": optionalTextAttribute("Description; null when there is none."),
			"postgresql":  databaseAttribute("A PostgreSQL database.", serverAttributes("5432"), oneDatabase{}),
			"mysql":       databaseAttribute("A MySQL database.", serverAttributes("3306")),
			"sqlite":      databaseAttribute("An SQLite file.", sqliteAttributes()),
			"custom": databaseAttribute("Any other source that Cortex knows: duckdb, bigquery, snowflake, redshift, oracle, mongodb, dynamodb, couchbase. "+
				"Released Cortexes keep such sources, but cannot run metrics on them.", customAttributes()),
			"source_type":    keptAttribute("Type of the source, as Cortex calls it, such as `postgresql`.", "source_type"),
			"source_catalog": keptAttribute("Catalog of the source, as Cortex calls it: `DATABASE`, `API` or `FILE`.", "source_catalog"),
			"created_at":     createdAtAttribute(),
			"updated_at":     updatedAtAttribute(),
		},
	}
}

// keptAttribute is what Cortex says of a source for ever; custom is what its attribute custom calls that.
func keptAttribute(description, custom string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{ofDatabase(custom)},
	}
}

// ofDatabase plans type or catalog of a source by the attribute that says what it is.
type ofDatabase string

func (ofDatabase) Description(context.Context) string { return "follows from what the source is" }

func (o ofDatabase) MarkdownDescription(ctx context.Context) string { return o.Description(ctx) }

func (o ofDatabase) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	for _, name := range databases {
		var value types.Object
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(name), &value)...)
		switch {
		case value.IsNull() || value.IsUnknown():
		case name == "custom":
			resp.PlanValue = nested[customModel](value).SourceType
			if o == "source_catalog" {
				resp.PlanValue = nested[customModel](value).SourceCatalog
			}
		case o == "source_catalog":
			resp.PlanValue = types.StringValue(database)
		default:
			resp.PlanValue = types.StringValue(name)
		}
	}
}

// databaseAttribute is one of the attributes of which exactly one says what a source is.
func databaseAttribute(description string, attributes map[string]schema.Attribute, validators ...validator.Object) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Attributes:          attributes,
		PlanModifiers: []planmodifier.Object{objectplanmodifier.RequiresReplaceIf(
			func(_ context.Context, req planmodifier.ObjectRequest, resp *objectplanmodifier.RequiresReplaceIfFuncResponse) {
				resp.RequiresReplace = req.StateValue.IsNull() != req.PlanValue.IsNull()
			}, "another type of database is another data source", "another type of database is another data source")},
		Validators: validators,
	}
}

// databases are the attributes of which exactly one says what a source is.
var databases = []string{"postgresql", "mysql", "sqlite", "custom"}

// oneDatabase wants exactly one of databases. It is the validator of the first of them.
type oneDatabase struct{}

func (oneDatabase) Description(context.Context) string {
	return "exactly one of " + strings.Join(databases, ", ") + " is required"
}

func (v oneDatabase) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (oneDatabase) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	var there []string
	for _, name := range databases {
		var value types.Object
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &value)...)
		if resp.Diagnostics.HasError() || value.IsUnknown() {
			return
		}
		if !value.IsNull() {
			there = append(there, name)
		}
	}
	advice := " Set exactly one of postgresql, mysql, sqlite and custom."
	switch len(there) {
	case 0:
		resp.Diagnostics.AddError("Missing database of the data source", "Nothing says what the data source is."+advice)
	case 1:
	default:
		resp.Diagnostics.AddAttributeError(path.Root(there[1]), "Invalid "+there[1], "The data source is "+strings.Join(there, " and ")+" at one time."+advice)
	}
}

// serverAttributes are those of a database behind a network; port is the usual one.
func serverAttributes(port string) map[string]schema.Attribute {
	usual, _ := strconv.ParseInt(port, 10, 64)
	required := func(description, want string, fits func(string) error) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: []validator.String{check(want, fits)}}
	}
	attributes := map[string]schema.Attribute{
		"host": required("Name or address of the server, as Cortex reaches it.", "a host's name or address", validHost),
		"port": schema.Int64Attribute{
			Optional: true, Computed: true,
			Default:             int64default.StaticInt64(usual),
			MarkdownDescription: "Port of the server. Defaults to `" + port + "`.",
			Validators:          []validator.Int64{int64validator.Between(1, 65535)},
		},
		"database": required("Name of the database on the server. Special characters are written as they are.", "a text of at least one character", validNonEmpty),
		"username": required("User that Cortex connects as. Special characters are written as they are.", "a text of at least one character", validNonEmpty),
	}
	for name, attribute := range secretAttributes("password", "The user's password. Special characters are written as they are.", "a text of at least one character",
		validNonEmpty) {
		attributes[name] = attribute
	}
	return attributes
}

func sqliteAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"file_path": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "Path of the file on the machine that Cortex runs on. Cortex makes an empty file where there is none as soon as it connects, so that " +
				"a wrong path shows by missing tables only.",
			Validators: []validator.String{check("a text of at least one character", validNonEmpty)},
		},
	}
}

func customAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"source_type": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Type of the source, as Cortex calls it. Changing it makes another data source.",
			Validators:          []validator.String{check("a type of source that has no attribute of its own", validSourceType)},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"source_catalog": schema.StringAttribute{
			Optional: true, Computed: true,
			Default:             stringdefault.StaticString(database),
			MarkdownDescription: "Catalog of the source, as Cortex calls it: `DATABASE`, `API` or `FILE`. Changing it makes another data source. Defaults to `DATABASE`.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
	}
	for name, attribute := range secretAttributes("config", "What Cortex is to know of the source, a JSON object; all of it is taken for secret. Write it as "+
		"`jsonencode({…})`.", "a JSON object", validJSONObject) {
		attributes[name] = attribute
	}
	return attributes
}

func validSourceType(text string) error {
	if slices.Contains([]string{"postgresql", "mysql", "sqlite"}, text) {
		return fmt.Errorf("a source of type %s has an attribute of its own: %[1]s = { … }", text)
	}
	if text == "spreadsheet" {
		return errors.New("Cortex makes spreadsheets of files that are uploaded, which Terraform cannot do") //nolint:staticcheck // a name
	}
	return validNonEmpty(text)
}

func validNonEmpty(text string) error {
	if text == "" {
		return errors.New("the text must not be empty")
	}
	return validText(text)
}

func validHost(text string) error {
	if strings.ContainsAny(text, "/?#@[]% \t\r\n") {
		return fmt.Errorf("%q is not the name or address of a host; port, user and database have attributes of their own", text)
	}
	return validNonEmpty(text)
}
