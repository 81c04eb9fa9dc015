import {
  to = cortex_consumer_group_member.team["Analysts/ann@example.com"]
  id = "Acme/Production/Analysts/ann@example.com" # or the ids of group and consumer, with a slash between
}
