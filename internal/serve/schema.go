package serve

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// kept remembers the schemas, which do not change while a process runs. Each command of an engine asks for all of them, and the framework makes
// and checks them anew for each answer, which takes longer than everything else that most commands ask for.
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
