import {
  to = cortex_data_source.sales
  identity = {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    id             = "d94c7b1e-8a35-4e60-b2f7-6c0e9d5a1f73"
  }
}
