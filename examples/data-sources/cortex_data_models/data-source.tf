data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_models" "production" {
  environment_id = data.cortex_environment.production.id
}

output "data_model_ids" {
  value = { for m in data.cortex_data_models.production.data_models : m.name => m.id }
}
