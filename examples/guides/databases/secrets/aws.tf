ephemeral "aws_secretsmanager_secret_version" "sales" {
  secret_id = "acme/sales"
}

resource "cortex_data_source" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
  alias          = "sales"

  postgresql = {
    host        = "db.example.com"
    database    = "acme_sales"
    username    = "acme_reader"
    password_wo = jsondecode(ephemeral.aws_secretsmanager_secret_version.sales.secret_string)["password"]
  }
}
