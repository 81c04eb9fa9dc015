# By id, or by name.
terraform import cortex_workspace.acme 0f5c1c5e-2d1f-4f0b-9d4e-5a3f2f1f9a10
terraform import cortex_workspace.acme "Acme"
