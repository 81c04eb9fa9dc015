package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// withJSON are the subjects that have a JSON object of any content: properties, or what else it is called.
var withJSON = slices.DeleteFunc(slices.Clone(subjects), func(s subject) bool { return s.json == "" })

// jsonBlock is block with this JSON text in that attribute; "" is none.
func (s subject) jsonBlock(p *place, text string) string {
	if text == "" {
		return s.block(p, s.minimal)
	}
	return s.block(p, s.minimal.with(s.json, text))
}

// Properties are compared by what they mean: another spelling of the same is no change.
func TestPropertiesAreComparedByMeaning(t *testing.T) {
	t.Parallel()
	const first = `{"a":1,"b":[1000,true,null],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740993}}`
	for _, s := range withJSON {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(s.jsonBlock(p, first))
			e.run(apply...)
			p.Reset()
			for _, same := range []string{
				`{"c":{"z":9007199254740993,"y":10000000000000000000000,"x":"é"},"b":[1000,true,null],"a":1}`,
				` { "a" : 1.0, "b" : [1e3, true, null], "c" : {"x": "\u00e9", "y": 1e22, "z": 9007199254740993} } `,
				`{"a":1e0,"b":[1000.0,true,null],"c":{"x":"e\u0301","y":1E+22,"z":9007199254740993}}`,
			} {
				e.write(s.jsonBlock(p, same))
				if r := e.try("plan", "-detailed-exitcode"); r.Code != 0 {
					t.Errorf("%s is not the same: %s", same, r)
				}
			}
			wantWrites(t, p.Cortex)
			for _, other := range []string{
				`{"a":2,"b":[1000,true,null],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740993}}`,
				`{"a":"2","b":[1000,true,null],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740993}}`,
				`{"a":"2","b":[1000,true],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740993}}`,
				`{"a":"2","b":[true,1000],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740993}}`,
				`{"a":"2","b":[true,1000],"c":{"x":"é","y":10000000000000000000000,"z":9007199254740992}}`,
				`{"a":"2","b":[true,1000],"c":{"x":"É","y":10000000000000000000000,"z":9007199254740992}}`,
				`{"a":"2","b":[true,1000],"c":{"x":"É","y":10000000000000000000000}}`,
			} {
				p.Reset()
				e.write(s.jsonBlock(p, other))
				e.run(apply...)
				wantWrites(t, p.Cortex, s.put())
				if !strings.Contains(e.state(), fmt.Sprintf("%q: %s", s.json, jsonOf(other))) {
					t.Errorf("the state does not hold %s:\n%s", other, e.state())
				}
			}
			e.wantNoChanges()
			e.run(destroy...)
		})
	}
}

// Cortex answers 200 to a PUT that changes 1 into true, and keeps the 1. Two PUTs make it arrive, whatever else changes with it.
func TestPropertiesThatCortexLoses(t *testing.T) {
	t.Parallel()
	for _, s := range withJSON {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			for _, test := range []struct {
				from, to string
				puts     int
			}{
				{`{"k":1}`, `{"k":true}`, 3},
				{`{"k":true}`, `{"k":1}`, 3},
				{`{"k":[0,{"x":1}]}`, `{"k":[false,{"x":true}]}`, 3},
				{`{"k":1,"_":1}`, `{"k":true,"_":1}`, 3},
				{`{"k":1,"l":1}`, `{"k":true,"l":2}`, 1},
				{`{"k":0}`, `{"k":null}`, 1},
				{`{"k":1}`, `{}`, 1},
				{`{}`, ``, 1},
			} {
				e.write(s.jsonBlock(p, test.from))
				e.run(apply...)
				p.Reset()
				e.write(s.jsonBlock(p, test.to))
				e.run(apply...)
				if test.to == "" && !s.nullable() {
					test.puts = 0
				}
				if puts := p.Count("PUT", s.path); puts != test.puts || len(p.Writes()) != puts {
					t.Errorf("from %s to %s: %d PUTs, want %d: %q", test.from, test.to, puts, test.puts, paths(p.Writes()))
				}
				want := any(nil)
				if test.to != "" {
					want = decoded(test.to)
				}
				s.wantFields(p, s.only(p), s.minimal.with(s.json, want))
				p.Reset()
				e.wantNoChanges()
				wantWrites(t, p.Cortex)
			}

			// Also when somebody else does it, and with other changes.
			id := s.only(p)
			e.write(s.jsonBlock(p, `{"k":1}`))
			e.run(apply...)
			s.changed(p, id, attributes{s.json: attributes{}})
			s.changed(p, id, attributes{s.json: attributes{"k": true}})
			if r := e.try("plan", "-detailed-exitcode"); r.Code != 2 {
				t.Errorf("the plan does not see true for 1: %s", r)
			}
			e.run(apply...)
			s.wantFields(p, id, s.minimal.with(s.json, attributes{"k": 1}))
			e.write(s.block(p, s.full.with(s.json, attributes{"k": true})))
			e.run(apply...)
			s.wantFields(p, id, s.full.with(s.json, attributes{"k": true}))
			e.wantNoChanges()
			e.run(destroy...)
		})
	}
}

