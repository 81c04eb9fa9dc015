data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_consumer" "ann" {
  environment_id = data.cortex_environment.production.id
  email          = "ann@example.com"
}

output "department" {
  value = jsondecode(data.cortex_consumer.ann.properties).department
}
