terraform {
  required_providers {
    restapi = {
      source = "Mastercard/restapi"
    }
  }
}

provider "restapi" {
  uri                  = "https://cortex.example.com/api/v1"
  write_returns_object = true
}

resource "restapi_object" "tenant" {
  for_each = toset(["Acme", "Globex"])

  path = "/workspaces"
  data = jsonencode({ name = each.key })
}

resource "restapi_object" "acme_production" {
  path = "/environments"
  data = jsonencode({ workspace_id = restapi_object.tenant["Acme"].id, name = "Production", description = "What customers see" })
}

resource "restapi_object" "ann" {
  path = "/consumers"
  data = jsonencode({ environment_id = restapi_object.acme_production.id, first_name = "Ann", last_name = "Lee", email = "ann@example.com" })
}

resource "restapi_object" "analysts" {
  path = "/consumers/groups"
  data = jsonencode({ environment_id = restapi_object.acme_production.id, name = "Analysts" })
}

resource "restapi_object" "ann_in_analysts" {
  path      = "/consumers/groups/${restapi_object.analysts.id}/members"
  object_id = restapi_object.ann.id
  data      = jsonencode({ consumer_id = restapi_object.ann.id })
}
