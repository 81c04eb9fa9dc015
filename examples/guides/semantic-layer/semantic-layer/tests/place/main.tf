terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

resource "cortex_workspace" "tests" {
  name               = "Acme tests"
  retire_undeletable = true
}

resource "cortex_environment" "tests" {
  workspace_id       = cortex_workspace.tests.id
  retire_undeletable = true
}

output "environment_id" {
  value = cortex_environment.tests.id
}
