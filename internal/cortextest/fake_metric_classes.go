package cortextest

import "slices"

// The classes that a metric is made of. Their names are Cortex's own.

// createdMetric and updatedMetric are what a request says. An update has no defaults, so that what it leaves out is null.
var (
	createdMetric = append(class{{"data_model_id", anID, required, nil}}, semanticMetric...)
	updatedMetric = append(class{{"environment_id", anID, required, nil}}, withoutDefaults(semanticMetric)...)
)

func withoutDefaults(c class) class {
	c = slices.Clone(c)
	for i := range c {
		c[i].presence, c[i].otherwise = optional, nil
	}
	return c
}

// semanticMetric is in the order of the columns.
var semanticMetric = class{
	{"name", aString, required, nil},
	{"alias", aString, optional, nil},
	{"description", aString, optional, nil},
	{"title", aString, optional, nil},
	{"query", aString, optional, nil},
	{"table_name", aString, optional, nil},
	{"data_source_id", anID, optional, nil},
	{"limit", anInteger, optional, nil},
	{"grouped", aBoolean, optional, true},
	{"ordered", aBoolean, optional, true},
	{"measures", aListOf(semanticMeasure.read), optional, nil},
	{"dimensions", aListOf(semanticDimension.read), optional, nil},
	{"joins", aListOf(semanticJoin.read), optional, nil},
	{"aggregations", aListOf(semanticAggregation.read), optional, nil},
	{"filters", aListOf(semanticFilter.read), optional, nil},
	{"order", aListOf(semanticOrderSequence.read), optional, nil},
	{"parameters", aDictOf(parameterDefinition.read), optional, nil},
	{"extends", anID, optional, nil},
	{"public", aBoolean, optional, true},
	{"refresh", refreshPolicy.read, optional, nil},
	{"cache", cachePreference.read, optional, nil},
	{"meta", aDict, optional, nil},
}

var semanticMeasure = class{
	{"name", aString, required, nil},
	{"description", nullable(aString), required, nil},
	{"type", oneOf("string", "number", "count", "count_distinct", "sum", "avg", "min", "max", "percent", "boolean", "date", "timestamp", "duration"), required, nil},
	{"formatting", aListOf(outputFormat.read), optional, nil},
	{"alias", aString, optional, nil},
	{"query", aString, optional, nil},
	{"table", aString, optional, nil},
	{"primary_key", aString, optional, nil},
	{"conditional", aBoolean, defaulted, false},
	{"conditions", condition.read, optional, nil},
	{"source_type", columnSourceType, optional, nil},
	{"source_meta", columnSourceMeta.read, optional, nil},
}

var semanticDimension = class{
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"query", aString, required, nil},
	{"table", aString, optional, nil},
	{"formatting", aListOf(outputFormat.read), optional, nil},
	{"combine", aListOf(combineColumnSpec.read), optional, nil},
	{"conditional", aBoolean, defaulted, false},
	{"conditions", condition.read, optional, nil},
	{"source_type", columnSourceType, optional, nil},
	{"source_meta", columnSourceMeta.read, optional, nil},
}

var combineColumnSpec = class{
	{"query", aString, required, nil},
	{"table", aString, optional, nil},
	{"delimiter", aString, optional, " "},
}

var semanticJoin = class{
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"join_type", oneOf("inner", "left", "right", "full", "cross"), required, nil},
	{"left_table", aString, required, nil},
	{"right_table", aString, required, nil},
	{"conditions", aListOf(joinCondition.read), required, nil},
	{"alias", aString, optional, nil},
}

var joinCondition = class{
	{"left_table", aString, required, nil},
	{"left_column", aString, required, nil},
	{"right_table", aString, required, nil},
	{"right_column", aString, required, nil},
	{"operator", aString, defaulted, "="},
}

var semanticAggregation = class{
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"type", oneOf("count", "sum", "avg", "min", "max", "stddev", "variance", "percentile", "median", "row_number", "rank", "dense_rank", "lag", "lead",
		"custom"), required, nil},
	{"source_columns", aListOf(aString), required, nil},
	{"target_column", aString, required, nil},
	{"custom_expression", aString, optional, nil},
	{"window", aggregationWindow.read, optional, nil},
	{"percentile_value", aFloat, optional, nil},
	{"where_condition", aString, optional, nil},
	{"group_by_columns", aListOf(aString), optional, nil},
}

var aggregationWindow = class{
	{"partition_by", aListOf(aString), optional, nil},
	{"order_by", aListOf(aString), optional, nil},
	{"frame_start", aString, optional, nil},
	{"frame_end", aString, optional, nil},
}

