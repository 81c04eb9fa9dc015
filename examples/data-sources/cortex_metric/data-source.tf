data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_metric" "revenue" {
  environment_id = data.cortex_environment.production.id
  name           = "Revenue by region"
}

output "measures" {
  value = data.cortex_metric.revenue.measures[*].name
}
