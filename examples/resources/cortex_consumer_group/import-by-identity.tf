import {
  to = cortex_consumer_group.analysts
  identity = {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    id             = "5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42"
  }
}
