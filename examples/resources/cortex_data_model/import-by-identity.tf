import {
  to = cortex_data_model.sales
  identity = {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    id             = "5e0f3b7a-1c49-4d82-9a6e-2f8b7c4d1e60"
  }
}
