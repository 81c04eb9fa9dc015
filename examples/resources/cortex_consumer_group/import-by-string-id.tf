import {
  to = cortex_consumer_group.analysts
  id = "5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42" # or by names: "Acme/Production/Analysts"
}
