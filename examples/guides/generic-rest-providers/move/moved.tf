moved {
  from = restapi_object.tenant
  to   = cortex_workspace.tenant
}

moved {
  from = restapi_object.acme_production
  to   = cortex_environment.acme_production
}

moved {
  from = restapi_object.ann
  to   = cortex_consumer.ann
}

moved {
  from = restapi_object.analysts
  to   = cortex_consumer_group.analysts
}

# What cannot be moved is forgotten there and imported here.
removed {
  from = restapi_object.ann_in_analysts
  lifecycle {
    destroy = false
  }
}

import {
  to = cortex_consumer_group_member.ann_in_analysts
  id = "Acme/Production/Analysts/ann@example.com"
}
