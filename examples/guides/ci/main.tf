terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

# CORTEX_API_URL and CORTEX_API_KEY say where Cortex is and how to get in.
provider "cortex" {}

variable "tenants" {
  description = "The tenants. The keys are for ever; names can change."
  type = map(object({
    name        = string
    description = string
    retired     = optional(bool, false)
  }))
}

resource "cortex_workspace" "tenant" {
  for_each = var.tenants

  name        = each.value.name
  description = each.value.description
}

resource "cortex_environment" "staging" {
  for_each = cortex_workspace.tenant

  workspace_id = each.value.id
  name         = "Staging"
}

resource "cortex_environment" "production" {
  for_each = cortex_workspace.tenant

  workspace_id = each.value.id
  name         = "Production"

  # No merge deletes it by mistake: a tenant goes by two, the first of which sets retired = true.
  deletion_protection = !var.tenants[each.key].retired
}
