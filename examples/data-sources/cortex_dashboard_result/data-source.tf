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

# A widget that cannot be shown fails the plan.
data "cortex_dashboard_result" "sales" {
  dashboard_id = data.cortex_dashboard.sales.id
}

# Each plan and apply says so when a widget has nothing to show, and goes on.
check "sales" {
  assert {
    condition     = alltrue(flatten([for view in data.cortex_dashboard_result.sales.views : [for widget in view : length(widget.rows) > 0]]))
    error_message = "There are widgets without rows."
  }
}

# One widget. Without revenue, the plan fails.
data "cortex_dashboard_result" "revenue" {
  dashboard_id = data.cortex_dashboard.sales.id
  view         = "overview"
  widget       = "revenue"

  lifecycle {
    postcondition {
      condition     = self.views["overview"]["revenue"].value > 0
      error_message = "Nothing was sold."
    }
  }
}

output "revenue" {
  value = data.cortex_dashboard_result.revenue.views["overview"]["revenue"].value
}
