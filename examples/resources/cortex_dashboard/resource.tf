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

locals {
  revenue = { name = "revenue", type = "sum", query = "amount" }
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue"
  table_name     = "orders"
  measures       = [local.revenue]
}

resource "cortex_metric" "revenue_by_status" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue by status"
  table_name     = "orders"
  measures       = [local.revenue]
  dimensions     = [{ name = "status", query = "status" }]
}

resource "cortex_dashboard" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  type           = "executive"
  description    = "What was sold"
  tags           = ["sales", "monthly"]
  default_view   = "overview"

  views = {
    overview = {
      title = "Overview"

      sections = {
        figures = {
          position = 10
          title    = "Figures"

          widgets = {
            revenue = {
              title       = "Revenue"
              metric_id   = cortex_metric.revenue.id
              grid_config = { columns = 3 }

              visualization = {
                type                = "single_value"
                data_mapping        = { x_axis = { field = "revenue", data_type = "numerical" } }
                single_value_config = { number_format = "currency", prefix = "$" }
              }
            }
          }
        }

        charts = {
          position = 20
          title    = "Charts"

          widgets = {
            by_status = {
              title       = "Revenue by status"
              metric_id   = cortex_metric.revenue_by_status.id
              grid_config = { columns = 6, rows = 2 }

              visualization = {
                type         = "bar_chart"
                color_scheme = "blue"

                data_mapping = {
                  x_axis = { field = "status", label = "Status" }
                  y_axes = [{ field = "revenue", label = "Revenue" }]
                }
              }
            }
          }
        }
      }
    }

    details = {
      title = "Details"

      sections = {
        tables = {
          widgets = {
            by_status = {
              title       = "Revenue by status"
              metric_id   = cortex_metric.revenue_by_status.id
              grid_config = { columns = 12 }

              visualization = {
                type = "table"

                data_mapping = {
                  columns = [
                    { field = "status", label = "Status" },
                    { field = "revenue", label = "Revenue", alignment = "right" },
                  ]
                }
              }
            }
          }
        }
      }
    }
  }
}
