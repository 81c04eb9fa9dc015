data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_consumer_groups" "production" {
  environment_id = data.cortex_environment.production.id
}

output "group_ids" {
  value = { for g in data.cortex_consumer_groups.production.consumer_groups : g.name => g.id }
}
