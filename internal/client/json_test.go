package client

import (
	"encoding/json"
	"math"
	"testing"
)

func TestSameJSON(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[true,null]}`, ` { "b" : [ true, null ], "a" : 1.0 } `, true},
		{`1e22`, `10000000000000000000000`, true}, // as PostgreSQL shows it
		{`1.50`, `1.5`, true},
		{`-0.0`, `0`, true},
		{`3.14159265358979323846`, `3.141592653589793`, true},
		{`9007199254740993`, `9007199254740992`, false}, // integers are exact
		{`9007199254740993`, `9007199254740993`, true},
		{`1`, `true`, false},
		{`0`, `false`, false},
		{`""`, `null`, false},
		{`{}`, `null`, false},
		{`{"a":null}`, `{}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`"\u00e9"`, `"é"`, true},
		{"\"e\u0301\"", `"é"`, true},
		{`{"a":1}`, `{"a":1} x`, false},
		{`{`, `{`, false},
	} {
		if got := SameJSON(test.a, test.b); got != test.want || SameJSON(test.b, test.a) != test.want {
			t.Errorf("%s and %s: %t", test.a, test.b, got)
		}
	}
}

func TestCheckJSON(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":[1,"x",null,1.5e300]}`: true,
		`"\ud83d\ude80"`:             true,
		`"\\ud800"`:                  true, // a backslash and letters
		`"\\\\u0000"`:                true,
		`"\u00e9\ud83d\ude80"`:       true,
		`"\ud800"`:                   false,
		`"\ud800x"`:                  false,
		`"\ude00"`:                   false,
		`"\ud800\ud800"`:             false,
		`{"\ud800":1}`:               false,
		`"\u0000"`:                   false,
		`1e400`:                      false,
		`{"a":[{"b":-1e400}]}`:       false,
		`{`:                          false,
		``:                           false,
		`1 2`:                        false,
	} {
		if err := CheckJSON(text); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzJSON holds what is taken for JSON that Cortex keeps, and what is the same, to Go's own decoder.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a":1}`, `[1,1.0,true]`, `"\ud83d\ude80"`, `"\ud800"`, `"\u0000"`, `1e400`, `"\\u0000"`, ` null `} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckJSON(text) != nil {
			return
		}
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%q is taken for JSON, but %v", text, err)
		}
		walk(value, func(leaf any) {
			if n, ok := leaf.(float64); ok && math.IsInf(n, 0) {
				t.Errorf("%q holds a number that is too large", text)
			}
		})
		if !SameJSON(text, text) {
			t.Errorf("%q is not the same as itself", text)
		}
	})
}

func walk(value any, visit func(any)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			walk(item, visit)
		}
	case map[string]any:
		for _, item := range value {
			walk(item, visit)
		}
	default:
		visit(value)
	}
}
