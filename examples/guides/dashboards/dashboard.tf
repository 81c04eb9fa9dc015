resource "cortex_dashboard" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  type           = "executive"

  views = {
    overview = {
      title = "Overview"

      sections = {
        revenue = {
          widgets = {
            total = {
              position  = 10
              title     = "Revenue"
              metric_id = cortex_metric.revenue.id
              visualization = {
                type                = "single_value"
                data_mapping        = { x_axis = { field = "revenue" } }
                single_value_config = { selection_mode = "aggregate" }
              }
            }
            chart = {
              position  = 20
              title     = "Revenue by status"
              metric_id = cortex_metric.revenue.id
              visualization = {
                type         = "bar_chart"
                data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "revenue" }] }
              }
            }
            table = {
              position  = 30
              title     = "All of it"
              metric_id = cortex_metric.revenue.id
              visualization = {
                type         = "table"
                data_mapping = { columns = [{ field = "status", label = "Status" }, { field = "revenue", label = "Revenue" }] }
              }
            }
          }
        }
      }
    }
  }
}
