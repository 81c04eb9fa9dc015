package cortextest

import (
	_ "embed"
	"encoding/json"
	"strings"
)

// What a real Cortex of release 0.0.1a7 recommended for a database with customers and orders, without what is null.
//
//go:embed testdata/recommended.jsonl
var recommendedMetrics string

// A dashboard that says everything that is not lost.
//
//go:embed testdata/maximal-dashboard.json
var maximalDashboard string

// SampleTables are what SampleMetrics are about, as far as they can be run.
func SampleTables() []Table {
	return []Table{
		{Name: "customers", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "name", Type: "VARCHAR(50)"}, {Name: "email", Type: "VARCHAR(50)"}, {Name: "region", Type: "VARCHAR(20)"}},
			Rows: [][]any{{1, "Ada", "ada@example.com", "EMEA"}, {2, "Bob", "bob@example.com", "AMER"}, {3, "Cyd", "cyd@example.com", "EMEA"}}},
		{Name: "orders", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "customer_id", Type: "INTEGER"}, {Name: "amount", Type: "NUMERIC(12,2)"}, {Name: "status", Type: "VARCHAR(20)"}, {Name: "order_date", Type: "DATE"}},
			Rows: [][]any{{1, 1, "100.50", "completed", "2024-01-15"}, {2, 2, 40, "completed", "2024-02-20"}, {3, 3, "9.50", "completed", "2024-02-21"}, {4, 1, 70, "cancelled", "2024-05-01"}}},
	}
}

// SampleMetrics returns metrics as Cortex takes them, each of another name: those that Cortex itself recommends for customers and orders, one that
// says everything that can be said, and others that say a part of it in unusual ways.
func SampleMetrics() (all []map[string]any) {
	for line := range strings.Lines(recommendedMetrics + everythingSaid + unusual) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			panic(err)
		}
		all = append(all, fields)
	}
	return all
}

const everythingSaid = `{"name":"Everything","alias":"all","title":"All of it","description":"Says\neverything","table_name":"orders","limit":10,"grouped":false,"ordered":false,"public":false,` +
	`"measures":[{"name":"m","description":"d","type":"sum","alias":"ma","query":"amount","table":"orders","primary_key":"id","conditional":true,"conditions":{"when_clauses":[` +
	`{"field":{"column":"status","table":"orders","transforms":[{"function":"LOWER"}]},"operator":"IN","compare_values":["a","b"],"then_return":{"column":"amount","table":"orders"},` +
	`"combine_with":"AND","additional_conditions":[{"field":{"column":"id"},"operator":">","compare_values":1,"then_return":null}]}],"else_return":0},"formatting":[{"name":"f","type":"format",` +
	`"description":"d","mode":"post_query","source_columns":["a"],"delimiter":"-","operation":"add","operands":["1"],"target_type":"string","format_type":"currency","format_string":"%.2f"}]}],` +
	`"dimensions":[{"name":"d","description":"d","query":"status","table":"orders","formatting":[{"name":"f","type":"cast","target_type":"string"}],"combine":[{"query":"id","table":"orders","delimiter":"-"}]}],` +
	`"joins":[{"name":"j","description":"d","join_type":"left","left_table":"orders","right_table":"customers","alias":"c","conditions":[{"left_table":"orders","left_column":"customer_id",` +
	`"right_table":"customers","right_column":"id","operator":">="}]}],` +
	`"aggregations":[{"name":"a","description":"d","type":"percentile","source_columns":["amount"],"target_column":"p95","custom_expression":"x","window":{"partition_by":["region"],"order_by":["id"],` +
	`"frame_start":"UNBOUNDED PRECEDING","frame_end":"CURRENT ROW"},"percentile_value":1,"where_condition":"x>1","group_by_columns":["region"]}],` +
	`"filters":[{"name":"f","description":"d","query":"amount","table":"orders","operator":"between","value":5,"value_type":"number","filter_type":"having","is_active":false,"custom_expression":"x",` +
	`"values":[1,"a",null],"min_value":1,"max_value":10.5,"formatting":[{"name":"f","type":"raw"}]}],` +
	`"order":[{"name":"o","description":"d","semantic_type":"measure","semantic_name":"m","position":1,"query":"amount","table":"orders","order_type":"desc","nulls":"last"}],` +
	`"parameters":{"p":{"name":"p","type":"integer","description":"d","default_value":1,"required":true,"allowed_values":[1,2],"validation_regex":"^x$","min_value":1,"max_value":2}},` +
	`"refresh":{"type":"max","every":"1 hour","sql":"select 1","max":"updated_at"},"cache":{"enabled":false,"ttl":60},"meta":{"k":[1,{"a":null}]}}
`

