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

data "cortex_consumers" "production" {
  environment_id = data.cortex_environment.production.id
}

data "cortex_consumer_group_members" "production" {
  environment_id = data.cortex_environment.production.id
}

locals {
  emails = { for c in data.cortex_consumers.production.consumers : c.id => c.email }
}

output "addresses" {
  description = "The e-mail addresses of each group's members, by the name of the group."
  value = {
    for g in data.cortex_consumer_groups.production.consumer_groups : g.name => [
      for m in data.cortex_consumer_group_members.production.consumer_group_members :
      local.emails[m.consumer_id] if m.group_id == g.id
    ]
  }
}
