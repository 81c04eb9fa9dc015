tenants = {
  acme   = { name = "Acme", description = "Everything of Acme Ltd" }
  globex = { name = "Globex" }
}
