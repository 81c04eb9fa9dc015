package serve

import (
	"context"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// TestCancelReachesTheCall: what ends the engine's call ends that of the framework, and nothing of it is left after it.
func TestCancelReachesTheCall(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "a logger"))
	var inside context.Context
	_, _ = spare(ctx, 1, func(own context.Context, _ int) (int, error) {
		inside = own
		if own.Value(key{}) != nil {
			t.Error("the call holds on to the engine's context")
		}
		cancel()
		<-own.Done()
		return 1, nil
	})
	_, _ = spare(t.Context(), 1, func(own context.Context, _ int) (int, error) {
		inside = own
		return 1, own.Err()
	})
	if inside.Err() == nil {
		t.Error("the call's context did not end with it")
	}
}

// TestMemoryDoesNotGrowWithCalls fails when the framework remembers more of a call than its own cancel function, and when its server
// becomes one that sparing does not fit, so that what is served is not spared.
func TestMemoryDoesNotGrowWithCalls(t *testing.T) {
	served, server := spared(provider.New("test")()), providerserver.NewProtocol6(provider.New("test")())()
	if of, ok := served.(settled); !ok {
		t.Errorf("what is served is a plain %T", served)
	} else if _, ok := of.allServers.(sparing); !ok {
		t.Errorf("what is served is a %T", of.allServers)
	}
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]tftypes.Value{}
	for _, attribute := range schemas.ResourceSchemas["cortex_workspace"].Block.Attributes {
		object.AttributeTypes[attribute.Name] = attribute.Type
		values[attribute.Name] = tftypes.NewValue(attribute.Type, nil)
	}
	values["name"] = tftypes.NewValue(tftypes.String, "acme")
	config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	// perCall is how many bytes are still there after many calls, for each.
	perCall := func(server tfprotov6.ProviderServer) uint64 {
		const calls = 200
		type key struct{}
		var before, after runtime.MemStats
		call := func() {
			ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, make([]byte, 20_000)))
			defer cancel()
			resp, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: "cortex_workspace", Config: &config})
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Fatal(err, resp)
			}
		}
		call()
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range calls {
			call()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(server)
		return (max(after.HeapAlloc, before.HeapAlloc) - before.HeapAlloc) / calls
	}
	if got := perCall(served); got > 2000 {
		t.Errorf("%d bytes of each call stay", got)
	}
	if got := perCall(server); got < 10_000 {
		t.Errorf("the framework keeps only %d bytes of each call: sparing is needed no more", got)
	}
}
