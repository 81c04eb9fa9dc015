# By the id of its environment and its own, or by the names or ids of its workspace and environment and its own name.
terraform import cortex_metric.revenue 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/c3a8e5d2-7b14-4f96-8e0d-9d2c6b1a4f57
terraform import cortex_metric.revenue "Acme/Production/Revenue by region"
