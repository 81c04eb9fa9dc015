# The metrics about revenue in one environment.
list "cortex_metric" "revenue" {
  provider         = cortex
  include_resource = true

  config {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    name_regex     = "^Revenue"
  }
}
