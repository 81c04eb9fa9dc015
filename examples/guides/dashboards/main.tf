terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

resource "cortex_workspace" "acme" {
  name               = "Acme"
  retire_undeletable = true
}

resource "cortex_environment" "production" {
  workspace_id       = cortex_workspace.acme.id
  name               = "Production"
  retire_undeletable = true
}

resource "cortex_data_source" "shop" {
  environment_id = cortex_environment.production.id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = "/srv/cortex/shop.db" }
}

resource "cortex_data_model" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue by status"
  table_name     = "orders"
  measures       = [{ name = "revenue", type = "sum", query = "amount" }]
  dimensions     = [{ name = "status", query = "status" }]
}
