resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}

locals {
  people = {
    "ann@example.com" = { first_name = "Ann", last_name = "Lee" }
    "bob@example.com" = { first_name = "Bob", last_name = "Roy" }
  }

  # Who is in which group.
  groups = {
    Analysts = ["ann@example.com", "bob@example.com"]
    Managers = ["ann@example.com"]
  }
}

resource "cortex_consumer" "person" {
  for_each = local.people

  environment_id = cortex_environment.production.id
  email          = each.key
  first_name     = each.value.first_name
  last_name      = each.value.last_name
}

resource "cortex_consumer_group" "team" {
  for_each = local.groups

  environment_id = cortex_environment.production.id
  name           = each.key
}

# One for each pair. Adding and removing an address in the map above adds and removes one membership.
resource "cortex_consumer_group_member" "team" {
  for_each = merge([
    for group, addresses in local.groups : {
      for address in addresses : "${group}/${address}" => { group = group, address = address }
    }
  ]...)

  group_id    = cortex_consumer_group.team[each.value.group].id
  consumer_id = cortex_consumer.person[each.value.address].id
}
