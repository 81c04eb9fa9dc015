resource "cortex_workspace" "acme" {
  name        = "Acme"
  description = "Everything of Acme Ltd"

  # Terraform refuses to delete it, also when this block is removed.
  deletion_protection = true
}
