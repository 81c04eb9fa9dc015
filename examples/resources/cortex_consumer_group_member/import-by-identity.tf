import {
  to = cortex_consumer_group_member.team["Analysts/ann@example.com"]
  identity = {
    group_id    = "5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42"
    consumer_id = "c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31"
  }
}
