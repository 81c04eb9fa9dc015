package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

var theConsumers = subjects[0]

const theConsumer = "cortex_consumer.test"

// consumerBlock is the resource cortex_consumer.test in p with this address.
func consumerBlock(p *place, email string) string {
	return theConsumers.block(p, theConsumers.minimal.with("email", email))
}

// spellings are addresses, each in several spellings that are one to Cortex, the first one as it keeps it.
var spellings = [][]string{
	{"John@example.com", "John@Example.COM", "John@EXAMPLE.com"},
	{"ann@exämple.com", "ann@xn--exmple-cua.com", "ann@XN--EXMPLE-CUA.com", "ann@EXÄMPLE.com", "ann@exa\u0308mple.com"},
	{"zo\u00e9@example.com", "zoe\u0301@example.com"},
	{"x@straße.de", "x@STRAßE.de", "x@xn--strae-oqa.de"},
	{"a+b.{c}/d@example.com", "a+b.{c}/d@EXAMPLE.COM"},
	{"info@example.com", "INFO@example.com", "Info@Example.com"}, // a mailbox that everybody has
	{"q@пример.испытание", "q@xn--e1afmkfd.xn--80akhbyknj4f"},
	{"r@ex.ample.com", "r@ｅx。ample.com"},
	{"s@example.com", " s@example.com\t"},
}

// An address is the same in every spelling that is one to Cortex: no diff after apply or import, no request, no second consumer.
func TestConsumerSpellings(t *testing.T) {
	for _, all := range spellings {
		t.Run(all[0], func(t *testing.T) {
			p := newPlace(t)
			id := statecheck.CompareValue(compare.ValuesSame())
			var steps []resource.TestStep
			for i, email := range all[1:] {
				step := resource.TestStep{
					PreConfig:         p.Reset,
					Config:            config(p.Cortex, consumerBlock(p, email)),
					ConfigPlanChecks:  before(plancheck.ExpectEmptyPlan()),
					ConfigStateChecks: []statecheck.StateCheck{id.AddStateValue(theConsumer, path("id"))},
					PostApplyFunc:     func() { wantWrites(t, p.Cortex) },
				}
				if i == 0 {
					step.ConfigPlanChecks = before(action(theConsumer, plancheck.ResourceActionCreate))
					step.PostApplyFunc = func() {
						wantWrites(t, p.Cortex, "POST /consumers")
						theConsumers.wantFields(p, theConsumers.only(p), theConsumers.minimal.with("email", all[0]))
					}
				}
				steps = append(steps, step)
			}
			steps = append(steps, resource.TestStep{ // as Cortex has it
				PreConfig:        p.Reset,
				Config:           config(p.Cortex, consumerBlock(p, all[0])),
				ConfigPlanChecks: before(plancheck.ExpectEmptyPlan()),
				PostApplyFunc:    func() { wantWrites(t, p.Cortex) },
			})
			last := all[len(all)-1]
			for _, text := range []string{"", p.workspace.Name + "/" + p.environment.Name + "/" + last} {
				steps = append(steps, resource.TestStep{
					ResourceName: theConsumer, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
					ImportStateIdFunc: func(s *terraform.State) (string, error) {
						if text == "" {
							return attribute(theConsumer, "id")(s), nil
						}
						return text, nil
					},
					ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{action(theConsumer, plancheck.ResourceActionNoop)}},
				})
			}
			steps = append(steps, resource.TestStep{ // to another one and back
				PreConfig:     p.Reset,
				Config:        config(p.Cortex, consumerBlock(p, "other@example.com")),
				PostApplyFunc: func() { wantWrites(t, p.Cortex, "PUT /consumers/{id}") },
			}, resource.TestStep{
				PreConfig:     p.Reset,
				Config:        config(p.Cortex, consumerBlock(p, last)),
				PostApplyFunc: func() { wantWrites(t, p.Cortex, "PUT /consumers/{id}") },
			})
			acceptance(t, steps...)
		})
	}
}

