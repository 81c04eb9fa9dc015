data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_source" "archive" {
  environment_id = data.cortex_environment.production.id
  name           = "Archive"
}

data "cortex_data_source_schema" "archive" {
  data_source_id = data.cortex_data_source.archive.id
}

# The names of the columns of each table.
output "columns" {
  value = { for t in data.cortex_data_source_schema.archive.tables : t.name => t.columns[*].name }
}
