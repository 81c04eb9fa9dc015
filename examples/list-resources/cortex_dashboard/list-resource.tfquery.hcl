# The dashboards about sales in one environment.
list "cortex_dashboard" "sales" {
  provider         = cortex
  include_resource = true

  config {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    name_regex     = "^Sales"
  }
}
