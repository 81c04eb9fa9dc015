terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

# It finds Cortex by the environment variable CORTEX_API_URL.
provider "cortex" {}

locals {
  # The keys are for ever; names can change.
  tenants = {
    acme   = { name = "Acme", people = { "ada@example.com" = "Ada" } }
    globex = { name = "Globex", people = { "bob@example.com" = "Bob", "cyd@example.com" = "Cyd" } }
  }
}

module "tenant" {
  source   = "./tenant"
  for_each = local.tenants

  name     = each.value.name
  database = "/srv/cortex/${each.key}.db"
  people   = each.value.people
}

# What there is already stays what it is, under its new address.
moved {
  from = module.acme
  to   = module.tenant["acme"]
}

output "tenants" {
  value = module.tenant
}
