terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "database" {
  type    = string
  default = "/srv/cortex/shop.db"
}

resource "cortex_workspace" "acme" {
  name               = "Acme"
  retire_undeletable = true
}

resource "cortex_environment" "each" {
  for_each = toset(["Development", "Staging", "Production"])

  workspace_id       = cortex_workspace.acme.id
  name               = each.key
  retire_undeletable = true
}

module "development" {
  source = "git::https://git.example.com/acme/semantic-layer.git?ref=main"

  environment_id = cortex_environment.each["Development"].id
  database       = var.database
}

module "staging" {
  source = "git::https://git.example.com/acme/semantic-layer.git?ref=v1.0.0"

  environment_id = cortex_environment.each["Staging"].id
  database       = var.database
}

module "production" {
  source = "git::https://git.example.com/acme/semantic-layer.git?ref=v1.0.0"

  environment_id = cortex_environment.each["Production"].id
  database       = var.database
}
