ephemeral "vault_kv_secret_v2" "sales" {
  mount = "databases"
  name  = "acme/sales"
}

resource "cortex_data_source" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  alias          = "sales"

  postgresql = {
    host        = "db.example.com"
    database    = "acme_sales"
    username    = "acme_reader"
    password_wo = ephemeral.vault_kv_secret_v2.sales.data.password
  }
}
