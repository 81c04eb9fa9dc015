resource "cortex_workspace" "acme" {
  name        = "Acme"
  description = "Everything of Acme Ltd"
}

resource "cortex_environment" "acme_production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}
