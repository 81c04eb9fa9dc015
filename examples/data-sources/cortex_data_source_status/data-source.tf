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

data "cortex_data_source_status" "sales" {
  data_source_id = data.cortex_data_source.sales.id
}

# Each plan and apply says so when Cortex cannot connect, and goes on.
check "sales" {
  assert {
    condition     = data.cortex_data_source_status.sales.ok
    error_message = "Cortex cannot connect to Sales: ${data.cortex_data_source_status.sales.error}"
  }
}
