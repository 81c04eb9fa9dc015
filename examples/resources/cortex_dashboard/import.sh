# By id; by the names or ids of its workspace and environment and its own name; or by the id of its environment and its own, which takes the
# fewest requests when there are many.
terraform import cortex_dashboard.sales d4f7b1c6-2e93-4a58-9b0d-6c8a1e5f3d72
terraform import cortex_dashboard.sales "Acme/Production/Sales"
terraform import cortex_dashboard.sales 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/d4f7b1c6-2e93-4a58-9b0d-6c8a1e5f3d72
