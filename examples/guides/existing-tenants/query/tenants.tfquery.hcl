list "cortex_workspace" "acme" {
  provider = cortex

  config {
    name_regex = "^Acme"
  }
}

list "cortex_environment" "production" {
  provider = cortex
  limit    = 1000

  config {
    name_regex = "^Production$"
  }
}
