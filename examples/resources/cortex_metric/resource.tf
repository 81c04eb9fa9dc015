resource "cortex_workspace" "acme" {
  name               = "Acme"
  retire_undeletable = true
}

resource "cortex_environment" "production" {
  workspace_id       = cortex_workspace.acme.id
  name               = "Production"
  retire_undeletable = true
}

resource "cortex_data_source" "shop" {
  environment_id = cortex_environment.production.id
  name           = "Shop"
  alias          = "shop"
  sqlite         = { file_path = "/srv/cortex/shop.db" }
}

resource "cortex_data_model" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  data_model_id  = cortex_data_model.sales.id
  data_source_id = cortex_data_source.shop.id
  name           = "Revenue by region"
  title          = "Revenue by region"
  table_name     = "orders"
  limit          = 1000

  measures = [{
    name  = "revenue"
    type  = "sum"
    query = "amount"
    table = "orders"
  }]

  dimensions = [{
    name  = "region"
    query = "region"
    table = "customers"
  }]

  joins = [{
    name        = "customers"
    join_type   = "inner"
    left_table  = "orders"
    right_table = "customers"
    conditions = [{
      left_table   = "orders"
      left_column  = "customer_id"
      right_table  = "customers"
      right_column = "id"
    }]
  }]

  filters = [{
    name     = "completed"
    query    = "status"
    table    = "orders"
    operator = "equals"
    value    = jsonencode("completed")
  }]

  order = [{
    name          = "revenue"
    semantic_type = "measure"
    semantic_name = "revenue"
    order_type    = "desc"
  }]
}
