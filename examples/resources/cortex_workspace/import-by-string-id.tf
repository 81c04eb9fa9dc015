import {
  to = cortex_workspace.acme
  id = "0f5c1c5e-2d1f-4f0b-9d4e-5a3f2f1f9a10" # or its name: "Acme"
}
