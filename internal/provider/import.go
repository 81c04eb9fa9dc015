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

// ImportState puts who the object to import is into the state; Read does the rest. A text is resolved by find; an identity holds the ids
// themselves. Out of a text no identity is made here: an engine takes it for an error if Read then finds another one.
//
// Two ids with a slash between, of the container and of the object itself, are believed without a look: Read asks for the object, and
// refuses one that is in another container; if there is none with this id, it may be a name that looks like one. What find found is handed to
// Read, which need not ask again. So an import costs no more requests than a plan.
func (r *kindResource[T, M]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	k := r.kind
	if req.ID == "" {
		for _, name := range k.identity {
			var id types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(name), &id)...)
			err := validUUID(id.ValueString())
			if id.IsNull() || id.IsUnknown() {
				err = fmt.Errorf("the attribute %s has no value; it has to be the UUID of %s", name, article(k.identified(name)))
			}
			if err != nil {
				resp.Diagnostics.AddAttributeError(path.Root(name), "Cannot import "+k.noun+" by its identity", sentence(err))
				return
			}
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), id)...)
			resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(name), id)...)
		}
		return
	}
	scope, id, isPair := strings.Cut(req.ID, "/")
	ref := client.Ref{ID: id, Scope: scope}
	handed, value := believedKey, []byte("true")
	if canonical, _ := k.parseID(id); !isPair || k.in == nil || validUUID(scope) != nil || canonical != id {
		found, err := k.find(ctx, r.client, req.ID)
		handed = importedKey
		if err == nil {
			value, err = json.Marshal(found)
		}
		if err != nil {
			resp.Diagnostics.Append(cannot(fmt.Sprintf("import %s %q", k.noun, req.ID), err))
			return
		}
		ref = found.Ref()
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, handed, value)...)
	if ref.Scope != "" { // so that Read knows which list the object is on
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(k.container()), ref.Scope)...)
	}
	if len(k.parts) == 0 {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), ref.ID)...)
	}
	for i, part := range k.parts {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(part), strings.Split(ref.ID, "/")[i])...)
	}
}

// parseID reads an id in any of the forms that Cortex reads, and returns it as Cortex writes it.
func (a about) parseID(text string) (canonical string, isID bool) {
	fields := strings.Split(text, "/")
	if len(fields) != max(1, len(a.parts)) {
		return "", false
	}
	for i, field := range fields {
		id, err := uuid.Parse(field)
		if err != nil {
			return "", false
		}
		fields[i] = id.String()
	}
	return strings.Join(fields, "/"), true
}

// What an import leaves in the private state for the Read right after it.
const (
	importedKey = "imported" // the object that it found
	believedKey = "believed" // that it had two ids, and did not look for them
)

// privateState is the part of the framework's private state that is used here.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// read returns the object, which the import of this moment may have found already. If that import believed an id that no object has, the id
// may be a name.
func (r *kindResource[T, M]) read(ctx context.Context, private privateState, ref client.Ref) (T, error) {
	var found T
	if encoded := takeKey(ctx, private, importedKey); encoded != nil {
		err := json.Unmarshal(encoded, &found)
		return found, err
	}
	believed := takeKey(ctx, private, believedKey)
	found, err := r.kind.objects(r.client).Get(ctx, ref.Scope, ref.ID)
	if believed == nil || !client.IsGone(err, r.kind.noun, ref.ID) {
		return found, err
	}
	matches, _, lookErr := r.kind.named(ctx, r.client, ref.Scope+"/"+ref.ID)
	switch {
	case lookErr != nil:
		return found, lookErr
	case len(matches) == 0:
		return found, err
	}
	return exactlyOne(matches, matches, r.kind.noun)
}

// takeKey takes a value out of the private state.
func takeKey(ctx context.Context, private privateState, key string) []byte {
	value, _ := private.GetKey(ctx, key) // fails for names that are reserved
	if value != nil {
		private.SetKey(ctx, key, nil)
	}
	return value
}

