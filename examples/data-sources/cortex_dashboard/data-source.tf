data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_dashboard" "sales" {
  environment_id = data.cortex_environment.production.id
  name           = "Sales"
}

output "views" {
  value = { for alias, view in data.cortex_dashboard.sales.views : alias => view.title }
}
