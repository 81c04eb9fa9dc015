# By id, or by the id or name of its workspace and its own name.
terraform import cortex_environment.production 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11
terraform import cortex_environment.production "Acme/Production"
