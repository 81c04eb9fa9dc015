data "cortex_metric_result" "revenue" {
  metric_id = cortex_metric.revenue.id
}

check "revenue" {
  assert {
    condition     = length(data.cortex_metric_result.revenue.rows) > 0
    error_message = "Nothing was sold."
  }
}
