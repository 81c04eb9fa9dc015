moved {
  from = module.tenant["globex"]
  to   = module.tenant["world"]
}
