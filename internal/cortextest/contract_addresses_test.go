package cortextest

import (
	"encoding/json"
	"strings"
	"testing"
)

// contractAddresses is about how a consumer's address is normalised and what is none.
func contractAddresses(t *testing.T, s *suite) {
	k, env := consumerKinds[0], s.newEnvironment("addresses")
	_, path := s.make(t, k, env, k.body(1))
	quoted := func(text string) string {
		b, _ := json.Marshal(text)
		return string(b)
	}
	long := strings.Repeat("x", 65) + "@example.com"
	for _, c := range []struct{ sent, kept string }{
		{"a@example.com", "a@example.com"},
		{"UP@EXAMPLE.COM", "UP@example.com"},
		{"INFO@Example.com", "info@example.com"}, // common mailboxes alone
		{"Info+x@example.com", "Info+x@example.com"},
		{" \ta1@example.com ", "a1@example.com"},
		{"a+b@example.com", "a+b@example.com"},
		{"o'neil.{x}@example.com", "o'neil.{x}@example.com"},
		{long, long},
		{"A B <a2@example.com>", "a2@example.com"},
		{`"A, B" <a3@example.com>`, "a3@example.com"},
		{"A. B<a4@example.com> ", "a4@example.com"},
		{"<a5@example.com>", "a5@example.com"},
		{"a6@exÄmple.com", "a6@exämple.com"},
		{"a7@xn--exmple-cua.com", "a7@exämple.com"},
		{"a8@XN--EXMPLE-CUA.com", "a8@exämple.com"},
		{"a9@exa\u0308mple.com", "a9@exämple.com"},
		{"a10@straße.de", "a10@straße.de"},
		{"a11@ｅx。ample.com", "a11@ex.ample.com"},
		{"a12@пример.испытание", "a12@пример.испытание"},
		{"a13@①.com", "a13@1.com"},
		{"e\u0301@example.com", "é@example.com"},
		{"\ufb01@example.com", "\ufb01@example.com"}, // no NFKC
	} {
		if changed := s.put(t, k, env, path, fields{}.with("email", quoted(c.sent))); changed.text("email") != c.kept {
			t.Errorf("a PUT of %q makes it %q, want %q", c.sent, changed.text("email"), c.kept)
		}
		s.put(t, k, env, path, fields{}.with("email", `"z@example.com"`))
		made, _ := s.make(t, k, env, k.body(1).with("email", quoted(c.sent)))
		if made.text("email") != c.kept {
			t.Errorf("%q is created as %q, want %q", c.sent, made.text("email"), c.kept)
		}
		for _, again := range []string{c.sent, c.kept} {
			s.ask(t, "POST", k.path, k.body(1).with("email", quoted(again)).in(env), s.taken, "Consumer with email "+c.kept+" already exists in environment "+env)
		}
	}

	for _, c := range []struct{ sent, reason string }{
		{"", "An email address must have an @-sign."},
		{"x", "An email address must have an @-sign."},
		{"@example.com", "There must be something before the @-sign."},
		{"a@", "There must be something after the @-sign."},
		{"a@localhost", "The part after the @-sign is not valid. It should have a period."},
		{"a@example", "The part after the @-sign is not valid. It should have a period."},
		{"a@example.test", "The part after the @-sign is a special-use or reserved name that cannot be used with email."},
		{"a@b.Local", "The part after the @-sign is a special-use or reserved name that cannot be used with email."},
		{"a@example.com.", "An email address cannot end with a period."},
		{"a@.example.com", "An email address cannot have a period immediately after the @-sign."},
		{"a@example..com", "An email address cannot have two periods in a row."},
		{"a..b@example.com", "An email address cannot have two periods in a row."},
		{".a@example.com", "An email address cannot start with a period."},
		{"a.@example.com", "An email address cannot have a period immediately before the @-sign."},
		{"a@-example.com", "An email address cannot have a hyphen immediately after the @-sign."},
		{"a@example-.com", "An email address cannot have a period and a hyphen next to each other."},
		{"a@ab--c.com", "An email address cannot have two letters followed by two dashes immediately after the @-sign or after a period, except Punycode."},
		{"a@127.0.0.1", "The part after the @-sign is not valid. It is not within a valid top-level domain."},
		{"a@[127.0.0.1]", "A bracketed IP address after the @-sign is not allowed here."},
		{`"q uoted"@example.com`, "Quoting the part before the @-sign is not allowed here."},
		{"a b@example.com", "The email address contains invalid characters before the @-sign: SPACE."},
		{`;a\,;@example.com`, `The email address contains invalid characters before the @-sign: "\", ',', ';'.`},
		{"a\x00@example.com", "The email address contains invalid characters before the @-sign: U+0000."},
		{"a@ex_ample.com", "The part after the @-sign contains invalid characters: '_'."},
		{"a@b@example.com", "The part after the @-sign contains invalid characters: '@'."},
		{"a@☃.com", "The part after the @-sign is invalid (Codepoint U+2603 at position 1 of '☃' not allowed)."},
		{"a@" + strings.Repeat("x", 64) + ".com", "After the @-sign, periods cannot be separated by so many characters (1 character too many)."},
		{strings.Repeat("x", 245) + "@example.com", "The email address is too long (3 characters too many)."},
		{strings.Repeat("x", 2049), "Length must not exceed 2048 characters"},
		{"a@example.com\n", "Carriage return and line feed characters are not allowed"},
	} {
		refusal := "[{'type': 'value_error', 'loc': ('body', 'email'), 'msg': " + quote("value is not a valid email address: "+c.reason) + ", 'input': " + quote(c.sent) + ", 'ctx': {'reason': " + quote(c.reason) + "}}]"
		s.ask(t, "POST", k.path, k.body(1).with("email", quoted(c.sent)).in(env), 400, refusal)
		s.ask(t, "PUT", path, fields{}.with("email", quoted(c.sent)), 400, refusal)
	}

	s.ask(t, "POST", k.path, k.body(1).with("email", "").in(env), 400, missing("email"))
	s.ask(t, "POST", k.path, k.body(1).with("email", "null").in(env), 400, noText("email", "None"))
	for value, shown := range map[string]string{`1`: "1", `false`: "False", `["a@example.com"]`: "['a@example.com']"} {
		s.ask(t, "POST", k.path, k.body(1).with("email", value).in(env), 400, noText("email", shown))
		s.ask(t, "PUT", path, fields{}.with("email", value), 400, noText("email", shown))
	}
	before := s.put(t, k, env, path, fields{}.with("email", `"z@example.com"`))
	for _, same := range []string{"", "null", `"z@EXAMPLE.com"`, `"Z <z@example.com>"`} {
		if after := s.put(t, k, env, path, fields{}.with("email", same)); after.String() != before.String() {
			t.Errorf("a PUT of the address %q makes %s of %s", same, after, before)
		}
	}
}
