resource "cortex_data_source" "shop" {
  environment_id = cortex_environment.production.id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = var.database }
}

resource "cortex_data_model" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue by region"
  table_name     = "orders"
  measures       = [{ name = "revenue", type = "sum", query = "gross" }]
  dimensions     = [{ name = "region", query = "region" }]
  order          = [{ name = "revenue", semantic_type = "measure", semantic_name = "revenue", order_type = "desc" }]
}

data "cortex_metric_result" "revenue" {
  metric_id = cortex_metric.revenue.id
}

output "revenue" {
  value = data.cortex_metric_result.revenue.rows
}
