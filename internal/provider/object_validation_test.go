package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What cannot work is refused by validate, ids by a plan, at the attribute. (Addresses and properties have tests of their own.)
func TestObjectValidation(t *testing.T) {
	t.Parallel()
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e := newEngine(t, nil)
	const nul = "The text contains a NUL character, which Cortex cannot store on every database."
	noUUID := `"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`
	upper := strings.ToUpper(p.environment.ID)
	notCanonical := fmt.Sprintf("%q is not in the canonical form that Cortex answers with: write it as %q.", upper, p.environment.ID)
	type test struct {
		name, config string
		want         problem
	}
	var tests, ids []test
	add := func(name, config, attribute, detail string) {
		tests = append(tests, test{name, config, problem{"Invalid " + attribute, detail, attribute}})
	}
	addID := func(name, config, attribute, detail string) {
		ids = append(ids, test{name, config, problem{"Invalid " + attribute, detail, attribute}})
	}
	data := func(kind string, a attributes) string { return fmt.Sprintf("data %q \"test\" {\n%s}\n", kind, a.hcl()) }
	for _, s := range editable {
		for _, name := range slices.Sorted(maps.Keys(s.full)) {
			if name != "email" && name != "type" && name != s.json {
				add(s.noun+"'s NUL in "+name, strings.ReplaceAll(s.block(p, s.full.with(name, "NUL")), "NUL", `a\u0000`), name, nul)
			}
			if _, required := s.minimal[name]; required {
				want := problem{"Missing required argument", fmt.Sprintf("The argument %q is required, but no definition was found.", name), ""}
				tests = append(tests, test{s.noun + " without " + name, s.block(p, s.full.with(name, nil)), want})
			}
		}
		addID(s.noun+" of no environment", s.block(p, s.minimal.with("environment_id", "acme")), "environment_id", noUUID)
		addID(s.noun+" of an environment in capitals", s.block(p, s.minimal.with("environment_id", upper)), "environment_id", notCanonical)

		addID(s.noun+" by no id", data(s.kind(), s.by(p, "acme")), "id", noUUID)
		if s.scoped {
			tests = append(tests,
				test{s.noun + " by its environment alone", data(s.kind(), attributes{"environment_id": p.environment.ID}), problem{"Invalid Attribute Combination",
					fmt.Sprintf("No attribute specified when one (and only one) of [id,%s] is required", s.key), ""}},
				test{s.noun + " by its " + s.key + " alone", data(s.kind(), attributes{s.key: s.minimal[s.key]}), problem{"Missing required argument",
					"The argument \"environment_id\" is required, but no definition was found.", ""}})
			continue
		}
		tests = append(tests,
			test{s.noun + " by nothing", data(s.kind(), attributes{}), problem{"Invalid Attribute Combination",
				fmt.Sprintf("No attribute specified when one (and only one) of [id,%s] is required", s.key), ""}},
			test{s.noun + " by its " + s.key + " alone", data(s.kind(), attributes{s.key: s.minimal[s.key]}), problem{"Invalid Attribute Combination",
				fmt.Sprintf("Attribute \"environment_id\" must be specified when %q is specified", s.key), s.key}},
			test{s.noun + " by id and environment", data(s.kind(), attributes{"id": p.environment.ID, "environment_id": p.environment.ID}),
				problem{"Invalid Attribute Combination", "Attribute \"environment_id\" cannot be specified when \"id\" is specified", "id"}},
		)
	}
	for _, s := range subjects {
		addID(s.noun+"s of no environment", data(s.kind()+"s", attributes{"environment_id": "acme"}), "environment_id", noUUID)
	}
	group := func(name string) string { return editable[1].block(p, attributes{"name": name}) }
	add("a group's empty name", group(""), "name", "A name must not be empty.")
	add("a group's long name", group(strings.Repeat("ü", 1025)), "name", "A name has at most 1024 characters; this one has 1025.")
	add("a group's name of many bytes", group(strings.Repeat("界", 867)), "name", "A name has at most 2600 bytes in UTF-8; this one has 2601.")
	for _, name := range []string{"group_id", "consumer_id"} {
		pair := attributes{"group_id": p.environment.ID, "consumer_id": p.environment.ID}
		for _, block := range []string{"resource", "data"} {
			text := func(value string) string {
				return fmt.Sprintf("%s \"cortex_consumer_group_member\" \"test\" {\n%s}\n", block, pair.with(name, value).hcl())
			}
			addID("a member's "+name+" in a "+block, text("acme"), name, noUUID)
			addID("a member's "+name+" in capitals in a "+block, text(upper), name, notCanonical)
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e.t = t
			e.write(test.config)
			e.wantProblems([]string{"validate"}, test.want)
		})
	}
	planner := newEngine(t, p.Cortex) // ids are a plan's to check: see ids.go
	p.Reset()
	for _, test := range ids {
		t.Run(test.name, func(t *testing.T) {
			planner.t = t
			planner.write(test.config)
			planner.run("validate")
			planner.wantProblems(plan, test.want)
		})
	}
	if n := len(p.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
	e.t = t
	for _, s := range editable { // what is allowed
		e.write(s.block(p, s.full) + strings.Replace(s.block(p, s.minimal), `"test"`, `"least"`, 1))
		e.run("validate")
	}
}
