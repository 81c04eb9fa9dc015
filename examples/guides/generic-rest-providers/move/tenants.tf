resource "cortex_workspace" "tenant" {
  for_each = toset(["Acme", "Globex"])

  name = each.key
}

resource "cortex_environment" "acme_production" {
  workspace_id = cortex_workspace.tenant["Acme"].id
  name         = "Production"
  description  = "What customers see"
}

resource "cortex_consumer" "ann" {
  environment_id = cortex_environment.acme_production.id
  first_name     = "Ann"
  last_name      = "Lee"
  email          = "ann@example.com"
}

resource "cortex_consumer_group" "analysts" {
  environment_id = cortex_environment.acme_production.id
  name           = "Analysts"
}

resource "cortex_consumer_group_member" "ann_in_analysts" {
  group_id    = cortex_consumer_group.analysts.id
  consumer_id = cortex_consumer.ann.id
}
