terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "prefix" {
  type = string
}

resource "cortex_workspace" "acme" {
  name               = "${var.prefix} Acme"
  description        = "Everything of Acme Ltd"
  retire_undeletable = true
}

# All that follows is made in each of them.
resource "cortex_environment" "each" {
  for_each = toset(["Staging", "Production"])

  workspace_id       = cortex_workspace.acme.id
  name               = each.key
  description        = "${each.key} of Acme Ltd"
  retire_undeletable = true
}

resource "cortex_consumer" "ada" {
  for_each = cortex_environment.each

  environment_id = each.value.id
  email          = "ada@example.com"
  first_name     = "Ada"
  last_name      = "Lovelace"
  properties     = jsonencode({ regions = ["EMEA"] })
}

resource "cortex_consumer_group" "sales" {
  for_each = cortex_environment.each

  environment_id = each.value.id
  name           = "Sales"
}

resource "cortex_consumer_group_member" "ada" {
  for_each = cortex_environment.each

  group_id    = cortex_consumer_group.sales[each.key].id
  consumer_id = cortex_consumer.ada[each.key].id
}