var semanticFilter = class{
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"query", aString, required, nil},
	{"table", aString, optional, nil},
	{"operator", oneOf("equals", "not_equals", "greater_than", "greater_than_equals", "less_than", "less_than_equals", "in", "not_in", "like", "not_like",
		"is_null", "is_not_null", "between", "not_between"), optional, nil},
	{"value", anything, optional, nil},
	{"value_type", oneOf("string", "number", "boolean", "date", "timestamp", "array", "null"), defaulted, "string"},
	{"filter_type", oneOf("where", "having"), defaulted, "where"},
	{"is_active", aBoolean, defaulted, true},
	{"custom_expression", aString, optional, nil},
	{"values", aListOf(anything), optional, nil},
	{"min_value", anything, optional, nil},
	{"max_value", anything, optional, nil},
	{"formatting", aListOf(outputFormat.read), optional, nil},
	{"conditional", aBoolean, defaulted, false},
	{"conditions", condition.read, optional, nil},
	{"source_type", columnSourceType, optional, nil},
	{"source_meta", columnSourceMeta.read, optional, nil},
}

var semanticOrderSequence = class{
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"semantic_type", oneOf("measure", "dimension", "column", "position"), optional, nil},
	{"semantic_name", aString, optional, nil},
	{"position", anInteger, optional, nil},
	{"query", aString, optional, nil},
	{"table", aString, optional, nil},
	{"order_type", oneOf("asc", "desc"), defaulted, "asc"},
	{"nulls", oneOf("first", "last"), optional, nil},
}

var outputFormat = class{
	{"name", aString, required, nil},
	{"type", oneOf("raw", "combine", "calculate", "format", "cast"), required, nil},
	{"description", aString, optional, nil},
	{"mode", oneOf("in_query", "post_query"), optional, "in_query"},
	{"source_columns", aListOf(aString), optional, nil},
	{"delimiter", aString, optional, nil},
	{"operation", aString, optional, nil},
	{"operands", aListOf(aString), optional, nil},
	{"target_type", aString, optional, nil},
	{"format_type", oneOf("datetime", "number", "currency", "percentage", "custom"), optional, "datetime"},
	{"format_string", aString, optional, nil},
}

var parameterDefinition = class{
	{"name", aString, required, nil},
	{"type", oneOf("string", "integer", "float", "boolean", "date", "datetime", "list"), required, nil},
	{"description", aString, optional, nil},
	{"default_value", anything, optional, nil},
	{"required", aBoolean, defaulted, false},
	{"allowed_values", aListOf(anything), optional, nil},
	{"validation_regex", aString, optional, nil},
	{"min_value", aFloat, optional, nil},
	{"max_value", aFloat, optional, nil},
}

var refreshPolicy = class{
	{"type", oneOf("every", "sql", "max"), required, nil},
	{"every", aString, optional, nil},
	{"sql", aString, optional, nil},
	{"max", aString, optional, nil},
}

var cachePreference = class{
	{"enabled", aBoolean, defaulted, true},
	{"ttl", anInteger, optional, nil},
}

var condition = func() class {
	var whenClause class
	additional := func(r *reading, loc pyTuple, v any) any { return whenClause.read(r, loc, v) }
	whenClause = class{
		{"field", columnField.read, required, nil},
		{"operator", oneOf("=", "!=", ">", "<", ">=", "<=", "IN", "NOT IN", "LIKE", "BETWEEN", "IS NULL", "IS NOT NULL"), required, nil},
		{"compare_values", anything, optional, nil},
		{"then_return", anything, required, nil},
		{"combine_with", oneOf("AND", "OR"), optional, nil},
		{"additional_conditions", aListOf(additional), optional, nil},
	}
	return class{
		{"when_clauses", aListOf(whenClause.read), required, nil},
		{"else_return", anything, required, nil},
	}
}()

var columnField = class{
	{"column", aString, required, nil},
	{"table", aString, optional, nil},
	{"transforms", aListOf(anything), optional, nil},
}

var columnSourceType = oneOf("integer", "bigint", "smallint", "tinyint", "decimal", "numeric", "float", "double", "real", "money",
	"varchar", "char", "text", "longtext", "mediumtext", "tinytext", "clob", "nvarchar", "nchar", "ntext",
	"date", "time", "datetime", "timestamp", "timestamptz", "timestamp_with_time_zone", "timestamp_without_time_zone", "interval", "year",
	"boolean", "bit", "binary", "varbinary", "blob", "longblob", "mediumblob", "tinyblob", "bytea", "json", "jsonb", "xml", "array",
	"uuid", "uniqueidentifier", "geometry", "geography", "point", "polygon", "enum", "set", "auto_increment", "serial", "identity", "unknown")

var columnSourceMeta = class{
	{"max_length", anInteger, optional, nil},
	{"precision", anInteger, optional, nil},
	{"scale", anInteger, optional, nil},
	{"nullable", aBoolean, optional, nil},
	{"default_value", aString, optional, nil},
	{"allowed_values", aListOf(anything), optional, nil},
	{"is_auto_increment", aBoolean, optional, nil},
	{"array_dimensions", anInteger, optional, nil},
	{"element_type", aString, optional, nil},
	{"has_timezone", aBoolean, optional, nil},
	{"extra_properties", aDictOf(anything), optional, nil},
}
