package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// The guide on failures quotes the messages as they are.
func TestFailuresGuide(t *testing.T) {
	data, err := os.ReadFile("../../templates/guides/failures.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	guide := strings.Join(strings.Fields(string(data)), " ")
	const acme, globex = "58291d59-4d32-4a0b-826f-3a4088b6dbfd", "44443384-d42b-4121-9bee-11feb636a9a4"
	const environment, consumer, group = "7a1d9a52-6a55-4d0e-8d37-0b0f6f3c2e11", "c3a0e0f1-6f2b-4c58-9a51-2f6d6e0b8d31", "5b8e7d24-93c1-4f7a-8f0e-1d2c3b4a5f42"
	const ann = "ann@example.com"
	const api = "https://cortex.example.com/api/v1"
	const list = api + "/workspaces"
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
		"address": cannot(fmt.Sprintf("create consumer %q in environment %s", ann, environment), &client.NameTakenError{
			Noun: "consumer", Key: "e-mail address", Name: ann, Holder: []client.Ref{{ID: consumer, Name: ann}}}),
		"member": cannot("create consumer group member "+group+"/"+consumer, &client.NameTakenError{
			Noun: "consumer group member", Holder: []client.Ref{{ID: group + "/" + consumer}}}),
		"unlisted": (&removal{}).unchecked(fmt.Sprintf("environment %q (%s)", "Production", environment), &client.Error{Method: "GET",
			URL: api + "/environments/" + environment + "/data/sources", Status: 503, Text: "maintenance", Class: client.Unavailable}, true)[0],
		"half-way": (&removal{deleted: []string{label("dashboard", "Sales", group)}}).failed(cannot(
			"delete "+label("data source", "billing", consumer)+" of "+label("environment", "Production", environment),
			&client.Error{Method: "DELETE", URL: api + "/data/sources/" + consumer, Status: 503, Text: "maintenance", Class: client.Unavailable}))[0],
		"gateway's 404":        cannotStill(read, &client.Error{Method: "GET", URL: list + "/" + acme, Status: 404, Text: "an HTML page", Class: client.NotCortex}),
		"protected, destroyed": protectedFromDestroy(label("workspace", "Acme", acme)),
		"protected, deleted":   protectedFromDelete(label("workspace", "Acme", acme)),
		"protected, moved":     protectedFromReplacement("environment", label("environment", "Production", environment), "workspace_id", acme, types.StringValue(globex)),
		"protected, unknown":   protectedFromReplacement("environment", label("environment", "Production", environment), "workspace_id", acme, types.StringUnknown()),
		"protected, gone": protectedIsGone("workspace", label("workspace", "Acme", acme), &client.Error{Method: "GET", URL: list + "/" + acme, Status: 404,
			Text: "Workspace with ID " + acme + " not found", Class: client.NotFound}),
		"unknown":    replacedUnsure("consumer", "environment_id", "environment", environment),
		"interfered": interfered(fmt.Sprintf("workspace %q (%s)", "Acme", acme)),
	} {
		if !strings.Contains(guide, d.Severity().String()+": "+d.Summary()) {
			t.Errorf("%s: the guide does not quote %q", name, d.Summary())
		}
		for part := range strings.SplitSeq(d.Detail(), "\n\n") {
			quote, _, _ := strings.Cut(strings.Join(strings.Fields(part), " "), " If that one gets another name")
			if name != "interfered" && !(name == "hang" && strings.HasPrefix(part, "Check")) && !strings.Contains(guide, quote) {
				t.Errorf("%s: the guide does not quote %q", name, quote)
			}
		}
	}
	if elsewhere := elsewhereDetail(&client.ElsewhereError{Container: "workspace", Ref: client.Ref{Scope: globex}, Said: acme}); !strings.Contains(guide, elsewhere) {
		t.Errorf("the guide does not quote %q", elsewhere)
	}
}

// What the guide quotes of consumers, memberships and wrong places is what the provider says of them.
func TestFailuresGuideIsTrue(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	w, other := c.CreateWorkspace("Acme", nil), c.CreateWorkspace("Globex", nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	consumer := c.CreateConsumer(e.ID, map[string]any{"first_name": "Ann", "last_name": "Lee", "email": "ann@example.com"})
	group := c.CreateConsumerGroup(e.ID, map[string]any{"name": "Analysts"})
	c.AddMember(group.ID, consumer.ID)
	p := newProtocol(t, c)
	wants := func(got []*tfprotov6.Diagnostic, want diag.Diagnostic) {
		t.Helper()
		if len(got) != 1 || got[0].Summary != want.Summary() || got[0].Detail != want.Detail() {
			t.Errorf("the errors are %v, want %q: %q", got, want.Summary(), want.Detail())
		}
	}
	create := func(kind string, values map[string]any) []*tfprotov6.Diagnostic {
		t.Helper()
		for _, computed := range []string{"id", "environment_id", "created_at", "updated_at"} {
			if _, has := p.types[kind].AttributeTypes[computed]; has && values[computed] == nil {
				values[computed] = tftypes.UnknownValue
			}
		}
		plan := p.encode(nullsBut(p.types[kind], values))
		resp, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
			TypeName: kind, PriorState: p.encode(tftypes.NewValue(p.types[kind], nil)), PlannedState: plan, Config: plan,
		})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	}
	const ann = "ann@example.com"
	wants(create("cortex_consumer", map[string]any{"environment_id": e.ID, "email": "ann@EXAMPLE.com", "first_name": "Ann", "last_name": "Lee"}),
		cannot(fmt.Sprintf("create consumer %q in environment %s", ann, e.ID), &client.NameTakenError{
			Noun: "consumer", Key: "e-mail address", Name: ann, Holder: []client.Ref{{ID: consumer.ID, Name: ann}}}))
	member := group.ID + "/" + consumer.ID
	wants(create("cortex_consumer_group_member", map[string]any{"group_id": group.ID, "consumer_id": consumer.ID}),
		cannot("create consumer group member "+member, &client.NameTakenError{Noun: "consumer group member", Holder: []client.Ref{{ID: member}}}))

	imported, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "cortex_environment", ID: other.ID + "/" + e.ID})
	p.check(err, imported.Diagnostics)
	r := imported.ImportedResources[0]
	read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "cortex_environment", CurrentState: r.State, CurrentIdentity: r.Identity, Private: r.Private,
	})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := &client.ElsewhereError{Container: "workspace", Ref: client.Ref{Scope: w.ID}, Said: other.ID}
	wants(read.Diagnostics, diag.NewErrorDiagnostic(fmt.Sprintf("Cannot read environment %q (%s): it is in another workspace", e.Name, e.ID), elsewhereDetail(elsewhere)))
}
