import {
  to = cortex_metric.revenue
  identity = {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    id             = "c3a8e5d2-7b14-4f96-8e0d-9d2c6b1a4f57"
  }
}
