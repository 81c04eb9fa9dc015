resource "cortex_workspace" "acme" {
  name = "Acme"

  # Where Cortex keeps its data in PostgreSQL, what ever had a data model cannot be deleted.
  retire_undeletable = true
}

resource "cortex_environment" "production" {
  workspace_id       = cortex_workspace.acme.id
  name               = "Production"
  retire_undeletable = true
}

resource "cortex_data_model" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  alias          = "sales"
  description    = "What was sold, and to whom"
  config         = jsonencode({ owner = "data-team" })
}
