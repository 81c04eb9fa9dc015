import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_workspace.this
  id       = each.value.name
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_environment.production
  id       = "${each.value.name}/Production"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_data_source.shop
  id       = "${each.value.name}/Production/Shop"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_data_model.sales
  id       = "${each.value.name}/Production/Sales"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_metric.revenue
  id       = "${each.value.name}/Production/Revenue by region"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_dashboard.sales
  id       = "${each.value.name}/Production/Sales"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_consumer_group.sales
  id       = "${each.value.name}/Production/Sales"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_consumer.person["ada@example.com"]
  id       = "${each.value.name}/Production/ada@example.com"
}

import {
  for_each = local.tenants
  to       = module.tenant[each.key].cortex_consumer_group_member.sales["ada@example.com"]
  id       = "${each.value.name}/Production/Sales/ada@example.com"
}
