mock_provider "cortex" {}

variables {
  tenant = "Acme"
}

run "a_tenant_is_described" {
  assert {
    condition     = cortex_workspace.tenant.description == "Tenant Acme"
    error_message = "The workspace is described by ${cortex_workspace.tenant.description}."
  }
}

run "a_tenant_has_production" {
  assert {
    condition     = cortex_environment.production.name == "Production" && cortex_environment.production.workspace_id == cortex_workspace.tenant.id
    error_message = "The tenant's workspace has no environment Production."
  }
}

run "analysts_are_in_the_group" {
  variables {
    analysts = { "ann@example.com" = "Ann", "bob@example.com" = "Bob" }
  }

  assert {
    condition     = length(cortex_consumer_group_member.analyst) == 2
    error_message = "The group has ${length(cortex_consumer_group_member.analyst)} members, not 2."
  }
}
