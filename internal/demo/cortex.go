package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// cortex is the server of the demo. client is how the demo does by hand what others do behind Terraform's back.
type cortex struct {
	name   string
	url    string
	client *client.Client
	env    []string           // what the provider finds it by
	own    *cortextest.Cortex // the demo's, which it can give a database; nil for one that others use too
	close  func() error
}

// passed on to the engine when the user's own Cortex is used: what the provider and Go's HTTP client read.
var connection = []string{
	"CORTEX_API_URL", "CORTEX_API_KEY", "CORTEX_TIMEOUT", "CORTEX_MAX_RETRIES",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
}

func startCortex(ctx context.Context, s *screen) (*cortex, error) {
	if url := os.Getenv("CORTEX_API_URL"); url != "" {
		c, err := provider.NewClient(ctx, "demo", nil)
		if err != nil {
			return nil, err
		}
		users := &cortex{name: "your Cortex", url: url, client: c, close: func() error { return nil }}
		for _, name := range connection {
			if value := os.Getenv(name); value != "" {
				users.env = append(users.env, name+"="+value)
			}
		}
		return users, nil
	}
	if os.Getenv("CORTEX") == "real" {
		s.note("Starting a real Cortex (the first time it is installed before that, which takes minutes) …")
	}
	started, err := cortextest.Run(cortextest.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	c, err := client.New(client.Config{Endpoint: started.URL(), MaxRetries: client.DefaultMaxRetries})
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("Cortex %s in memory", started.Release())
	if started.IsReal() {
		name = fmt.Sprintf("a real Cortex %s on %s", started.Release(), started.Database())
	}
	return &cortex{name: name, url: started.URL(), client: c, env: []string{"CORTEX_API_URL=" + started.URL()}, own: started, close: started.Close}, nil
}

// environment is one of a workspace, with what hangs on it.
type environment struct {
	client.Environment
	attached []client.Attached
}

// environments returns those of a workspace.
func (c *cortex) environments(ctx context.Context, w client.Workspace) ([]environment, error) {
	listed, err := c.client.Environments.ListNow(ctx, w.ID)
	if err != nil {
		return nil, provider.Explain("list the environments", err)
	}
	var all []environment
	for _, e := range listed {
		attached, err := c.client.Contents(ctx, e.ID)
		if err != nil {
			return nil, provider.Explain(fmt.Sprintf("list what environment %q (%s) has", e.Name, e.ID), err)
		}
		all = append(all, environment{e, attached})
	}
	return all, nil
}

// contents describes every object by its id, but for what is retired. On a Cortex with other users these are the workspaces alone,
// since it may hold thousands of them.
func (c *cortex) contents(ctx context.Context) (map[string]string, error) {
	workspaces, err := c.client.Workspaces.ListNow(ctx, "")
	if err != nil {
		return nil, provider.Explain("list the workspaces", err)
	}
	found := map[string]string{}
	for _, w := range workspaces {
		if w.Ref().IsRetired() {
			continue
		}
		found[w.ID] = fmt.Sprintf("workspace %q (updated %s)", w.Name, w.UpdatedAt)
		if c.own == nil {
			continue
		}
		environments, err := c.environments(ctx, w)
		if err != nil {
			return nil, err
		}
		for _, e := range environments {
			found[e.ID] = fmt.Sprintf("environment %q of %q (updated %s)", e.Name, w.Name, e.UpdatedAt)
			for _, a := range e.attached {
				found[a.ID] = fmt.Sprintf("%s %q of %q", a.Noun, a.Name, e.Name)
			}
		}
	}
	return found, nil
}

// remove deletes the workspaces whose names begin with prefix, with all that is in them, and tells how many objects those were.
func (c *cortex) remove(ctx context.Context, prefix string) (n int, err error) {
	workspaces, err := c.client.Workspaces.ListNow(ctx, "")
	if err != nil {
		return n, provider.Explain("list the workspaces", err)
	}
	for _, w := range workspaces {
		if !strings.HasPrefix(w.Name, prefix) {
			continue
		}
		environments, err := c.environments(ctx, w)
		if err != nil {
			return n, err
		}
		for _, e := range environments {
			for _, a := range e.attached {
				if err := c.client.DeleteAttached(ctx, e.ID, a); err != nil {
					return n, provider.Explain(fmt.Sprintf("delete %s %q (%s)", a.Noun, a.Name, a.ID), err)
				}
				n++
			}
			if err := c.client.Environments.Delete(ctx, e.Ref()); err != nil {
				return n, provider.Explain(fmt.Sprintf("delete environment %q (%s)", e.Name, e.ID), err)
			}
			n++
		}
		if err := c.client.Workspaces.Delete(ctx, w.Ref()); err != nil {
			return n, provider.Explain(fmt.Sprintf("delete workspace %q (%s)", w.Name, w.ID), err)
		}
		n++
	}
	return n, nil
}
