terraform {
  required_providers {
    cortex = {
      source = "telescopeai/cortex"
    }
  }
}

variable "tenant" {
  type = string
}

variable "description" {
  type    = string
  default = null
}

variable "analysts" {
  description = "First names of analysts, by e-mail address."
  type        = map(string)
  default     = {}
}

resource "cortex_workspace" "tenant" {
  name        = var.tenant
  description = coalesce(var.description, "Tenant ${var.tenant}")
}

resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.tenant.id
  name         = "Production"
}

resource "cortex_consumer_group" "analysts" {
  environment_id = cortex_environment.production.id
  name           = "Analysts"
}

resource "cortex_consumer" "analyst" {
  for_each = var.analysts

  environment_id = cortex_environment.production.id
  email          = each.key
  first_name     = each.value
  last_name      = ""
}

resource "cortex_consumer_group_member" "analyst" {
  for_each = cortex_consumer.analyst

  group_id    = cortex_consumer_group.analysts.id
  consumer_id = each.value.id
}
