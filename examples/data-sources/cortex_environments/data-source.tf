data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environments" "acme" {
  workspace_id = data.cortex_workspace.acme.id
}

output "environment_ids" {
  value = { for e in data.cortex_environments.acme.environments : e.name => e.id }
}

# Without workspace_id: the environments of all workspaces. Names repeat there, so ids are the keys.
data "cortex_environments" "all" {}

output "environment_names" {
  value = { for e in data.cortex_environments.all.environments : e.id => e.name }
}
