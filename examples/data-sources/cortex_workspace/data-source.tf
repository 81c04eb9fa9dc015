data "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "preview" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Preview"
}
