# By id; by the names or ids of its workspace and environment and its e-mail address; or by the id of its environment and its own, which takes
# the fewest requests when there are many.
terraform import cortex_consumer.ann c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31
terraform import cortex_consumer.ann "Acme/Production/ann@example.com"
terraform import cortex_consumer.ann 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31
