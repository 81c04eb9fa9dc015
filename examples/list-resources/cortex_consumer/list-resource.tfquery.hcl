# Everybody of one company, in all environments of all workspaces.
list "cortex_consumer" "company" {
  provider         = cortex
  include_resource = true
  limit            = 1000

  config {
    name_regex = "@example[.]com$"
  }
}

# All consumers of one environment.
list "cortex_consumer" "production" {
  provider = cortex

  config {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
  }
}
