# The metrics about revenue, of all environments.
list "cortex_metric" "revenue" {
  provider         = cortex
  include_resource = true

  config {
    name_regex = "^Revenue"
  }
}
