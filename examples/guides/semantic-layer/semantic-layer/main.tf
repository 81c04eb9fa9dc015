terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "environment_id" {
  description = "Environment that the semantic layer is made in."
  type        = string
}

variable "database" {
  description = "File of the shop's database, on the machine that Cortex runs on."
  type        = string
}

resource "cortex_data_source" "shop" {
  environment_id = var.environment_id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = var.database }
}

resource "cortex_data_model" "sales" {
  environment_id = var.environment_id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue"
  table_name     = "orders"

  measures = [{
    name  = "revenue"
    type  = "sum"
    query = "amount"
  }]
}

output "metrics" {
  description = "Ids of the metrics, by name."
  value       = { (cortex_metric.revenue.name) = cortex_metric.revenue.id }
}
