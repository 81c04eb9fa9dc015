# All workspaces; Terraform itself stops at 100 unless limit says otherwise.
list "cortex_workspace" "all" {
  provider = cortex
  limit    = 1000
}

# Those whose name begins with "Acme", with what Terraform needs to write configuration for them.
list "cortex_workspace" "acme" {
  provider         = cortex
  include_resource = true

  config {
    name_regex = "^Acme"
  }
}
