list "cortex_workspace" "acme" {
  provider         = cortex
  include_resource = true

  config {
    name_regex = "^Acme"
  }
}

list "cortex_environment" "production" {
  provider         = cortex
  include_resource = true
  limit            = 1000

  config {
    name_regex = "^Production$"
  }
}
