terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

locals {
  # The keys are for ever; names can change.
  tenants = {
    acme   = { name = "Acme", database = "/srv/cortex/acme.db" }
    globex = { name = "Globex", database = "/srv/cortex/globex.db" }
  }
}

module "tenant" {
  source   = "./tenant"
  for_each = local.tenants

  name     = each.value.name
  database = each.value.database
  people   = { "ada@example.com" = "Ada" }
}

output "revenue" {
  value = { for key, tenant in module.tenant : key => tenant.revenue }
}
