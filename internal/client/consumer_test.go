package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	consumerA = "0b8b1c7e-6f0a-4e53-9d5c-7a5c0c1f9a01"
	groupA    = "5d0a8a3e-54a3-4b0e-8a53-0f4f7b7c9b02"
	groupB    = "9e4f3e0c-1a2b-4c3d-8e5f-6a7b8c9d0e03"
)

// consumer is Cortex's answer about consumerA in envA.
func consumer(properties string, groups ...string) string {
	for i, id := range groups {
		groups[i] = fmt.Sprintf(`{"id":%q,"name":"group %s","description":null}`, id, id[:4])
	}
	return fmt.Sprintf(`{"id":%q,"environment_id":%q,"first_name":"Ann","last_name":"","email":"ann@example.com","organization":null,"properties":%s,"groups":[%s],`+
		`"created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05.000001"}`, consumerA, envA, properties, strings.Join(groups, ","))
}

var ann = Consumer{ID: consumerA, EnvironmentID: envA, FirstName: "Ann", Email: "ann@example.com"}

func TestNormalEmail(t *testing.T) {
	for text, want := range map[string]string{
		"ann@example.com":               "ann@example.com",
		"Ann.B+tag@Example.COM":         "Ann.B+tag@example.com",
		"  ann@example.com ":            "ann@example.com",
		"ann@BÜCHER.example":            "ann@bücher.example",
		"ann@xn--bcher-kva.example":     "ann@bücher.example",
		"ann@xn--BCHER-KVA.EXAMPLE":     "ann@bücher.example",
		"e\u0301@example.com":           "é@example.com",
		"a@b.c.example.com":             "a@b.c.example.com",
		"ann":                           "",
		"@example.com":                  "",
		"ann@":                          "",
		"ann@localhost":                 "",
		"ann@host":                      "",
		"ann@example.test":              "",
		"ann@example.com.":              "",
		"ann@example..com":              "",
		"ann@[127.0.0.1]":               "",
		`"ann b"@example.com`:           "",
		"ann b@example.com":             "",
		"Ann <ann@example.com>":         "",
		"ann@exa mple.com":              "",
		".ann@example.com":              "",
		"ann.@example.com":              "",
		"a..b@example.com":              "",
		"ann@example.com,b@example.com": "",
	} {
		got, err := NormalEmail(text)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
		if again, err := NormalEmail(got); want != "" && (again != got || err != nil) {
			t.Errorf("%q is normal, but becomes %q, %v", got, again, err)
		}
	}
	if !SameEmail("Ann@EXAMPLE.com", "Ann@example.COM") || SameEmail("Ann@example.com", "ann@example.com") || !SameEmail("no address", "no address") {
		t.Error("addresses are compared otherwise than Cortex does")
	}
}

// An update says all that the object shall have, changed or not, but its address: Cortex would clear properties, and what the state says
// may be old.
func TestUpdateOfAConsumer(t *testing.T) {
	with := func(change func(*Consumer)) Consumer {
		c := ann
		c.Organization, c.Properties = "Acme", json.RawMessage(`{"a":1}`)
		change(&c)
		return c
	}
	have := with(func(*Consumer) {})
	answered := strings.Replace(consumer(`{"a":1}`), `"organization":null`, `"organization":"Acme"`, 1)
	for name, test := range map[string]struct {
		want         Consumer
		sent, answer string
	}{
		"a text": {with(func(c *Consumer) { c.LastName = "Lee" }), `{"first_name":"Ann","last_name":"Lee","organization":"Acme","properties":{"a":1}}`,
			strings.Replace(answered, `"last_name":""`, `"last_name":"Lee"`, 1)},
		"a text cleared": {with(func(c *Consumer) { c.Organization = "" }), `{"first_name":"Ann","last_name":"","organization":"","properties":{"a":1}}`,
			strings.Replace(answered, `"organization":"Acme"`, `"organization":""`, 1)},
		"properties cleared": {with(func(c *Consumer) { c.Properties = nil }), `{"first_name":"Ann","last_name":"","organization":"Acme","properties":null}`,
			strings.Replace(answered, `{"a":1}`, `null`, 1)},
	} {
		s := newScript(t, jsonAnswer(200, test.answer))
		c := s.client(t)
		if _, err := c.Consumers.Update(context.Background(), have, test.want); err != nil || s.calls[0].body != test.sent {
			t.Errorf("%s: sent %s, want %s; %v", name, s.calls[0].body, test.sent, err)
		}
		s.done()
		if !c.Consumers.Changes(have, test.want) {
			t.Errorf("%s is no change", name)
		}
	}
	for name, same := range map[string]Consumer{
		"the same":         have,
		"other spelling":   with(func(c *Consumer) { c.Properties = json.RawMessage(`{ "a" : 1.0 }`) }),
		"groups, or times": with(func(c *Consumer) { c.Groups, c.UpdatedAt = []ConsumersGroup{{ID: groupA}}, "x" }),
	} {
		if Failing(nil).Consumers.Changes(have, same) {
			t.Errorf("%s is a change", name)
		}
	}
}

