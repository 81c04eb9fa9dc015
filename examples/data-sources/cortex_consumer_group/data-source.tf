data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_consumer_group" "analysts" {
  environment_id = data.cortex_environment.production.id
  name           = "Analysts"
}

# Somebody new in a group that is managed elsewhere.
resource "cortex_consumer" "eve" {
  environment_id = data.cortex_environment.production.id
  email          = "eve@example.com"
  first_name     = "Eve"
  last_name      = "Ito"
}

resource "cortex_consumer_group_member" "eve" {
  group_id    = data.cortex_consumer_group.analysts.id
  consumer_id = cortex_consumer.eve.id
}
