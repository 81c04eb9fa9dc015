data "cortex_data_source_schema" "sales" {
  data_source_id = cortex_data_source.sales.id
  depends_on     = [cortex_data_source.sales]
}

output "columns" {
  value = { for t in data.cortex_data_source_schema.sales.tables : t.name => t.columns[*].name }
}
