data "cortex_data_source_status" "sales" {
  data_source_id = cortex_data_source.sales.id
  depends_on     = [cortex_data_source.sales]
}

check "sales" {
  assert {
    condition     = data.cortex_data_source_status.sales.ok
    error_message = "Cortex cannot connect to Sales: ${data.cortex_data_source_status.sales.error}"
  }
}
