terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

variable "metric_id" {
  type = string
}

data "cortex_metric_result" "it" {
  metric_id = var.metric_id
}

output "rows" {
  value = data.cortex_metric_result.it.rows
}
