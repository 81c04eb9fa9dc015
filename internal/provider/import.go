package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// importState puts who the object to import is into state and identity; Read does the rest. find resolves the text of an import
// command or block; an identity holds the id itself. container is the attribute for the id of the object that contains it, if any.
func importState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, noun, container string, find func(text string) (client.Ref, error)) {
	var id types.String
	if req.ID != "" {
		found, err := find(req.ID)
		if err != nil {
			resp.Diagnostics.Append(cannot(fmt.Sprintf("import %s %q", noun, req.ID), err))
			return
		}
		id = types.StringValue(found.ID)
		if container != "" { // so that Read knows which list the object is on
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(container), found.Scope)...)
		}
	} else {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &id)...)
		if err := validUUID(id.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("id"), "Cannot import "+noun+" by its identity", sentence(err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: id})...)
}

// findWorkspace returns the one workspace that text means: its id or, when none has that id, its name.
func findWorkspace(ctx context.Context, c *client.Client, text string) (client.Workspace, error) {
	if id, err := uuid.Parse(text); err == nil {
		found, err := c.Workspaces.Get(ctx, "", id.String())
		if !client.IsGone(err, "workspace", id.String()) {
			return found, err
		}
	}
	all, err := c.Workspaces.List(ctx, "")
	if err != nil {
		return client.Workspace{}, err
	}
	return exactlyOne(withName(all, text), all, "workspace")
}

// findEnvironment returns the one environment that text means: its id, or its workspace's id or name and its own id or name with
// a slash between. Names may hold slashes, so every one of them may be that slash. Two ids are believed without a look, which makes
// them the cheapest to import by.
func findEnvironment(ctx context.Context, c *client.Client, text string) (client.Environment, error) {
	if id, err := uuid.Parse(text); err == nil {
		return c.Environments.Get(ctx, "", id.String())
	}
	if before, after, ok := strings.Cut(text, "/"); ok && validUUID(before) == nil && validUUID(after) == nil {
		return client.Environment{ID: after, WorkspaceID: before}, nil
	}
	if !strings.Contains(text, "/") {
		return client.Environment{}, errors.New("an environment is imported by its id (a UUID), or by the id or name of its workspace and " +
			"its own name with a slash between, such as \"acme/Production\"")
	}
	workspaces, err := c.Workspaces.List(ctx, "")
	if err != nil {
		return client.Environment{}, err
	}
	var matches, all []client.Environment
	for at, char := range text {
		if char != '/' {
			continue
		}
		for _, workspace := range withIDOrName(workspaces, text[:at]) {
			environments, err := c.Environments.List(ctx, workspace.ID)
			if err != nil {
				return client.Environment{}, err
			}
			matches = append(matches, withName(environments, text[at+1:])...)
			all = append(all, environments...)
		}
	}
	if len(all) == 0 {
		return client.Environment{}, fmt.Errorf("no workspace with an environment in it has what stands before a slash as its id or name; there are:\n%s",
			bullets(labels("workspace", refs(workspaces))))
	}
	return exactlyOne(matches, all, "environment")
}

// exactlyOne returns the only match. None or several is an error that lists what there is.
func exactlyOne[T client.Object[T]](matches, all []T, noun string) (T, error) {
	var none T
	switch len(matches) {
	case 1:
		return matches[0], nil
	case 0:
		if len(all) == 0 {
			return none, fmt.Errorf("there is no %s at all", noun)
		}
		return none, fmt.Errorf("there is no such %s; there are:\n%s", noun, bullets(labels(noun, refs(all))))
	}
	return none, fmt.Errorf("there are several; choose one by its id:\n%s", bullets(labels(noun, refs(matches))))
}

// withIDOrName returns the object with this id or, when none has it, those with this name.
func withIDOrName[T client.Object[T]](all []T, text string) []T {
	if id, err := uuid.Parse(text); err == nil {
		for _, object := range all {
			if object.Ref().ID == id.String() {
				return []T{object}
			}
		}
	}
	return withName(all, text)
}

// withName returns the objects with this name, as Terraform writes text: in NFC.
func withName[T client.Object[T]](all []T, name string) []T {
	var found []T
	for _, object := range all {
		if norm.NFC.String(object.Ref().Name) == norm.NFC.String(name) {
			found = append(found, object)
		}
	}
	return found
}

func refs[T client.Object[T]](all []T) []client.Ref {
	var out []client.Ref
	for _, object := range all {
		out = append(out, object.Ref())
	}
	return out
}

func ids[T client.Object[T]](all []T) []string {
	var out []string
	for _, object := range all {
		out = append(out, object.Ref().ID)
	}
	return out
}