// What Cortex cannot keep, or what would spoil its lists, is refused by validate, at the attribute.
func TestPropertiesValidation(t *testing.T) {
	t.Parallel()
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e := newEngine(t, nil)
	const cannotStore = ", which Cortex cannot store."
	var body strings.Builder
	var want []problem
	n := 0
	for _, s := range withJSON {
		for text, detail := range map[string]string{
			`[]`:                       "It is no JSON object; jsonencode({…}) makes one.",
			`null`:                     "It is no JSON object; jsonencode({…}) makes one.",
			`"a"`:                      "It is no JSON object; jsonencode({…}) makes one.",
			`1`:                        "It is no JSON object; jsonencode({…}) makes one.",
			``:                         "It is not JSON: EOF.",
			`{"a":`:                    "It is not JSON: unexpected EOF.",
			`{"a":1} x`:                "It is not JSON: something follows the value.",
			`{"a":"\u0000"}`:           "It contains a NUL character, which Cortex cannot store on every database.",
			`{"a\u0000":1}`:            "It contains a NUL character, which Cortex cannot store on every database.",
			`{"a":"\ud800"}`:           `It contains half of a character, \ud800` + cannotStore,
			`{"a":["\udc00\ud800"]}`:   `It contains half of a character, \udc00` + cannotStore,
			`{"\ud83dx":1}`:            `It contains half of a character, \ud83d` + cannotStore,
			`{"a":1e400}`:              "It contains the number 1e400, which is outside of what Cortex can keep.",
			`{"a":[{"b":-1e309}]}`:     "It contains the number -1e309, which is outside of what Cortex can keep.",
			`{"a":"\\ud800"}`:          "",
			`{"a":"\ud83d\ude00"}`:     "",
			`{"a":1e-400,"b":1.5e308}`: "",
		} {
			n++
			body.WriteString(strings.Replace(s.block(p, s.minimal.with(s.json, text)), `"test"`, fmt.Sprintf("\"p%d\"", n), 1))
			if detail != "" {
				want = append(want, problem{Summary: "Invalid " + s.json, Detail: detail, At: s.json})
			}
		}
	}
	slices.SortFunc(want, func(a, b problem) int { return strings.Compare(a.Summary+a.Detail, b.Summary+b.Detail) })
	e.write(body.String())
	e.wantProblems([]string{"validate"}, want...)

	// An engine's own NUL.
	e.write(strings.Replace(editable[0].block(p, editable[0].minimal), "}", "  properties = jsonencode({ a = \"\\u0000\" })\n}", 1))
	e.wantProblems([]string{"validate"}, problem{Summary: "Invalid properties", Detail: "It contains a NUL character, which Cortex cannot store on every database.", At: "properties"})
}
