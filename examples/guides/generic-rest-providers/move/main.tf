terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
    restapi = {
      source = "Mastercard/restapi"
    }
  }
}

provider "restapi" {
  uri                  = "https://cortex.example.com/api/v1"
  write_returns_object = true
}
