package serve

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Kept returns the server of a process that several commands of an engine share, under a debugger or a test. Each of them asks for all
// schemas, once. The framework makes and checks them anew for each answer, which takes longer than everything else that most commands ask for.
func Kept(p provider.Provider) tfprotov6.ProviderServer {
	server := providerserver.NewProtocol6(p)()
	if all, ok := server.(allServers); ok {
		return &kept{allServers: all}
	}
	return server // as in spared
}

// kept remembers the schemas, which do not change while a process runs.
type kept struct {
	allServers
	mutex   sync.Mutex
	schemas *tfprotov6.GetProviderSchemaResponse
}

func (k *kept) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.schemas != nil {
		return k.schemas, nil
	}
	var err error
	k.schemas, err = k.allServers.GetProviderSchema(ctx, req)
	return k.schemas, err
}
