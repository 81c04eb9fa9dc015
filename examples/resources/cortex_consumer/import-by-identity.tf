import {
  to = cortex_consumer.ann
  identity = {
    environment_id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11"
    id             = "c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31"
  }
}
