# The production environments of all workspaces.
list "cortex_environment" "production" {
  provider         = cortex
  include_resource = true
  limit            = 1000

  config {
    name_regex = "^(?i)prod"
  }
}

# Everything in one workspace.
list "cortex_environment" "acme" {
  provider = cortex

  config {
    workspace_id = "0f5c1c5e-2d1f-4f0b-9d4e-5a3f2f1f9a10"
  }
}
