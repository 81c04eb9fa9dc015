mock_provider "cortex" {}

variables {
  tenant = "Acme"
}

run "a_tenant_has_production" {
  assert {
    condition     = cortex_environment.production.workspace_id == cortex_workspace.tenant.id
    error_message = "Production is not in the tenant's workspace."
  }
}

run "analysts_are_in_the_group" {
  variables {
    analysts = { "ann@example.com" = "Ann", "bob@example.com" = "Bob" }
  }

  assert {
    condition     = length(cortex_consumer_group_member.analyst) == 2
    error_message = "There is not one membership for each analyst."
  }
}
