resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
  description  = "What the customers of Acme see"

  # Terraform refuses to delete or replace it, also when this block is removed.
  deletion_protection = true
}

# The same environments in every workspace.
resource "cortex_environment" "standard" {
  for_each = toset(["Development", "Staging"])

  workspace_id = cortex_workspace.acme.id
  name         = each.key

  # Deletes what is attached to the environment together with it.
  force_destroy = true
}
