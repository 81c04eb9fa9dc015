terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "tenant" {
  type    = string
  default = "Acme"
}

variable "orders_table" {
  type    = string
  default = "orders"
}

resource "cortex_workspace" "tenant" {
  name               = var.tenant
  retire_undeletable = true
}

resource "cortex_environment" "staging" {
  workspace_id       = cortex_workspace.tenant.id
  name               = "Staging"
  retire_undeletable = true
}

resource "cortex_data_source" "shop" {
  environment_id = cortex_environment.staging.id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = "/srv/cortex/shop.db" }
}

resource "cortex_data_model" "sales" {
  environment_id = cortex_environment.staging.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue by status"
  table_name     = var.orders_table

  measures = [{
    name  = "revenue"
    type  = "sum"
    query = "amount"
  }]

  dimensions = [{
    name  = "status"
    query = "status"
  }]

  order = [{
    name          = "revenue"
    semantic_type = "measure"
    semantic_name = "revenue"
    order_type    = "desc"
  }]
}

output "revenue_id" {
  value = cortex_metric.revenue.id
}