// Of two blocks with one address in two spellings one makes the consumer, and the other one is told where it is. The same with a consumer
// that somebody else made, and with a change of the address.
func TestConsumerSpellingsTaken(t *testing.T) {
	for _, all := range spellings {
		t.Run(all[0], func(t *testing.T) {
			p := newPlace(t)
			email, last := all[0], all[len(all)-1]
			e := newEngine(t, p.Cortex)
			e.write(consumerBlock(p, all[1]) + strings.Replace(consumerBlock(p, last), `"test"`, `"twin"`, 1))
			got := e.problems(apply...)
			holder := theConsumers.only(p)
			if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot create consumer %q in environment %s: the e-mail address is taken", email, p.environment.ID) ||
				!strings.Contains(got[0].Detail, holder) {
				t.Errorf("the errors are %q", got)
			}
			if got := e.resources(); len(got) != 1 {
				t.Errorf("the state holds %q, want one consumer", got)
			}

			other := newEngine(t, p.Cortex)
			other.write(consumerBlock(p, "mine@example.com"))
			other.run(apply...)
			p.Reset()
			other.write(consumerBlock(p, last))
			got = other.problems(apply...)
			if len(got) != 1 || !strings.HasSuffix(got[0].Summary, ": the e-mail address is taken") ||
				!strings.Contains(got[0].Detail, fmt.Sprintf("belongs to:\n  - consumer %q (%s)", email, holder)) {
				t.Errorf("the errors are %q", got)
			}
			wantWrites(t, p.Cortex)
			other.write("")
			other.run(apply...)

			// The import block of the error, with the spelling of the configuration.
			e.write("removed {\n  from = cortex_consumer.test\n  lifecycle {\n    destroy = false\n  }\n}\nremoved {\n  from = cortex_consumer.twin\n  lifecycle {\n    destroy = false\n  }\n}\n")
			e.run(apply...)
			e.write(consumerBlock(p, last))
			taken := e.problems(apply...)
			e.write(consumerBlock(p, last) + importBlock(t, taken[0].Detail))
			p.Reset()
			e.run(apply...)
			wantWrites(t, p.Cortex)
			e.write(consumerBlock(p, last))
			e.run("plan", "-detailed-exitcode")
			e.run(destroy...)
		})
	}
}

// What Cortex takes for no address is refused by validate, at the attribute.
func TestConsumerEmailValidation(t *testing.T) {
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e := newEngine(t, nil)
	for _, email := range []string{
		"", "x", "@example.com", "a@", "a@localhost", "a@example", "a@example.test", "a@b.Local", "a@example.com.", "a@.example.com", "a@example..com", "a..b@example.com",
		".a@example.com", "a.@example.com", "a@-example.com", "a@example-.com", "a@ab--c.com", "a@127.0.0.1", "a@[127.0.0.1]", `"q uoted"@example.com`, "a b@example.com",
		`;a\,;@example.com`, "a\u00a0@example.com", "a@ex_ample.com", "a@b@example.com", "a@☃.com", "a@" + strings.Repeat("x", 64) + ".com",
		strings.Repeat("x", 245) + "@example.com", "a@example.com\n", "Ann <ann@example.com>",
	} {
		t.Run(email, func(t *testing.T) {
			e.t = t
			e.write(consumerBlock(p, email))
			got := e.problems("validate")
			if len(got) != 1 || got[0].Summary != "Invalid email" || got[0].At != "email" || !strings.HasPrefix(got[0].Detail, "\"") {
				t.Errorf("the errors are %q", got)
			}
		})
	}
	e.t = t
	for _, all := range spellings {
		for _, email := range append(all, strings.Repeat("x", 65)+"@example.com", strings.Repeat("x", 242)+"@example.com", "o'neil@example.com", "a@b.co", "\ufb01@example.com") {
			e.write(consumerBlock(p, email))
			if r := e.try("validate"); r.Code != 0 {
				t.Errorf("%q is refused: %s", email, r)
			}
		}
		break
	}
}
