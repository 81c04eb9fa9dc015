package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// namedKind is a kind of objects with unique names, for what happens to names within one run.
type namedKind struct {
	noun string
	// block is what a block has to set, of which name is an expression.
	block func(p *place, name string) string
	// name is the name that stands for a short one.
	name func(p *place, short string) string
	// all is the names of all objects of the place.
	all func(p *place) []string
}

var namedKinds = []namedKind{
	{
		noun:  "workspace",
		block: func(_ *place, name string) string { return "  name = " + name },
		name:  func(p *place, short string) string { return p.Name(short) },
		all: func(p *place) (names []string) {
			for _, w := range p.Workspaces() {
				if strings.HasSuffix(w.Name, p.Name("")) && w.ID != p.workspace.ID {
					names = append(names, w.Name)
				}
			}
			return names
		},
	},
	{
		noun: "environment",
		block: func(p *place, name string) string {
			return fmt.Sprintf("  workspace_id = %q\n  name = %s", p.workspace.ID, name)
		},
		name: func(_ *place, short string) string { return short },
		all: func(p *place) (names []string) {
			for _, e := range p.Environments(p.workspace.ID) {
				if e.ID != p.environment.ID {
					names = append(names, e.Name)
				}
			}
			return names
		},
	},
	{
		noun: "consumer",
		block: func(p *place, name string) string {
			return fmt.Sprintf("  environment_id = %q\n  email = %s\n  first_name = \"x\"\n  last_name = \"\"", p.environment.ID, name)
		},
		name: func(_ *place, short string) string { return short + "@example.com" },
		all: func(p *place) (names []string) {
			for _, c := range p.Consumers(p.environment.ID) {
				names = append(names, c.Email)
			}
			return names
		},
	},
	{
		noun: "consumer group",
		block: func(p *place, name string) string {
			return fmt.Sprintf("  environment_id = %q\n  name = %s", p.environment.ID, name)
		},
		name: func(_ *place, short string) string { return short },
		all: func(p *place) (names []string) {
			for _, g := range p.ConsumerGroups(p.environment.ID) {
				names = append(names, g.Name)
			}
			return names
		},
	},
}

func (k namedKind) kind() string { return "cortex_" + strings.ReplaceAll(k.noun, " ", "_") }

// list is blocks under count, one for each name.
func (k namedKind) list(p *place, shorts ...string) string {
	var names []string
	for _, short := range shorts {
		names = append(names, fmt.Sprintf("%q", k.name(p, short)))
	}
	return fmt.Sprintf("locals {\n  names = [%s]\n}\n\nresource %q \"test\" {\n  count = length(local.names)\n%s\n}\n",
		strings.Join(names, ", "), k.kind(), k.block(p, "local.names[count.index]"))
}

// one is a block with a name under a label.
func (k namedKind) one(p *place, label, short string) string {
	return fmt.Sprintf("resource %q %q {\n%s\n}\n", k.kind(), label, k.block(p, fmt.Sprintf("%q", k.name(p, short))))
}

// A name that one object gives up and another takes passes in one apply, as far as the engine works on both at one time. Otherwise the
// applies that it takes are fewer than the objects, each refuses names and nothing else, and no name is ever there twice.
func TestNamesWithinARun(t *testing.T) {
	t.Parallel()
	for _, k := range namedKinds {
		for name, test := range map[string]func(p *place) (before, after string, names []string){
			"the first of a list goes": func(p *place) (string, string, []string) {
				return k.list(p, "a", "b", "c", "d", "e"), k.list(p, "b", "c", "d", "e"), []string{"b", "c", "d", "e"}
			},
			"one more in front of a list": func(p *place) (string, string, []string) {
				return k.list(p, "b", "c", "d", "e"), k.list(p, "a", "b", "c", "d", "e"), []string{"a", "b", "c", "d", "e"}
			},
			"a chain of renames onto a free name": func(p *place) (string, string, []string) {
				return k.list(p, "a", "b", "c", "d"), k.list(p, "b", "c", "d", "e"), []string{"b", "c", "d", "e"}
			},
			"a name is given up and reused": func(p *place) (string, string, []string) {
				return k.one(p, "old", "a"), k.one(p, "old", "b") + k.one(p, "new", "a"), []string{"a", "b"}
			},
			"another label": func(p *place) (string, string, []string) {
				return k.one(p, "old", "a"), k.one(p, "new", "a"), []string{"a"}
			},
		} {
			for _, parallelism := range []int{10, 2, 1} {
				// The rule is the same code for all kinds.
				if few := name == "the first of a list goes" || name == "another label"; k.noun != "workspace" && (parallelism < 10 || !few) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/parallelism %d", k.noun, name, parallelism), func(t *testing.T) {
					t.Parallel()
					p := newPlace(t)
					before, after, shorts := test(p)
					var want []string
					for _, short := range shorts {
						want = append(want, k.name(p, short))
					}
					e := newEngine(t, p.Cortex)
					e.write(before)
					e.run(apply...)
					e.write(after)
					applies := 1
					for ; ; applies++ {
						r := e.try("apply", "-auto-approve", "-json", fmt.Sprintf("-parallelism=%d", parallelism))
						names := k.all(p)
						slices.Sort(names)
						if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
							t.Fatalf("there are the names %q", names)
						}
						if r.Code == 0 {
							break
						}
						for _, d := range r.Diagnostics() {
							if d.Severity == "error" && !strings.HasSuffix(d.Summary, "is taken") {
								t.Fatal(r)
							}
						}
						if parallelism == 10 || applies > 5 {
							t.Fatalf("after %d applies: %s", applies, r)
						}
					}
					got := k.all(p)
					slices.Sort(got)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("names (-want +got):\n%s", diff)
					}
					t.Logf("%d applies", applies)
					e.run(destroy...)
				})
			}
		}
	}
}

// A block of a membership that got another label: the old one is deleted, and the new one made after that.
func TestMemberUnderAnotherLabel(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	member := theMembers
	e := newEngine(t, p.Cortex)
	e.write(member.block(p, nil))
	e.run(apply...)
	id := member.only(p)
	e.write(strings.Replace(member.block(p, nil), `"test"`, `"other"`, 1))
	e.run(apply...)
	if now := member.only(p); now != id {
		t.Errorf("the membership is %s, was %s", now, id)
	}
	e.wantNoChanges()
	e.run(destroy...)
}

// Names that are swapped are refused at once and by both, and create_before_destroy cannot have a name twice.
func TestNamesThatCannotPass(t *testing.T) {
	t.Parallel()
	for _, k := range namedKinds {
		t.Run(k.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(k.list(p, "a", "b"))
			e.run(apply...)
			p.Reset()
			e.write(k.list(p, "b", "a"))
			for _, problem := range e.problems(apply...) {
				if !strings.Contains(problem.Detail, "give one of them a third") {
					t.Errorf("a swap: %q", problem)
				}
			}
			wantWrites(t, p.Cortex)

			e.write(strings.Replace(k.list(p, "a", "b"), "  count =", "  lifecycle {\n    create_before_destroy = true\n  }\n  count =", 1))
			before := k.all(p)
			got := e.problems("apply", "-auto-approve", "-replace="+k.kind()+".test[0]")
			if len(got) != 1 || !strings.Contains(got[0].Detail, "create_before_destroy: that cannot work") {
				t.Errorf("create_before_destroy: %q", got)
			}
			if diff := cmp.Diff(before, k.all(p)); diff != "" {
				t.Errorf("names (-before +after):\n%s", diff)
			}
			e.run(destroy...)
		})
	}
}
