terraform {
  backend "s3" {
    bucket       = "example-terraform-state"
    key          = "cortex/tenants.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}
