# Who is an analyst in one environment.
list "cortex_consumer_group_member" "analysts" {
  provider         = cortex
  include_resource = true

  config {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    name_regex     = "^Analysts/"
  }
}

# The groups of one consumer, in all environments of all workspaces.
list "cortex_consumer_group_member" "ann" {
  provider = cortex
  limit    = 1000

  config {
    name_regex = "/ann@example[.]com$"
  }
}
