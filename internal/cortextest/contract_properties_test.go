package cortextest

import (
	"fmt"
	"strings"
	"testing"
)

// contractProperties is about what becomes of JSON in properties.
func contractProperties(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "properties", func(t *testing.T, k consumerKind, env string) {
		n := 0
		next := func() fields { n++; return k.body(n) }
		_, path := s.make(t, k, env, next())
		for _, c := range []struct{ sent, shown string }{
			{"", "null"},
			{"null", "null"},
			{`{}`, `{}`},
			{`{"k":null,"":1}`, `{"k":null,"":1}`},
			{`{"zz":1,"a":{"y":[],"x":{}},"b":[true,"s",""]}`, `{"zz":1,"a":{"y":[],"x":{}},"b":[true,"s",""]}`},
			{`{ "k" : {"b":1, "a":2, "b":3} }`, `{"k":{"b":3,"a":2}}`},
			{`{"k":[1,1.0,1.50,1e3,1E+2,1e-7,1e16,1e22,-0.0,-0,0.1]}`, `{"k":[1,1.0,1.5,1000.0,100.0,1e-07,1e+16,1e+22,-0.0,0,0.1]}`},
			{`{"k":[9007199254740993,18446744073709551615,123456789012345678901234567890,3.14159265358979323846]}`,
				`{"k":[9007199254740993,18446744073709551615,123456789012345678901234567890,3.141592653589793]}`},
			{`{"k":"a\u0000b<>&\u2028é\u0065\u0301\ud83d\ude00"}`, "{\"k\":\"a\\u0000b<>&\u2028ée\u0301😀\"}"},
		} {
			if made, _ := s.make(t, k, env, next().with("properties", c.sent)); string(made["properties"]) != c.shown {
				t.Errorf("properties %s are created as %s, want %s", c.sent, made["properties"], c.shown)
			}
			s.put(t, k, env, path, fields{}.with("properties", `{"replaced":true}`))
			if changed := s.put(t, k, env, path, fields{}.with("properties", c.sent)); string(changed["properties"]) != c.shown {
				t.Errorf("a PUT of properties %s makes them %s, want %s", c.sent, changed["properties"], c.shown)
			}
		}
		for value, shown := range map[string]string{`1`: "1", `true`: "True", `["x"]`: "['x']", `"{}"`: "'{}'"} {
			refusal := wrongType("properties", "dict_type", "Input should be a valid dictionary", shown)
			s.ask(t, "POST", k.path, next().with("properties", value).in(env), 400, refusal)
			s.ask(t, "PUT", path, fields{}.with("properties", value), 400, refusal)
		}
	})
}

// contractEqualProperties is about updates that Cortex takes for none, since Python calls old and new equal.
func contractEqualProperties(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "equal properties", func(t *testing.T, k consumerKind, env string) {
		_, path := s.make(t, k, env, k.body(1))
		set := func(value string) fields { return fields{}.with("properties", value) }
		for _, c := range []struct {
			old, new string
			lost     bool
		}{
			{`{"k":1}`, `{"k":true}`, true},
			{`{"k":true}`, `{"k":1}`, true},
			{`{"k":false}`, `{"k":0}`, true},
			{`{"k":0}`, `{"k":-0.0}`, true},
			{`{"k":1}`, `{"k":1.0}`, true},
			{`{"k":1.0}`, `{"k":true}`, true},
			{`{"k":[1,[0]]}`, `{"k":[true,[false]]}`, true},
			{`{"k":{"x":1}}`, `{"k":{"x":true}}`, true},
			{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
			{`{"k":10000000000000000000000}`, `{"k":1e22}`, true},
			{`{"k":9007199254740993}`, `{"k":9007199254740992.0}`, false},
			{`{"k":1}`, `{"k":"1"}`, false},
			{`{"k":1}`, `{"k":2}`, false},
			{`{"k":[1]}`, `{"k":[1,1]}`, false},
			{`{"k":null}`, `{"k":false}`, false},
			{`{"k":null}`, `{}`, false},
			{`{"k":""}`, `{"k":null}`, false},
			{`{}`, `null`, false},
			{`null`, `{}`, false},
		} {
			s.put(t, k, env, path, set(`{"other":1}`))
			before := s.put(t, k, env, path, set(c.old))
			after := s.put(t, k, env, path, set(c.new))
			if lost := after.String() == before.String(); lost != c.lost {
				t.Errorf("a PUT of %s makes %s of %s", c.new, after, before)
			}
		}

		// A change beside it is made alone.
		s.put(t, k, env, path, set(`{"k":1}`))
		if after := s.put(t, k, env, path, set(`{"k":true}`).with(k.optional[0], `"changed"`)); string(after["properties"]) != `{"k":1}` || after.text(k.optional[0]) != "changed" {
			t.Errorf("after a PUT of true for 1 and a text: %s", after)
		}
		// Two steps lose nothing.
		s.put(t, k, env, path, set(`{"k":true,"_":0}`))
		if after := s.put(t, k, env, path, set(`{"k":true}`)); string(after["properties"]) != `{"k":true}` {
			t.Errorf("after two PUTs: %s", after)
		}
	})
}

// contractPoison is about values that are JSON for Python alone. A lone surrogate is stored, and then nothing can be shown that holds it.
func contractPoison(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "poison", func(t *testing.T, k consumerKind, env string) {
		_, path := s.make(t, k, env, k.body(1).with("properties", `{"k":1}`))
		for i, c := range []struct{ number, token string }{{"1e400", "Infinity"}, {"-1e400", "-Infinity"}, {"NaN", "NaN"}} {
			value := `{"a":1,"k":[` + c.number + `]}`
			if s.noNumber {
				if made, _ := s.make(t, k, env, k.body(i+2).with("properties", value)); string(made["properties"]) != `{"a":1,"k":[null]}` {
					t.Errorf("%s is shown as %s", value, made["properties"])
				}
				continue
			}
			refusal := "(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"" + c.token + "\" is invalid.\n…"
			s.ask(t, "POST", k.path, k.body(i+2).with("properties", value).in(env), 500, refusal)
			s.ask(t, "PUT", path, fields{}.with("properties", value), 500, refusal)
		}
		s.ask(t, "PUT", path, fields{}.with("properties", `{"k":"\ud800"}`), 500, "Internal Server Error")
		s.ask(t, "GET", path, nil, 500, "Internal Server Error")
		s.ask(t, "GET", fmt.Sprintf(k.list, env), nil, 500, "Internal Server Error")
		if repaired := s.put(t, k, env, path, fields{}.with("properties", `{"\udfff":0}`)); string(repaired["properties"]) != "{\"\ufffd\ufffd\ufffd\":0}" {
			t.Errorf("a key that is no text is shown in %s", repaired["properties"])
		}
		poisoned := k.body(9).with("properties", `{"k":"\udfff"}`).in(env)
		s.ask(t, "POST", k.path, poisoned, 500, "Internal Server Error")
		s.ask(t, "POST", k.path, poisoned, s.taken, strings.Replace(k.taken, "1", "9", 1)+env) // it is there
	})
}
