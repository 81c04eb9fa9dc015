package cortextest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A consumerKind is consumers or consumer groups, for what both have to do.
type consumerKind struct {
	name, path, list string
	texts            []string           // the fields that take any text, in the order in which Cortex checks them
	optional         []string           // those of them that may be null
	body             func(n int) fields // what a create needs, another one for each n
	taken            string             // the beginning of the sentence about the body of 1 that is there
}

var consumerKinds = []consumerKind{
	{
		name: "Consumer", path: "/consumers", list: "/environments/%s/consumers",
		texts: []string{"first_name", "last_name", "organization"}, optional: []string{"organization"},
		body: func(n int) fields {
			return fields{}.with("first_name", `"F"`).with("last_name", `"L"`).with("email", fmt.Sprintf(`"c%d@example.com"`, n))
		},
		taken: "Consumer with email c1@example.com already exists in environment ",
	},
	{
		name: "Consumer group", path: "/consumers/groups", list: "/environments/%s/consumers/groups",
		texts: []string{"name", "description", "alias"}, optional: []string{"description", "alias"},
		body:  func(n int) fields { return fields{}.with("name", fmt.Sprintf(`"g%d"`, n)) },
		taken: "Consumer group with name 'g1' already exists in environment ",
	},
}

// A fields is a body or an answer: each field as the JSON that is sent or shown.
type fields map[string]json.RawMessage

// with is a body with one field more, or with another value of it. Without a value the field is absent.
func (f fields) with(field, value string) fields {
	f = maps.Clone(f)
	if f[field] = json.RawMessage(value); value == "" {
		delete(f, field)
	}
	return f
}

func (f fields) in(environment string) fields { return f.with("environment_id", `"`+environment+`"`) }

// text is the value of a field that is a text.
func (f fields) text(field string) (s string) {
	_ = json.Unmarshal(f[field], &s)
	return s
}

// String is for comparisons and messages.
func (f fields) String() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "%s:%s ", k, f[k])
	}
	return b.String()
}

// eachConsumerKind runs a part of the contract for both kinds, each time in a new environment.
func (s *suite) eachConsumerKind(t *testing.T, part string, run func(t *testing.T, k consumerKind, env string)) {
	for _, k := range consumerKinds {
		t.Run(k.name, func(t *testing.T) { run(t, k, s.newEnvironment(part+", "+k.name)) })
	}
}

func (s *suite) newEnvironment(name string) string {
	return s.CreateEnvironment(s.CreateWorkspace(s.Name(name), nil).ID, "e", nil).ID
}

// ask sends a request and returns the fields of the answer. Another status, or another text of a refusal, fails the test.
func (s *suite) ask(t *testing.T, method, path string, body fields, status int, refusal string) (answer fields) {
	t.Helper()
	got, text := s.Do(method, path, body.json())
	shown := string(text)
	if head, open := strings.CutSuffix(refusal, "…"); open && strings.HasPrefix(shown, head) {
		shown = refusal
	}
	if got != status || status >= 400 && shown != refusal {
		t.Errorf("%s %s %.300s\n got %d %.600s\nwant %d %.600s", method, path, body, got, text, status, refusal)
	}
	if got < 300 && len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Errorf("%s %s %.300s: %v in %s", method, path, body, err, text)
		}
	}
	return answer
}

