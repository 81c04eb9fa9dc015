data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_metrics" "production" {
  environment_id = data.cortex_environment.production.id
}

output "metric_ids" {
  value = { for m in data.cortex_metrics.production.metrics : m.name => m.id }
}
