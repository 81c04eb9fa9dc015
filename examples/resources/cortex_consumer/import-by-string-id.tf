import {
  to = cortex_consumer.ann
  id = "c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31" # or by names: "Acme/Production/ann@example.com"
}
