package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// A generic provider is known by its address in any registry, and by what OpenTofu says in its place.
func TestMoveStateAddresses(t *testing.T) {
	p := newProtocol(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	const id = "58291d59-4d32-4a0b-826f-3a4088b6dbfd"
	for address, known := range map[string]bool{
		"registry.terraform.io/mastercard/restapi": true,
		"registry.opentofu.org/Mastercard/restapi": true,
		"restapi": true, // 1.10 to 1.12.3
		"registry.opentofu.org/telescopeai/cortex": true, // later releases, of all instances but the first
		"registry.terraform.io/somebody/restapi":   false,
		"restful":                                  false,
	} {
		resp, err := p.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceTypeName: "restapi_object", SourceProviderAddress: address, TargetTypeName: "cortex_workspace",
			SourceState: &tfprotov6.RawState{JSON: fmt.Appendf(nil, `{"id": %q, "path": "/workspaces"}`, id)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if moved := len(resp.Diagnostics) == 0; moved != known {
			t.Errorf("%s: moved is %v", address, moved)
		} else if moved && p.attributes("cortex_workspace", resp.TargetState, false)["id"] != id {
			t.Errorf("%s: the id is lost", address)
		}
	}
}
