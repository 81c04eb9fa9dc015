terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "name" {
  type = string
}

variable "database" {
  description = "A file on the machine that Cortex runs on."
  type        = string
}

variable "people" {
  description = "First names by e-mail address."
  type        = map(string)
}

resource "cortex_workspace" "this" {
  name               = var.name
  retire_undeletable = true
}

resource "cortex_environment" "production" {
  workspace_id       = cortex_workspace.this.id
  name               = "Production"
  retire_undeletable = true
}
