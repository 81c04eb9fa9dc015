# By id; by the id or name of its workspace and its own name; or by both ids, which takes the fewest requests when there are many.
terraform import cortex_environment.production 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11
terraform import cortex_environment.production "Acme/Production"
terraform import cortex_environment.production 0f5c1c5e-2d1f-4f0b-9d4e-5a3f2f1f9a10/7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11
