data "cortex_dashboard_result" "sales" {
  dashboard_id = cortex_dashboard.sales.id
}

output "revenue" {
  value = data.cortex_dashboard_result.sales.views["overview"]["total"].value
}

output "orders" {
  value = data.cortex_dashboard_result.sales.views["overview"]["table"].rows
}