// json writes the values as they are: encoding/json would repair what must stay broken.
func (f fields) json() any {
	if f == nil {
		return nil
	}
	pairs := make([]string, 0, len(f))
	for _, k := range slices.Sorted(maps.Keys(f)) {
		pairs = append(pairs, fmt.Sprintf("%q:%s", k, f[k]))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// make creates an object, and put changes one. GET and the list must show what they answer.
func (s *suite) make(t *testing.T, k consumerKind, env string, body fields) (answer fields, path string) {
	t.Helper()
	answer = s.ask(t, "POST", k.path, body.in(env), 201, "")
	path = k.path + "/" + answer.text("id")
	s.agree(t, k, env, path, answer)
	return answer, path
}

func (s *suite) put(t *testing.T, k consumerKind, env, path string, change fields) (answer fields) {
	t.Helper()
	answer = s.ask(t, "PUT", path, change, 200, "")
	s.agree(t, k, env, path, answer)
	return answer
}

func (s *suite) agree(t *testing.T, k consumerKind, env, path string, answer fields) {
	t.Helper()
	if got := s.ask(t, "GET", path, nil, 200, ""); got.String() != answer.String() {
		t.Errorf("GET shows\n%.600s\nafter\n%.600s", got, answer)
	}
	var all []fields
	s.do("GET", fmt.Sprintf(k.list, env), nil, 200, &all)
	if !slices.ContainsFunc(all, func(f fields) bool { return f.String() == answer.String() }) {
		t.Errorf("the list does not show\n%.600s", answer)
	}
}

func wrongType(field, kind, msg, input string) string {
	return fmt.Sprintf("[{'type': '%s', 'loc': ('body', '%s'), 'msg': '%s', 'input': %s}]", kind, field, msg, input)
}

func noText(field, input string) string {
	return wrongType(field, "string_type", "Input should be a valid string", input)
}

func missing(field string) string {
	return fmt.Sprintf("[{'type': 'missing', 'loc': ('body', '%s'), 'msg': 'Field required', 'input': {…", field)
}

// contractConsumerTexts sends each text as null, absent, "" and more, in creates and in updates.
func contractConsumerTexts(t *testing.T, s *suite) { s.eachConsumerKind(t, "texts", s.contractTexts) }

func (s *suite) contractTexts(t *testing.T, k consumerKind, env string) {
	n := 0
	next := func() fields { n++; return k.body(n) }
	for _, field := range k.texts {
		_, path := s.make(t, k, env, next().with(field, `"old"`))
		set := func(value string) fields { return fields{}.with(field, value) }

		for _, value := range []string{"", "null"} {
			body := next().with(field, value)
			switch {
			case slices.Contains(k.optional, field):
				if made, _ := s.make(t, k, env, body); string(made[field]) != "null" {
					t.Errorf("%s %q is created as %s", field, value, made[field])
				}
			case value == "":
				s.ask(t, "POST", k.path, body.in(env), 400, missing(field))
			default:
				s.ask(t, "POST", k.path, body.in(env), 400, noText(field, "None"))
			}
			if changed := s.put(t, k, env, path, set(value)); changed.text(field) != "old" {
				t.Errorf("a PUT of %s %q makes it %s", field, value, changed[field])
			}
		}
		// And how Python shows them.
		for value, shown := range map[string]string{`1`: "1", `true`: "True", `["x"]`: "['x']", `{"a":null}`: "{'a': None}"} {
			s.ask(t, "POST", k.path, next().with(field, value).in(env), 400, noText(field, shown))
			s.ask(t, "PUT", path, set(value), 400, noText(field, shown))
		}
		for _, value := range []string{`""`, `" x "`, `"é"`, `"e` + "\u0301" + `"`, `"a\nb\r\n\t"`, `"😀 it's \"<&>\\"`, `"` + strings.Repeat("z", 10000) + `"`} {
			if made, _ := s.make(t, k, env, next().with(field, value)); string(made[field]) != value {
				t.Errorf("%s %.100s is created as %.100s", field, value, made[field])
			}
			if changed := s.put(t, k, env, path, set(value)); string(changed[field]) != value {
				t.Errorf("a PUT of %s %.100s makes it %.100s", field, value, changed[field])
			}
		}
		if s.put(t, k, env, path, set(`""`)); s.put(t, k, env, path, set("null")).text(field) != "" {
			t.Errorf("a PUT of null changes the empty %s", field)
		}

		const nul, surrogate = `"a\u0000b"`, `"a\ud800"`
		if s.nul {
			s.make(t, k, env, next().with(field, nul))
		} else {
			const refusal = "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: "
			s.ask(t, "POST", k.path, next().with(field, nul).in(env), 500, refusal+"…")
			s.ask(t, "PUT", path, set(nul), 500, refusal+"UPDATE …")
		}
		const encoding = `'utf-8' codec can't encode character '\ud800' in position 1: surrogates not allowed`
		s.ask(t, "POST", k.path, next().with(field, surrogate).in(env), 500, encoding)
		s.ask(t, "PUT", path, set(surrogate), 500, encoding)
	}

	all, refusals := fields{}, []string{}
	for _, field := range k.texts {
		all = all.with(field, "1")
		refusals = append(refusals, strings.Trim(noText(field, "1"), "[]"))
	}
	s.ask(t, "PUT", k.path+"/"+none, all, 400, "["+strings.Join(refusals, ", ")+"]")
}

// contractConsumerCreates is about everything in a create that is no text.
func contractConsumerCreates(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "creates", func(t *testing.T, k consumerKind, env string) {
		s.ask(t, "GET", fmt.Sprintf(k.list, none), nil, s.missing, "Environment with ID "+none+" does not exist in the database")
		s.ask(t, "POST", k.path, k.body(1), 400, missing("environment_id"))
		s.ask(t, "POST", k.path, k.body(1).with("environment_id", "null"), 400, wrongType("environment_id", "uuid_type", "UUID input should be a string, bytes or UUID object", "None"))
		s.ask(t, "POST", k.path, k.body(1).in(none), s.missing, "Environment with ID "+none+" does not exist in the database")

		first, path := s.make(t, k, env, k.body(1).with("id", `"`+none+`"`).with("created_at", `"2000-01-01T00:00:00"`).with("groups", "[1]").with("foo", "{}"))
		if first.text("id") == none || first.text("created_at") < "2001" || first["foo"] != nil || first.text("created_at") == first.text("updated_at") {
			t.Errorf("a create sets what is the server's: %s", first)
		}
		s.ask(t, "POST", k.path, k.body(1).in(env), s.taken, k.taken+env)
		s.make(t, k, s.newEnvironment("another of "+k.name), k.body(1)) // unique in the environment alone
		s.ask(t, "GET", k.path+"/"+strings.ToUpper(first.text("id")), nil, 200, "")
		s.ask(t, "GET", k.path+"/"+none, nil, s.missing, k.name+" with ID "+none+" does not exist")
		s.ask(t, "DELETE", path, nil, 204, "")
		s.make(t, k, env, k.body(1)) // what is gone can be made again

		if !s.longNames && k.name == "Consumer group" {
			for length, refusal := range map[int]string{4000: "index row size 4016 exceeds btree version 4 maximum 2704 for index \"ix_consumer_groups_name\"", 12000: "index row requires 12016 bytes, maximum size is 8191"} {
				name, _ := json.Marshal(noise(length))
				s.ask(t, "POST", k.path, k.body(2).with("name", string(name)).in(env), 500, "(psycopg.errors.ProgramLimitExceeded) "+refusal+"\n…")
			}
		}
	})
}

// contractConsumerUpdates is about what an update ignores, and when it is one.
func contractConsumerUpdates(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "updates", func(t *testing.T, k consumerKind, env string) {
		var paths []string
		var before fields
		for n := range 3 {
			made, path := s.make(t, k, env, k.body(n+1).with(k.optional[0], `"o"`).with("properties", `{"k":1}`))
			paths = append(paths, path)
			before = made
		}
		path, same := paths[2], k.body(3).with("properties", `{"k":1}`)
		for _, change := range []fields{same, same.with(k.optional[0], `"o"`), same.with("environment_id", `"`+none+`"`).with("id", "1").with("created_at", "1").with("foo", "[]"), same.in(s.newEnvironment("a move of " + k.name))} {
			if after := s.put(t, k, env, path, change); after.String() != before.String() {
				t.Errorf("after a PUT of %s without a change\n got %s\nwant %s", change, after, before)
			}
		}
		after := s.put(t, k, env, path, same.with(k.optional[0], `"p"`))
		if after.text("updated_at") <= before.text("updated_at") || after.text("created_at") != before.text("created_at") {
			t.Errorf("a change leaves the times at %s, they were %s", after, before)
		}
		if cleared := s.put(t, k, env, path, fields{}); string(cleared["properties"]) != "null" || cleared.text(k.optional[0]) != "p" || cleared.text("updated_at") == after.text("updated_at") {
			t.Errorf("a PUT of nothing makes %s of %s", cleared, after)
		}

		// Only creates look for twins.
		s.put(t, k, env, paths[1], k.body(1))
		s.ask(t, "POST", k.path, k.body(1).in(env), s.taken, k.taken+env)
		s.make(t, k, env, k.body(2))

		var listed []struct{ ID string }
		s.do("GET", fmt.Sprintf(k.list, env), nil, 200, &listed)
		order := []string{}
		for _, o := range listed[:3] {
			order = append(order, k.path+"/"+o.ID)
		}
		want := paths
		if s.putMovesLast {
			want = []string{paths[0], paths[2], paths[1]}
		}
		if !slices.Equal(order, want) && !(s.putMovesLast && s.IsReal()) { // there a row may move into any gap
			t.Errorf("after PUTs of the third and the second, %v are listed as %v", paths, order)
		}

		s.ask(t, "PUT", k.path+"/"+none, k.body(1), s.missing, k.name+" with ID "+none+" does not exist")
		s.ask(t, "PUT", k.path+"/abc", k.body(1), 400, "[{'type': 'uuid_parsing', 'loc': ('path', …")
		s.ask(t, "PUT", path, nil, 400, "[{'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}]")
	})
}

