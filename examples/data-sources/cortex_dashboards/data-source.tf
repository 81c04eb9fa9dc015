data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_dashboards" "production" {
  environment_id = data.cortex_environment.production.id
}

output "dashboard_ids" {
  value = { for d in data.cortex_dashboards.production.dashboards : d.name => d.id }
}
