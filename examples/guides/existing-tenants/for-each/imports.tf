data "cortex_workspaces" "all" {}

data "cortex_environments" "tenant" {
  for_each = local.workspace_ids

  workspace_id = each.value
}

locals {
  keys = { for key, tenant in var.tenants : tenant.name => key }

  # What Cortex has of the tenants: the ids of the workspaces, by key, and of their environments, by key and name.
  workspace_ids = {
    for w in data.cortex_workspaces.all.workspaces :
    local.keys[w.name] => w.id if contains(keys(local.keys), w.name)
  }
  environment_ids = merge([
    for key, found in data.cortex_environments.tenant : {
      for e in found.environments :
      "${key}/${e.name}" => "${e.workspace_id}/${e.id}" if contains(local.environments, e.name)
    }
  ]...)
}

import {
  for_each = local.workspace_ids

  to = cortex_workspace.tenant[each.key]
  id = each.value
}

import {
  for_each = local.environment_ids

  to = cortex_environment.tenant[each.key]
  id = each.value
}