const unusual = `{"name":"Nothing"}
{"name":"Query","query":"SELECT 1 AS one","limit":0}
{"name":"Only filters","filters":[{"name":"f","query":"x","operator":"equals","value":null},{"name":"g","query":"x","operator":"in","value":["a"]},{"name":"h","query":"x","operator":"not_between","value":[1,2],"value_type":"array"},` +
	`{"name":"i","query":"x","custom_expression":"x = ${y} OR x LIKE '%{z}'"},{"name":"j","query":"x","operator":"equals","value":true},{"name":"k","query":"x","operator":"less_than","value":1.5},{"name":"l","query":"x","operator":"not_equals","value":{"a":{"b":null}}}]}
{"name":"Defaults said","measures":[{"name":"m","description":null,"type":"count","conditional":false}],"dimensions":[{"name":"d","query":"","conditional":false,"combine":[{"query":"q","delimiter":" "},{"query":"q","delimiter":""}],` +
	`"formatting":[{"name":"f","type":"raw","mode":"in_query","format_type":"datetime"}]}],"order":[{"name":"o","query":"q","order_type":"asc"}],"filters":[{"name":"f","query":"q","operator":"is_null","value_type":"string","filter_type":"where","is_active":true}],` +
	`"cache":{"enabled":true},"parameters":{"p":{"name":"other","type":"list","required":false,"default_value":[],"min_value":-1.5},"a key":{"name":"a key","type":"string","default_value":""}},"meta":{}}
{"name":"Cross","joins":[{"name":"j","join_type":"cross","left_table":"a","right_table":"b","conditions":[]}],"aggregations":[{"name":"a","type":"row_number","source_columns":["id"],"target_column":"n","window":{}}],"refresh":{"type":"every","every":"1 day"}}
`

// SampleDashboards returns dashboards as Cortex takes them, each of another name, whose widgets show these metrics in turn: one that says everything that
// can be said, and others that say a part of it in unusual ways.
func SampleDashboards(metrics ...string) (all []map[string]any) {
	texts := strings.Split(maximalDashboard+unusualDashboards, "00000000-0000-4000-8000-00000000000a")
	for i := range texts[1:] {
		texts[i] += metrics[i%len(metrics)]
	}
	decoder := json.NewDecoder(strings.NewReader(strings.Join(texts, "")))
	for decoder.More() {
		var fields map[string]any
		if err := decoder.Decode(&fields); err != nil {
			panic(err)
		}
		all = append(all, fields)
	}
	return all
}

const unusualDashboards = `{"name":"Nothing","type":"tactical"}
{"name":"No sections","type":"executive","description":"","tags":[],"views":[{"alias":"v","title":"V"},{"alias":"a","title":""}],"default_view_index":1}
{"name":"Texts \"${x}\" %{ if }\nZoe\u0301 🚀\\","type":"operational","description":"$${a}\t%%{b}\r\n<<EOT","tags":["","${x}","é","a\nb"],"views":[{"alias":"e\u0301 ${k} \"q\"","title":"%{ for }\n","context_id":"${c}",` +
	`"layout":{"layout_type":"\"","frontend_config":{"${k}":"%{v}","\n":["\u2028",{"":null}]}},"sections":[{"alias":"1st.section/#","position":5,"title":"","description":"","widgets":[` +
	`{"alias":"über-Widget","section_alias":"elsewhere","metric_id":"00000000-0000-4000-8000-00000000000a","position":5,"grid_config":{"columns":1,"rows":1},"title":"${title}","description":"",` +
	`"visualization":{"type":"single_value","data_mapping":{"x_axis":{"field":"${f}","label":"%{l}"}},"single_value_config":{"prefix":"$","suffix":"${s}\n","selection_config":{"delimiter":"\n"}},"custom_colors":["${c}"]},` +
	`"metric_overrides":{"filters":{"${a}":"%{b}"},"parameters":{}}},` +
	`{"alias":"a","section_alias":"x","metric_id":"00000000-0000-4000-8000-00000000000a","position":5,"grid_config":{},"title":"","visualization":{"type":"heatmap","data_mapping":{}},"metric_overrides":{}}]}]}]}
{"name":"Orders","type":"analytical","views":[{"alias":"z","title":"Z","layout":{},"sections":[{"alias":"b","position":0,"widgets":[]},{"alias":"a","position":0,"widgets":[]},{"alias":"c","position":-7,"widgets":[]}]},` +
	`{"alias":"y","title":"Y","sections":[{"alias":"s","position":2147483647,"widgets":[` +
	`{"alias":"w","section_alias":"s","metric_id":"00000000-0000-4000-8000-00000000000a","position":9,"grid_config":{},"title":"W","visualization":{"type":"table","data_mapping":{},"chart_config":{},"single_value_config":{},"gauge_config":{}}},` +
	`{"alias":"v","section_alias":"s","metric_id":"00000000-0000-4000-8000-00000000000a","position":8,"grid_config":{},"title":"V","visualization":{"type":"gauge","data_mapping":{"x_axis":{"field":"f","data_type":"categorical","required":false}},` +
	`"gauge_config":{"min_value":0,"max_value":100.5,"color_ranges":[],"selection_config":{}},"custom_colors":[],"show_legend":true}}]}]}]}
`
