resource "cortex_dashboard" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  type           = "executive"

  views = {
    overview = {
      title = "Overview"
      sections = {
        sales = {
          widgets = {
            revenue = {
              title     = "Revenue by region"
              metric_id = cortex_metric.revenue.id
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

data "cortex_dashboard_result" "sales" {
  dashboard_id = cortex_dashboard.sales.id
  depends_on   = [cortex_metric.revenue] # runs after a change of the metric, too
}

output "chart" {
  value = data.cortex_dashboard_result.sales.views["overview"]["revenue"].series
}
