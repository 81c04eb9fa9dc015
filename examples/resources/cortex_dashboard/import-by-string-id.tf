import {
  to = cortex_dashboard.sales
  id = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/d4f7b1c6-2e93-4a58-9b0d-6c8a1e5f3d72" # or by names: "Acme/Production/Sales"
}
