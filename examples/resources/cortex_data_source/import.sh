# By id; by the names or ids of its workspace and environment and its own name; or by the id of its environment and its own, which takes the
# fewest requests when there are many.
terraform import cortex_data_source.sales d94c7b1e-8a35-4e60-b2f7-6c0e9d5a1f73
terraform import cortex_data_source.sales "Acme/Production/Sales"
terraform import cortex_data_source.sales 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/d94c7b1e-8a35-4e60-b2f7-6c0e9d5a1f73
