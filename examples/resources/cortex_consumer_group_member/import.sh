# By the ids of its group and its consumer; by the names or ids of its workspace, environment and group and the e-mail address of its consumer;
# or by the ids of its environment, group and consumer, which takes the fewest requests when there are many.
terraform import 'cortex_consumer_group_member.team["Analysts/ann@example.com"]' 5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42/c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31
terraform import 'cortex_consumer_group_member.team["Analysts/ann@example.com"]' "Acme/Production/Analysts/ann@example.com"
terraform import 'cortex_consumer_group_member.team["Analysts/ann@example.com"]' 7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11/5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42/c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31
