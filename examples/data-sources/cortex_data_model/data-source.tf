data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_model" "sales" {
  environment_id = data.cortex_environment.production.id
  name           = "Sales"
}

output "owner" {
  value = lookup(jsondecode(data.cortex_data_model.sales.config), "owner", "nobody")
}
