data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_consumers" "production" {
  environment_id = data.cortex_environment.production.id
}

# A group of all who have an address of the company.
resource "cortex_consumer_group" "staff" {
  environment_id = data.cortex_environment.production.id
  name           = "Staff"
}

resource "cortex_consumer_group_member" "staff" {
  for_each = { for c in data.cortex_consumers.production.consumers : c.email => c if endswith(c.email, "@example.com") }

  group_id    = cortex_consumer_group.staff.id
  consumer_id = each.value.id
}
