check "revenue" {
  assert {
    condition     = sum(data.cortex_metric_result.revenue["Staging"].rows[*].revenue) == 350
    error_message = "The books say 350, which is without tax."
  }
}
