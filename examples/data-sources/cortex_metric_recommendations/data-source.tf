data "cortex_workspace" "acme" {
  name = "Acme"
}

data "cortex_environment" "production" {
  workspace_id = data.cortex_workspace.acme.id
  name         = "Production"
}

data "cortex_data_source" "shop" {
  environment_id = data.cortex_environment.production.id
  name           = "Shop"
}

data "cortex_data_model" "sales" {
  environment_id = data.cortex_environment.production.id
  name           = "Sales"
}

data "cortex_metric_recommendations" "shop" {
  data_source_id = data.cortex_data_source.shop.id
  data_model_id  = data.cortex_data_model.sales.id
  environment_id = data.cortex_environment.production.id
}

# The counts among them, as metrics of their own.
resource "cortex_metric" "recommended" {
  for_each = { for key, m in data.cortex_metric_recommendations.shop.metrics : key => m if startswith(m.name, "Count") && m.filters == null }

  data_model_id  = data.cortex_data_model.sales.id
  data_source_id = data.cortex_data_source.shop.id
  name           = each.key
  description    = each.value.description
  table_name     = each.value.table_name
  grouped        = each.value.grouped
  measures       = each.value.measures
  dimensions     = each.value.dimensions
}
