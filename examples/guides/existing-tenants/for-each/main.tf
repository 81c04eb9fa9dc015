terraform {
  required_version = ">= 1.7"

  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

provider "cortex" {}

variable "tenants" {
  description = "The tenants. The keys are for ever; names can change."
  type = map(object({
    name        = string
    description = optional(string)
  }))
}

locals {
  environments = ["Development", "Production"]
}

resource "cortex_workspace" "tenant" {
  for_each = var.tenants

  name        = each.value.name
  description = each.value.description
}

# Every environment for every tenant.
resource "cortex_environment" "tenant" {
  for_each = {
    for pair in setproduct(keys(var.tenants), local.environments) :
    "${pair[0]}/${pair[1]}" => { tenant = pair[0], name = pair[1] }
  }

  workspace_id = cortex_workspace.tenant[each.value.tenant].id
  name         = each.value.name
}
