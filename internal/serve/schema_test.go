package serve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// TestSchemasAreRemembered: a kept server says what the framework's says, and makes it once.
func TestSchemasAreRemembered(t *testing.T) {
	served, server := remembering(provider.New("test")()), providerserver.NewProtocol6(provider.New("test")())()
	schemas := func(server tfprotov6.ProviderServer) *tfprotov6.GetProviderSchemaResponse {
		t.Helper()
		resp, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil || len(resp.ResourceSchemas) == 0 {
			t.Fatal(err, resp)
		}
		return resp
	}
	first := schemas(served)
	if diff := cmp.Diff(schemas(server), first); diff != "" {
		t.Errorf("the schemas are others (-framework +kept):\n%s", diff)
	}
	if schemas(served) != first {
		t.Error("the second answer was made anew")
	}
}
