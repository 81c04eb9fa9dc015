package provider_test
import ("testing";"fmt"; "github.com/telescopeai/terraform-provider-cortex/internal/cortextest")
func TestZZ(t *testing.T) {
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("acme"), nil)
	env := c.CreateEnvironment(w.ID, "Production", ptr(""))
	e := newEngine(t, c)
	body := func(secret string) string { return fmt.Sprintf(`
variable "p" { 
 type = string
 default = "p@ss/w:rd %%%%41\"é"
}
resource "cortex_data_source" "a" {
  environment_id = %q
  name = "Sales"
  alias = "sales"
  postgresql = {
    host = "db.example.com"
    database = "sales"
    username = "ann@x"
    %s
  }
}
resource "cortex_data_source" "b" {
  environment_id = %[1]q
  name = "File"
  alias = "file"
  sqlite = { file_path = "/tmp/x.db" }
}
resource "cortex_data_source" "c" {
  environment_id = %[1]q
  name = "Duck"
  alias = "duck"
  custom = { 
   source_type = "duckdb" 
   config = jsonencode({a=1,token="secretly"})
  }
}
`, env.ID, secret) }
	for _, s := range []string{"password = var.p", "password_wo = var.p"} {
	e.write(body(s))
	t.Log(e.run(apply...))
	t.Log(e.run("plan", "-detailed-exitcode"))
	t.Log(e.state())
	}
	e.write(body("password = \"new one\""))
	t.Log(e.run(apply...))
	e.run("plan", "-detailed-exitcode")
	e.write(body("password_wo = \"newer\""))
	t.Log(e.try("plan").Stderr)
	t.Log(e.run(apply...))
	e.run("plan", "-detailed-exitcode")
	t.Log(e.run("state", "rm", "cortex_data_source.a"))
	for _, s := range []string{"password = \"newer\"", "password_wo = \"newer\""} {
	e.write(body(s)+fmt.Sprintf("import {\n to = cortex_data_source.a\n id = \"%s/Production/Sales\"\n}\n", w.Name))
	t.Log(e.try("plan").Stderr)
	}
	e.run(destroy...)
}
