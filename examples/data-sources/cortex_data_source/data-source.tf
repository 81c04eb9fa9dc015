data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_source" "sales" {
  environment_id = data.cortex_environment.production.id
  name           = "Sales"
}

output "sales" {
  value = "${data.cortex_data_source.sales.postgresql.host}/${data.cortex_data_source.sales.postgresql.database}"
}
