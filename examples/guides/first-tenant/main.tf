terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

# It finds Cortex by the environment variable CORTEX_API_URL.
provider "cortex" {}

module "acme" {
  source = "./tenant"

  name     = "Acme"
  database = "/srv/cortex/acme.db"
  people   = { "ada@example.com" = "Ada" }
}

output "acme" {
  value = module.acme
}
