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

data "cortex_metric_result" "revenue" {
  metric_id = data.cortex_metric.revenue.id
}

# Each plan and apply says so when the metric has no rows, and goes on. One that cannot be run fails the plan.
check "revenue" {
  assert {
    condition     = length(data.cortex_metric_result.revenue.rows) > 0
    error_message = "Nothing was sold."
  }
}

output "revenue" {
  value = { for r in data.cortex_metric_result.revenue.rows : r.region => r.revenue }
}
