resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}

variable "sales_password" {
  type      = string
  sensitive = true
}

resource "cortex_data_source" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  alias          = "sales"
  description    = "What was sold, and to whom"

  postgresql = {
    host     = "db.example.com"
    database = "sales"
    username = "cortex_reader"

    # With Terraform or OpenTofu 1.11, password_wo = var.sales_password keeps it out of the state and of plans.
    password = var.sales_password
  }
}

# A file on the machine that Cortex runs on.
resource "cortex_data_source" "archive" {
  environment_id = cortex_environment.production.id
  name           = "Archive"
  alias          = "archive"

  sqlite = {
    file_path = "/srv/cortex/archive.db"
  }
}
