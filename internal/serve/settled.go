package serve

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// settled plans objects that are what their configurations want already, which is most of them in most plans. The framework decodes
// configuration, state and proposal of each, and walks through them ten times, before it comes to what the engine has proposed.
type settled struct{ allServers }

func (s settled) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if plan := planSettled(req); plan != nil {
		return plan, nil
	}
	return s.allServers.PlanResourceChange(ctx, req)
}

// planSettled returns the plan of an object that is what its configuration wants; nil for any other.
func planSettled(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	defaults, ok := unsaid()[req.TypeName]
	if !ok || req.PriorState == nil || req.ProposedNewState == nil || req.Config == nil ||
		!bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) || !isUnsaid(req.Config.MsgPack, req.PriorState.MsgPack, defaults) {
		return nil
	}
	plan := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity}
	if plan.PlannedIdentity == nil { // of an engine that knows no identities, or before the object's first read
		plan.PlannedIdentity = &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: null}}
	}
	return plan
}

// unsaid returns what attributes are of which a configuration says nothing, encoded, by the type of the resource. Types of which nothing is
// known by that alone are missing.
var unsaid = sync.OnceValue(func() map[string]map[string][]byte {
	types := map[string]map[string][]byte{}
	for _, kind := range provider.Kinds() {
		if kind.Unsaid == nil {
			continue
		}
		types[kind.Type] = map[string][]byte{}
		for name, value := range kind.Unsaid() {
			encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
			if err != nil {
				panic(fmt.Sprintf("the default of %s in %s: %s", name, kind.Type, err))
			}
			types[kind.Type][name] = encoded.MsgPack
		}
	}
	return types
})

// isUnsaid tells whether the state has the default of every attribute of which the configuration says nothing. For one that has a default, engines
// propose the state's value.
func isUnsaid(config, state []byte, defaults map[string][]byte) bool {
	if len(defaults) == 0 {
		return true
	}
	said, err := attributes(config)
	if err != nil {
		return false
	}
	is, err := attributes(state)
	if err != nil {
		return false
	}
	for name, value := range defaults {
		if bytes.Equal(said[name], null) && !bytes.Equal(is[name], value) {
			return false
		}
	}
	return true
}

// null is no value, encoded.
var null = []byte{0xc0}

// attributes splits an encoded object.
func attributes(object []byte) (map[string]msgpack.RawMessage, error) {
	decoder := msgpack.NewDecoder(bytes.NewReader(object))
	n, err := decoder.DecodeMapLen()
	all := make(map[string]msgpack.RawMessage, max(n, 0))
	for range n {
		var name string
		if name, err = decoder.DecodeString(); err == nil {
			all[name], err = decoder.DecodeRaw()
		}
		if err != nil {
			break
		}
	}
	return all, err
}
