data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_sources" "production" {
  environment_id = data.cortex_environment.production.id
}

output "data_source_ids" {
  value = { for s in data.cortex_data_sources.production.data_sources : s.name => s.id }
}
