terraform {
  required_providers {
    cortex = {
      source = "telescopeai/cortex"
    }
  }
}

variable "prefix" {
  type = string
}

locals {
  tenants = {
    acme   = "Acme Ltd"
    globex = "Globex Inc"
  }
  environments = {
    development = "Where changes begin"
    staging     = "What comes next"
    production  = "What customers use"
  }
}

resource "cortex_workspace" "tenant" {
  for_each = local.tenants

  name        = "${var.prefix} ${each.value}"
  description = "Everything of ${each.value}"
}

# Every environment for every tenant.
resource "cortex_environment" "tenant" {
  for_each = {
    for pair in setproduct(keys(local.tenants), keys(local.environments)) :
    "${pair[0]}/${pair[1]}" => { tenant = pair[0], name = pair[1] }
  }

  workspace_id = cortex_workspace.tenant[each.value.tenant].id
  name         = each.value.name
  description  = local.environments[each.value.name]
}
