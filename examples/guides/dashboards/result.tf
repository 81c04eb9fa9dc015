data "cortex_dashboard_result" "sales" {
  dashboard_id = cortex_dashboard.sales.id
  depends_on   = [cortex_metric.revenue] # runs after a change of the metric, too
}

output "revenue" {
  value = data.cortex_dashboard_result.sales.views["overview"]["total"].value
}

output "orders" {
  value = data.cortex_dashboard_result.sales.views["overview"]["table"].rows
}
