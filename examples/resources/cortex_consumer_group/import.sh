# By id; by the names or ids of its workspace and environment and its own name; or by the id of its environment and its own, which takes the
# fewest requests when there are many.
terraform import cortex_consumer_group.analysts 5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42
terraform import cortex_consumer_group.analysts "Acme/Production/Analysts"
terraform import cortex_consumer_group.analysts 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42
