import {
  to = cortex_workspace.tenant["initech"]
  id = "Initech"
}