// contractConsumerDeletion deletes what is gone, and an environment under what stays.
func contractConsumerDeletion(t *testing.T, s *suite) {
	s.eachConsumerKind(t, "deletion", func(t *testing.T, k consumerKind, env string) {
		_, path := s.make(t, k, env, k.body(1))
		id := strings.TrimPrefix(path, k.path+"/")
		s.ask(t, "DELETE", path, nil, 204, "")
		refusal := "500: Failed to delete " + strings.ToLower(k.name)
		if s.deleteUnknown != "" {
			refusal = k.name + " with ID " + id + " " + s.deleteUnknown
		}
		s.ask(t, "DELETE", path, nil, 500, refusal)
		s.ask(t, "GET", path, nil, s.missing, k.name+" with ID "+id+" does not exist")
		s.ask(t, "PUT", path, fields{}, s.missing, k.name+" with ID "+id+" does not exist")

		_, path = s.make(t, k, env, k.body(2))
		if s.foreignKeys {
			s.ask(t, "DELETE", "/environments/"+env, nil, 500, "(psycopg.errors.ForeignKeyViolation) update or delete on table \"environments\" violates foreign key constraint …")
			s.put(t, k, env, path, k.body(3))
			return
		}
		s.ask(t, "DELETE", "/environments/"+env, nil, 204, "")
		s.ask(t, "GET", fmt.Sprintf(k.list, env), nil, s.missing, "Environment with ID "+env+" does not exist in the database")
		s.ask(t, "POST", k.path, k.body(4).in(env), s.missing, "Environment with ID "+env+" does not exist in the database")
		s.ask(t, "GET", path, nil, 200, "")
		s.ask(t, "PUT", path, k.body(3), 200, "")
		s.ask(t, "DELETE", path, nil, 204, "")
	})
}
