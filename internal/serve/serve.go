// Package serve serves a provider to an engine without what costs time and memory and serves nobody: logs without a reader, what is kept
// of calls that are over, and full plans of objects that stay as they are.
package serve

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Serve serves as providerserver.Serve does; see tune, sparing, settled and kept.
func Serve(newProvider func() provider.Provider, opts providerserver.ServeOpts) error {
	logs := tune(opts.Debug)
	switch {
	case opts.Debug: // the usual two seconds may be over before a debugger lets it go on
		return tf6server.Serve(opts.Address, func() tfprotov6.ProviderServer { return remembering(newProvider()) }, tf6server.WithManagedDebug(),
			tf6server.WithManagedDebugReattachConfigTimeout(time.Minute))
	case logs:
		return tf6server.Serve(opts.Address, func() tfprotov6.ProviderServer { return plain(newProvider()) })
	}
	return tf6server.Serve(opts.Address, func() tfprotov6.ProviderServer { return spared(newProvider()) })
}

// plain returns the server that an engine with logs gets.
func plain(p provider.Provider) tfprotov6.ProviderServer {
	return served(p, func(all allServers) allServers { return all })
}

// spared returns the server that an engine without logs gets.
func spared(p provider.Provider) tfprotov6.ProviderServer {
	return served(p, func(all allServers) allServers { return sparing{all} })
}

// remembering returns the server of a process that several commands of an engine share, under a debugger or a test.
func remembering(p provider.Provider) tfprotov6.ProviderServer {
	return served(p, func(all allServers) allServers { return &kept{allServers: all} })
}

// served returns a server of this kind.
func served(p provider.Provider, as func(allServers) allServers) tfprotov6.ProviderServer {
	server := providerserver.NewProtocol6(p)()
	if all, ok := server.(allServers); ok {
		return settled{as(all)}
	}
	return server // of another version of the framework, which can do less; a test fails then
}

// allServers is all that the framework's server can do.
type allServers interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// sparing keeps the framework's server from holding on to the context of every call: it remembers how to cancel each one until the
// process ends, and with that the call's loggers, 14 KB of them. For the calls that come once for each object it gets a context
// of its own instead, which ends with the call and holds no logger. So this is only for a run without logs.
type sparing struct{ allServers }

func spare[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	own, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	return call(own, req)
}

func (s sparing) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return spare(ctx, req, s.allServers.UpgradeResourceState)
}

func (s sparing) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return spare(ctx, req, s.allServers.UpgradeResourceIdentity)
}

func (s sparing) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return spare(ctx, req, s.allServers.ValidateResourceConfig)
}

func (s sparing) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return spare(ctx, req, s.allServers.ReadResource)
}

func (s sparing) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return spare(ctx, req, s.allServers.PlanResourceChange)
}

func (s sparing) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return spare(ctx, req, s.allServers.ApplyResourceChange)
}

func (s sparing) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return spare(ctx, req, s.allServers.ImportResourceState)
}

func (s sparing) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return spare(ctx, req, s.allServers.ReadDataSource)
}
