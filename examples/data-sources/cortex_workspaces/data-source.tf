data "cortex_workspaces" "all" {}

# An environment in every workspace whose name begins with "Acme".
resource "cortex_environment" "sandbox" {
  for_each = { for w in data.cortex_workspaces.all.workspaces : w.name => w if startswith(w.name, "Acme") }

  workspace_id = each.value.id
  name         = "Sandbox"
}
