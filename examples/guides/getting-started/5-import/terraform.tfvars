tenants = {
  acme    = { name = "Acme International", description = "Everything of Acme Ltd" }
  globex  = { name = "Globex", description = "Everything of Globex Inc" }
  initech = { name = "Initech", description = "Made by hand" }
}
