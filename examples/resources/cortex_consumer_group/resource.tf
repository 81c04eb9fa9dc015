resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}

resource "cortex_consumer_group" "analysts" {
  environment_id = cortex_environment.production.id
  name           = "Analysts"
  alias          = "analysts"
  description    = "Those who build and check the reports"

  properties = jsonencode({
    department = "Finance"
  })
}

# A group for each region.
locals {
  regions = {
    EMEA = "Europe, Middle East and Africa"
    APAC = "Asia and Pacific"
  }
}

resource "cortex_consumer_group" "sales" {
  for_each = local.regions

  environment_id = cortex_environment.production.id
  name           = "Sales ${each.key}"
  description    = each.value
}