// find returns the one object that text means: its id, or the names of what it is in and its own with slashes between, of which each
// may be an id as well. At the top, an id that no object has may be a name. Names may hold slashes, so every one of them may be the slash
// between.
func (k kind[T, M]) find(ctx context.Context, c *client.Client, text string) (T, error) {
	var none T
	if id, isID := k.parseID(text); isID && !k.scoped {
		found, err := k.objects(c).Get(ctx, "", id)
		if k.in != nil || !client.IsGone(err, k.noun, id) {
			return found, err
		}
	}
	if k.in != nil && !strings.Contains(text, "/") {
		return none, errors.New(k.importHint)
	}
	matches, all, err := k.named(ctx, c, text)
	if err != nil {
		return none, err
	}
	if holder := k.in; holder != nil && len(all) == 0 {
		text := fmt.Sprintf("no %s with %s in it has what stands before a slash as its id or name", holder.info().noun, article(k.noun))
		if holder.info().in != nil {
			return none, errors.New(text + "; " + k.importHint)
		}
		var there []client.Ref
		for ref, err := range holder.refs(ctx, c, false) {
			if err != nil {
				return none, err
			}
			there = append(there, ref.object)
		}
		return none, fmt.Errorf("%s; there are:\n%s", text, bullets(labels(holder.info().noun, there)))
	}
	return exactlyOne(matches, all, k.noun)
}

// named returns the objects that a text means by names, and all objects where it says that they are.
func (k kind[T, M]) named(ctx context.Context, c *client.Client, text string) (matches, all []T, err error) {
	if k.in == nil {
		all, err = k.objects(c).List(ctx, "")
		return k.withIDOrName(all, text), present(all, false), err
	}
	for at, char := range text {
		if char != '/' {
			continue
		}
		holders, err := k.in.meant(ctx, c, text[:at])
		if err != nil {
			return nil, nil, err
		}
		for _, holder := range holders {
			inside, err := k.objects(c).List(ctx, holder.ID)
			if err != nil {
				return nil, nil, err
			}
			matches = append(matches, k.withIDOrName(inside, text[at+1:])...)
			all = append(all, present(inside, false)...)
		}
	}
	return matches, all, nil
}

// meant returns the objects that a text means; there may be none.
func (k kind[T, M]) meant(ctx context.Context, c *client.Client, text string) ([]client.Ref, error) {
	if id, isID := k.parseID(text); isID && k.in != nil {
		found, err := k.objects(c).Get(ctx, "", id)
		if client.IsGone(err, k.noun, id) {
			return nil, nil
		}
		return []client.Ref{found.Ref()}, err
	}
	matches, _, err := k.named(ctx, c, text)
	return refs(matches), err
}

// exactlyOne returns the only match. None or several is an error that lists what there is.
func exactlyOne[T client.Object](matches, all []T, noun string) (T, error) {
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
func (k kind[T, M]) withIDOrName(all []T, text string) []T {
	if id, isID := k.parseID(text); isID {
		for _, object := range all {
			if object.Ref().ID == id {
				return []T{object}
			}
		}
	}
	return withName(all, text)
}

// withName returns the objects with this name, as Terraform writes text: in NFC. Where a name has several spellings, a kind knows them. What is
// retired is found by its id alone.
func withName[T client.Object](all []T, name string) []T {
	var found []T
	for _, object := range present(all, false) {
		is := norm.NFC.String(object.Ref().Name) == norm.NFC.String(name)
		if spelled, ok := any(object).(interface{ IsNamed(text string) bool }); ok {
			is = spelled.IsNamed(name)
		}
		if is {
			found = append(found, object)
		}
	}
	return found
}

func refs[T client.Object](all []T) []client.Ref {
	var out []client.Ref
	for _, object := range all {
		out = append(out, object.Ref())
	}
	return out
}
