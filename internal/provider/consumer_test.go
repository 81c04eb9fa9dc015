package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

var theConsumers = subjectOf("consumer")

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

// consumers is a block for each of spellings, with the address that of chooses.
func consumers(p *place, prefix string, of func(all []string, i int) string) string {
	var b strings.Builder
	for i, all := range spellings {
		b.WriteString(strings.Replace(consumerBlock(p, of(all, i)), `"test"`, fmt.Sprintf("\"%s%d\"", prefix, i), 1))
	}
	return b.String()
}

// nth chooses the nth spelling, or the last.
func nth(n int) func([]string, int) string {
	return func(all []string, _ int) string { return all[min(n, len(all)-1)] }
}

// An address is the same in every spelling that is one to Cortex: no diff after apply or import, no request.
func TestConsumerSpellings(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	e.write(consumers(p, "c", nth(1)))
	e.run(apply...)
	if diff := cmp.Diff(map[string]int{"POST /consumers": len(spellings)}, writeCounts(p.Cortex)); diff != "" {
		t.Errorf("the writes (-want +got):\n%s", diff)
	}
	var want, got []string
	for _, all := range spellings {
		want = append(want, all[0])
	}
	for _, c := range p.Consumers(p.environment.ID) {
		got = append(got, c.Email)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the addresses (-want +got):\n%s", diff)
	}
	p.Reset()
	most := 0
	for _, all := range spellings {
		most = max(most, len(all))
	}
	for n := range most { // the first is as Cortex has it
		e.write(consumers(p, "c", nth(n)))
		e.wantNoChanges()
	}
	wantWrites(t, p.Cortex)

	var blocks strings.Builder
	for i, all := range spellings {
		fmt.Fprintf(&blocks, "import {\n  to = cortex_consumer.c%d\n  id = %q\n}\n", i, p.workspace.Name+"/"+p.environment.Name+"/"+all[len(all)-1])
	}
	if err := os.Remove(filepath.Join(e.Dir, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []int{most, 1} { // as the import has it, and another way
		e.write(consumers(p, "c", nth(spelling)) + blocks.String())
		e.run(apply...)
		e.wantNoChanges()
	}
	wantWrites(t, p.Cortex)

	e.write(consumers(p, "c", func(_ []string, i int) string { return fmt.Sprintf("other%d@example.com", i) }))
	e.run(apply...)
	e.write(consumers(p, "c", nth(most)))
	e.run(apply...)
	if diff := cmp.Diff(map[string]int{"PUT /consumers/{id}": 2 * len(spellings)}, writeCounts(p.Cortex)); diff != "" {
		t.Errorf("the writes (-want +got):\n%s", diff)
	}
	e.wantNoChanges()
	e.run(destroy...)
}

// Of two blocks with one address in two spellings one makes the consumer, and the other one is told where it is. The same with a consumer
// that somebody else made, and with a change of the address.
func TestConsumerSpellingsTaken(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	last := func(all []string, _ int) string { return all[len(all)-1] }
	e.write(consumers(p, "c", nth(1)) + consumers(p, "twin", last))
	got := e.problems(apply...)
	ids := map[string]string{}
	for _, c := range p.Consumers(p.environment.ID) {
		ids[c.Email] = c.ID
	}
	if len(ids) != len(spellings) || len(e.resources()) != len(spellings) {
		t.Errorf("there are the consumers %q and the state holds %q, want %d", ids, e.resources(), len(spellings))
	}
	var want []problem
	for _, all := range spellings {
		s := theConsumers
		s.minimal = s.minimal.with("email", all[0])
		want = append(want, s.takenOnCreate(p, ids[all[0]]))
	}
	sorted := func(a, b problem) int { return strings.Compare(a.Summary+a.Detail, b.Summary+b.Detail) }
	slices.SortFunc(want, sorted)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the errors (-want +got):\n%s", diff)
	}

	// Somebody else's, on a change and on a create.
	other := newEngine(t, p.Cortex)
	other.write(consumers(p, "mine", func(_ []string, i int) string { return fmt.Sprintf("mine%d@example.com", i) }))
	other.run(apply...)
	p.Reset()
	other.write(consumers(p, "mine", last))
	got = other.problems(apply...)
	for _, all := range spellings {
		if !slices.ContainsFunc(got, func(one problem) bool {
			return strings.HasPrefix(one.Summary, "Cannot update consumer \"mine") && strings.HasSuffix(one.Summary, ": the e-mail address is taken") &&
				strings.Contains(one.Detail, fmt.Sprintf("belongs to:\n  - consumer %q (%s)", all[0], ids[all[0]]))
		}) {
			t.Errorf("the change to %q is not refused: %q", all[len(all)-1], got)
		}
	}
	wantWrites(t, p.Cortex)
	other.write("")
	other.run(apply...)
	other.write(consumers(p, "c", last))
	if diff := cmp.Diff(want, other.problems(apply...)); diff != "" {
		t.Errorf("the errors (-want +got):\n%s", diff)
	}

	// The import blocks of the errors, with the spelling of the configuration.
	var blocks strings.Builder
	for i, all := range spellings {
		s := theConsumers
		s.minimal = s.minimal.with("email", all[0])
		blocks.WriteString(strings.Replace(importBlock(t, s.takenOnCreate(p, ids[all[0]]).Detail), ".test", fmt.Sprint(".c", i), 1))
	}
	p.Reset()
	other.write(consumers(p, "c", last) + blocks.String())
	other.run(apply...)
	wantWrites(t, p.Cortex)
	other.write(consumers(p, "c", last))
	other.wantNoChanges()
	other.run(destroy...)
}

// What Cortex takes for no address is refused by validate, at the attribute.
func TestConsumerEmailValidation(t *testing.T) {
	t.Parallel()
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e := newEngine(t, nil)
	var body strings.Builder
	refused := []string{
		"", "x", "@example.com", "a@", "a@localhost", "a@example", "a@example.test", "a@b.Local", "a@example.com.", "a@.example.com", "a@example..com", "a..b@example.com",
		".a@example.com", "a.@example.com", "a@-example.com", "a@example-.com", "a@ab--c.com", "a@127.0.0.1", "a@[127.0.0.1]", `"q uoted"@example.com`, "a b@example.com",
		`;a\,;@example.com`, "a\u00a0@example.com", "a@ex_ample.com", "a@b@example.com", "a@☃.com", "a@" + strings.Repeat("x", 64) + ".com",
		strings.Repeat("x", 245) + "@example.com", "a@example.com\n", "Ann <ann@example.com>",
	}
	for i, email := range refused {
		body.WriteString(strings.Replace(consumerBlock(p, email), `"test"`, fmt.Sprintf("\"c%d\"", i), 1))
	}
	e.write(body.String())
	got := e.problems("validate")
	for _, email := range refused {
		n := 0
		for _, one := range got {
			if one.Summary == "Invalid email" && one.At == "email" && strings.HasPrefix(one.Detail, fmt.Sprintf("%q ", email)) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q is refused by %d of %q", email, n, got)
		}
	}
	if len(got) != len(refused) {
		t.Errorf("%d of %d addresses are refused", len(got), len(refused))
	}
	for _, email := range []string{strings.Repeat("x", 65) + "@example.com", strings.Repeat("x", 242) + "@example.com", "o'neil@example.com", "a@b.co", "\ufb01@example.com"} {
		e.write(consumerBlock(p, email))
		e.run("validate")
	}
}
