terraform {
  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = "~> 0.1"
    }
  }
}

provider "cortex" {
  # Or the environment variable CORTEX_API_URL.
  endpoint = "https://cortex.example.com"

  # For a gateway in front of Cortex: the environment variable CORTEX_API_KEY is sent as a bearer token, and further headers
  # can be set here.
  headers = {
    X-Tenant = "platform"
  }
}
