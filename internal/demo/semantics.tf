variable "database" {
  type = string
}

# The column that is the revenue. A change goes to Staging first.
locals {
  revenue = {
    Staging    = "gross"
    Production = "gross"
  }
}

resource "cortex_data_source" "shop" {
  for_each = cortex_environment.each

  environment_id = each.value.id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = var.database }
}

resource "cortex_data_model" "sales" {
  for_each = cortex_environment.each

  environment_id = each.value.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  for_each = cortex_data_model.sales

  data_model_id  = each.value.id
  data_source_id = cortex_data_source.shop[each.key].id
  name           = "Revenue by region"
  table_name     = "orders"
  measures       = [{ name = "revenue", type = "sum", query = local.revenue[each.key] }]
  dimensions     = [{ name = "region", query = "region" }]
  order          = [{ name = "revenue", semantic_type = "measure", semantic_name = "revenue", order_type = "desc" }]
}

resource "cortex_metric" "orders" {
  for_each = cortex_data_model.sales

  data_model_id  = each.value.id
  data_source_id = cortex_data_source.shop[each.key].id
  name           = "Orders"
  table_name     = "orders"
  measures       = [{ name = "orders", type = "count", query = "id" }]
}

resource "cortex_dashboard" "sales" {
  for_each = cortex_environment.each

  environment_id = each.value.id
  name           = "Sales"
  type           = "executive"
  views = {
    overview = {
      title = "Overview"
      sections = {
        sales = {
          widgets = {
            orders = {
              position  = 10
              title     = "Orders"
              metric_id = cortex_metric.orders[each.key].id
              visualization = {
                type         = "single_value"
                data_mapping = { x_axis = { field = "orders" } }
              }
            }
            revenue = {
              position  = 20
              title     = "Revenue by region"
              metric_id = cortex_metric.revenue[each.key].id
              visualization = {
                type         = "bar_chart"
                data_mapping = { x_axis = { field = "region" }, y_axes = [{ field = "revenue" }] }
              }
            }
          }
        }
      }
    }
  }
}

# Each plan and apply runs the metric, and the widgets of Production.
data "cortex_metric_result" "revenue" {
  for_each = cortex_metric.revenue

  metric_id = each.value.id
}

data "cortex_dashboard_result" "sales" {
  dashboard_id = cortex_dashboard.sales["Production"].id
  depends_on   = [cortex_metric.revenue] # a metric's change is one of what widgets show
}

output "revenue" {
  value = { for environment, result in data.cortex_metric_result.revenue : environment => result.rows }
}

output "dashboard" {
  value = { for widget in data.cortex_dashboard_result.sales.views["overview"] : widget.title => widget.rows }
}
