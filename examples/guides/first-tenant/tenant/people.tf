resource "cortex_consumer_group" "sales" {
  environment_id = cortex_environment.production.id
  name           = "Sales"
}

resource "cortex_consumer" "person" {
  for_each = var.people

  environment_id = cortex_environment.production.id
  email          = each.key
  first_name     = each.value
  last_name      = ""
}

resource "cortex_consumer_group_member" "sales" {
  for_each = cortex_consumer.person

  group_id    = cortex_consumer_group.sales.id
  consumer_id = each.value.id
}
