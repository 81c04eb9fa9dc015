terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

variable "sales_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.acme.id
  name         = "Production"
}

resource "cortex_data_source" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  alias          = "sales"

  postgresql = {
    host        = "db.example.com"
    port        = 5432 # the default
    database    = "acme_sales"
    username    = "acme_reader"
    password_wo = var.sales_password
  }
}
