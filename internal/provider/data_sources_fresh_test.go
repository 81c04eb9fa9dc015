package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// A data source that depends on something sees what that did, also when another process of the same run did it: each provider block is one.
func TestDataSourcesSeeWhatTheyDependOn(t *testing.T) {
	t.Parallel()
	for _, k := range namedKinds {
		t.Run(k.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngineIn(t, t.TempDir(), p.Cortex)
			where, in := "", ""
			switch k.noun {
			case "workspace":
			case "environment":
				where = fmt.Sprintf("  workspace_id = %q\n", p.workspace.ID)
				in = where
			default:
				where = fmt.Sprintf("  environment_id = %q\n", p.environment.ID)
				in = where
			}
			key := "name"
			if k.noun == "consumer" {
				key = "email"
			}
			// config has the reader list everything, then write an object, then look for it by its name and by its id.
			config := func(name, step string) string {
				object := strings.Replace(k.one(p, "test", name), "{\n", "{\n  depends_on = [data."+k.kind()+"s.before]\n", 1)
				return fmt.Sprintf(`
provider "cortex" {
}

provider "cortex" {
  alias = "reader"
}

resource "terraform_data" "step" {
  input = %[1]q
}

data "%[2]ss" "before" {
  provider   = cortex.reader
  depends_on = [terraform_data.step]
%[3]s}

%[4]s
data %[2]q "by_name" {
  provider   = cortex.reader
  depends_on = [%[2]s.test]
  %[5]s = %[6]q
%[7]s}

data %[2]q "by_id" {
  provider = cortex.reader
  id       = %[2]s.test.id
}

data "%[2]ss" "after" {
  provider   = cortex.reader
  depends_on = [%[2]s.test]
%[3]s}

output "seen" {
  value = join(" ", [
    data.%[2]s.by_name.id == %[2]s.test.id,
    data.%[2]s.by_id.%[5]s,
    contains(data.%[2]ss.after.%[8]ss[*].%[5]s, %[6]q),
  ])
}
`, step, k.kind(), where, object, key, k.name(p, name), in, strings.TrimPrefix(k.kind(), "cortex_"))
			}
			for _, name := range []string{"first", "renamed"} { // made, then renamed
				e.write(config(name, name))
				e.run(apply...)
				if got, want := strings.TrimSpace(e.run("output", "-raw", "seen")), "true "+k.name(p, name)+" true"; got != want {
					t.Errorf("%s: the data sources see %q, want %q", name, got, want)
				}
			}
			e.run(destroy...)
		})
	}
}
