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

data "cortex_consumer" "ann" {
  environment_id = data.cortex_environment.production.id
  email          = "ann@example.com"
}

# Fails unless Ann is an analyst.
data "cortex_consumer_group_member" "ann" {
  group_id    = data.cortex_consumer_group.analysts.id
  consumer_id = data.cortex_consumer.ann.id
}
