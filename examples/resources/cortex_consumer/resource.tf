resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}

resource "cortex_consumer" "ann" {
  environment_id = cortex_environment.production.id
  email          = "ann@example.com"
  first_name     = "Ann"
  last_name      = "Lee"
  organization   = "Acme Ltd"

  # Whatever else is to be known of her.
  properties = jsonencode({
    department = "Sales"
    regions    = ["EMEA", "APAC"]
  })
}

# Many of them, by their addresses. What is no person needs no last name.
locals {
  services = {
    "billing@example.com"   = "Billing"
    "reporting@example.com" = "Reporting"
  }
}

resource "cortex_consumer" "service" {
  for_each = local.services

  environment_id = cortex_environment.production.id
  email          = each.key
  first_name     = each.value
  last_name      = ""
}
