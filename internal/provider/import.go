package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// importState puts who the object to import is into state and identity; Read does the rest. find resolves the text of an import
// command or block; an identity holds the id itself. container is the attribute for the id of the object that contains it, if any.
//
// Two ids with a slash between, of that object and of the object itself, are believed without a look: Read asks for the object
// and takes the container that Cortex says. What find found is handed to Read, which need not ask again. So an import costs no more
// requests than a plan.
func importState[T client.Object[T]](ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
	noun, container string, find func(context.Context, string) (T, error),
) {
	var ref client.Ref
	scope, id, isPair := strings.Cut(req.ID, "/")
	switch {
	case req.ID == "":
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &ref.ID)...)
		if err := validUUID(ref.ID); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("id"), "Cannot import "+noun+" by its identity", sentence(err))
			return
		}
	case container != "" && isPair && validUUID(scope) == nil && validUUID(id) == nil:
		ref = client.Ref{ID: id, Scope: scope}
	default:
		found, err := find(ctx, req.ID)
		if err != nil {
			resp.Diagnostics.Append(cannot(fmt.Sprintf("import %s %q", noun, req.ID), err))
			return
		}
		ref = found.Ref()
		encoded, err := json.Marshal(found)
		if err != nil {
			resp.Diagnostics.Append(cannot(fmt.Sprintf("import %s %q", noun, req.ID), err))
			return
		}
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, encoded)...)
	}
	if ref.Scope != "" { // so that Read knows which list the object is on
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(container), ref.Scope)...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), ref.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: types.StringValue(ref.ID)})...)
}

// importedKey holds, from an import to the Read right after it, the object that the import found.
const importedKey = "imported"

// privateState is the part of the framework's private state that is used here.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// read returns the object that the import of this moment found, if this is the Read after it, and else asks get.
func read[T any](ctx context.Context, private privateState, get func() (T, error)) (T, error) {
	encoded, _ := private.GetKey(ctx, importedKey) // fails for names that are reserved
	if encoded == nil {
		return get()
	}
	private.SetKey(ctx, importedKey, nil)
	var found T
	err := json.Unmarshal(encoded, &found)
	return found, err
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
// a slash between. Names may hold slashes, so every one of them may be that slash.
func findEnvironment(ctx context.Context, c *client.Client, text string) (client.Environment, error) {
	if id, err := uuid.Parse(text); err == nil {
		return c.Environments.Get(ctx, "", id.String())
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
			matches = append(matches, withIDOrName(environments, text[at+1:])...)
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
