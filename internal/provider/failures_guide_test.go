package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// The guide on failures quotes the messages as they are.
func TestFailuresGuide(t *testing.T) {
	data, err := os.ReadFile("../../templates/guides/failures.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	guide := strings.Join(strings.Fields(string(data)), " ")
	const acme, globex = "58291d59-4d32-4a0b-826f-3a4088b6dbfd", "44443384-d42b-4121-9bee-11feb636a9a4"
	const list = "https://cortex.example.com/api/v1/workspaces"
	read, create := fmt.Sprintf("read workspace %q (%s)", "Acme", acme), `create workspace "Acme"`
	badGateway := func(method string) error {
		return &client.Error{Method: method, URL: list, Status: 502, Text: "bad gateway", Class: client.Unavailable}
	}
	taken := client.NameTakenError{Noun: "workspace", Name: "Acme", Holder: []client.Ref{{ID: acme, Name: "Acme"}}}
	for name, d := range map[string]diag.Diagnostic{
		"down": cannot(read, &client.Error{Method: "GET", URL: list + "/" + acme, Status: 503, Text: "maintenance", Class: client.Unavailable}),
		"refused connection": cannot(read, &client.Error{Method: "GET", URL: list, Class: client.Unreachable,
			Cause: errors.New("dial tcp 10.0.0.7:443: connect: connection refused")}),
		"hang": cannot(read, &client.Error{Method: "GET", URL: list, Class: client.Unreachable,
			Cause: fmt.Errorf("no whole answer within %s: %w", client.DefaultRequestTimeout, context.DeadlineExceeded)}),
		"HTML":      cannot(read, &client.Error{Method: "GET", URL: list + "/" + acme, Status: 200, Class: client.NotCortex, Cause: errors.New("the answer is an HTML page")}),
		"unsettled": cannot(create, &client.UnsettledError{Noun: "workspace", Name: "Acme", Cause: badGateway("POST"), Look: badGateway("GET")}),
		"taken":     cannot(create, &taken),
		"rename": cannot(fmt.Sprintf("update workspace %q (%s)", "Acme", acme), &client.NameTakenError{Noun: "workspace", Name: "Globex", Rename: true,
			Holder: []client.Ref{{ID: globex, Name: "Globex"}}}),
		"interfered": interfered(fmt.Sprintf("workspace %q (%s)", "Acme", acme)),
	} {
		if !strings.Contains(guide, "Error: "+d.Summary()) {
			t.Errorf("%s: the guide does not quote %q", name, d.Summary())
		}
		for part := range strings.SplitSeq(d.Detail(), "\n\n") {
			quote, _, _ := strings.Cut(strings.Join(strings.Fields(part), " "), " If that one gets another name")
			if name != "interfered" && !(name == "hang" && strings.HasPrefix(part, "Check")) && !strings.Contains(guide, quote) {
				t.Errorf("%s: the guide does not quote %q", name, quote)
			}
		}
	}
}