// Cortex keeps an old value that Python takes for equal to the new one: such an update is sent in two steps.
func TestUpdateThatCortexLoses(t *testing.T) {
	have, want := ann, ann
	have.Properties, want.Properties = json.RawMessage(`{"a":1,"_":0}`), json.RawMessage(`{"a":true,"_":0}`)
	lost, aside, arrived := jsonAnswer(200, consumer(`{"a":1,"_":0}`)), jsonAnswer(200, consumer(`{"a":true,"_":0,"__":0}`)), jsonAnswer(200, consumer(`{"a":true,"_":0}`))
	s := newScript(t, lost, aside, arrived)
	got, err := s.client(t).Consumers.Update(context.Background(), have, want)
	if err != nil || !SameJSON(string(got.Properties), string(want.Properties)) {
		t.Errorf("got %s, %v", got.Properties, err)
	}
	if !strings.HasSuffix(s.calls[1].body, `"properties":{"_":0,"__":0,"a":true}}`) || !strings.HasSuffix(s.calls[2].body, `"properties":{"_":0,"a":true}}`) {
		t.Errorf("sent %v", s.calls)
	}
	s.done()

	s = newScript(t, lost, aside, lost) // somebody else, at the same moment
	if _, err := s.client(t).Consumers.Update(context.Background(), have, want); err == nil {
		t.Error("an update that did not arrive passes for one that did")
	}
	s.done()
}

func TestDeleteOfAConsumerThatIsGone(t *testing.T) {
	failed := text(500, "500: Failed to delete consumer")
	gone := text(404, "Consumer with ID "+consumerA+" does not exist")
	there := jsonAnswer(200, consumer("null"))
	ref := ann.Ref()
	for name, test := range map[string]struct {
		steps []http.HandlerFunc
		fails bool
	}{
		"gone":                       {[]http.HandlerFunc{failed, gone}, false},
		"gone, head":                 {[]http.HandlerFunc{text(500, "Consumer with ID "+consumerA+" not found")}, false},
		"there, and the next works":  {[]http.HandlerFunc{failed, there, answer(204, "application/json", "")}, false},
		"there, and none works":      {[]http.HandlerFunc{failed, there, failed, there, failed, there, failed, there}, true},
		"the look fails, then works": {[]http.HandlerFunc{failed, text(400, "no"), answer(204, "application/json", "")}, false},
		"another one is gone":        {[]http.HandlerFunc{failed, text(404, "Consumer with ID "+groupA+" does not exist"), answer(204, "application/json", "")}, false},
	} {
		s := newScript(t, test.steps...)
		if err := s.client(t).Consumers.Delete(context.Background(), ref); (err != nil) != test.fails {
			t.Errorf("%s: %v", name, err)
		}
		s.done()
	}
}

// An answer from another place than was said is an error of its own, for every request about one object.
func TestConsumerOfAnotherEnvironment(t *testing.T) {
	s := newScript(t, jsonAnswer(200, consumer("null")))
	_, err := s.client(t).Consumers.Get(context.Background(), wsA, consumerA)
	var elsewhere *ElsewhereError
	if !errors.As(err, &elsewhere) || elsewhere.Ref.Scope != envA || elsewhere.Said != wsA {
		t.Errorf("got %v", err)
	}
	s.done()
}
