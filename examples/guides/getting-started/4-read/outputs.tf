data "cortex_workspaces" "all" {}

data "cortex_environments" "acme" {
  workspace_id = cortex_workspace.tenant["acme"].id
}

output "unmanaged" {
  description = "Workspaces that this configuration does not manage."
  value       = setsubtract(data.cortex_workspaces.all.workspaces[*].name, values(var.tenants)[*].name)
}

output "acme_environments" {
  description = "The ids of Acme's environments, by their names."
  value       = { for environment in data.cortex_environments.acme.environments : environment.name => environment.id }
}
