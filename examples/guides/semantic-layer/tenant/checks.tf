data "cortex_metric_result" "staging" {
  metric_id = module.staging.metrics["Revenue"]
}

check "staging" {
  assert {
    condition     = length(data.cortex_metric_result.staging.rows) == 1
    error_message = "Revenue gives no row in Staging."
  }
}
