import {
  to = cortex_data_source.sales
  id = "d94c7b1e-8a35-4e60-b2f7-6c0e9d5a1f73" # or by names: "Acme/Production/Sales"
}
