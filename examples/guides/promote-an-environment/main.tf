terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "warehouse_password" {
  type      = string
  sensitive = true
}

data "cortex_workspace" "acme" {
  name = "Acme"
}

resource "cortex_environment" "production" {
  workspace_id       = data.cortex_workspace.acme.id
  name               = "Production"
  retire_undeletable = true
}

module "production" {
  source         = "./release"
  environment_id = cortex_environment.production.id

  shop_file_path     = "/srv/cortex/production.db"
  warehouse_host     = "db.production.example.com"
  warehouse_password = var.warehouse_password
}
