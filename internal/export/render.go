package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// id is who an object is among those of all kinds.
type id struct{ noun, id string }

// index returns the objects by who they are.
func index(objects []*object) map[id]*object {
	there := map[id]*object{}
	for _, o := range objects {
		there[id{o.kind.Noun, o.ref.ID}] = o
	}
	return there
}

// writer writes the values of an object. The id of an object that is written too is a reference to it.
type writer struct {
	*draft
	of      *object
	outside map[id]hclwrite.Tokens // ids of what is not written, with the variables for them in a module
}

// write writes the object's resource block, and its import block into a root configuration.
func (d *draft) write(o *object) error {
	w := &writer{draft: d, of: o, outside: map[id]hclwrite.Tokens{}}
	attributes := o.is.Attributes
	if d.environment != nil {
		attributes = o.is.Whole
	}
	if err := w.set(d.add(o.module, d.fileOf(o), "resource", o.kind.Type, o.label), attributes); err != nil || d.environment != nil {
		return err
	}
	imported := d.add(d.root, "imports.tf", "import")
	imported.SetAttributeTraversal("to", traversal(o.fromRoot()...))
	imported.SetAttributeValue("id", cty.StringVal(o.importID()))
	return nil
}

// address is the object's in its module.
func (o *object) address() []string { return []string{o.kind.Type, o.label} }

// fromRoot is the object's address in the root.
func (o *object) fromRoot() []string {
	if o.module.name == "" {
		return o.address()
	}
	return append([]string{"module", o.module.name}, o.address()...)
}

// traversal is names with a dot between.
func traversal(names ...string) hcl.Traversal {
	steps := hcl.Traversal{hcl.TraverseRoot{Name: names[0]}}
	for _, name := range names[1:] {
		steps = append(steps, hcl.TraverseAttr{Name: name})
	}
	return steps
}

// set writes attributes.
func (w *writer) set(body *hclwrite.Body, attributes []provider.Attribute) error {
	for _, a := range attributes {
		tokens, err := w.tokens(a.Name, a.Value)
		if err != nil {
			return err
		}
		body.SetAttributeRaw(a.Name, tokens)
	}
	return nil
}

// tokens writes the value of an attribute, or of an item in it.
func (w *writer) tokens(name string, value tftypes.Value) (hclwrite.Tokens, error) {
	if !value.IsKnown() {
		return w.secret(name), nil
	}
	text, isText := provider.Text(value)
	if isText {
		if reference := w.reference(name, text); reference != nil {
			return reference, nil
		}
	}
	switch {
	case value.Type().Is(tftypes.Object{}):
		var all map[string]tftypes.Value
		if err := value.As(&all); err != nil {
			return nil, err
		}
		var attributes []hclwrite.ObjectAttrTokens
		for _, name := range slices.Sorted(maps.Keys(all)) {
			tokens, err := w.tokens(name, all[name])
			if err != nil {
				return nil, err
			}
			attributes = append(attributes, hclwrite.ObjectAttrTokens{Name: tokensForKey(name), Value: tokens})
		}
		return hclwrite.TokensForObject(attributes), nil
	case value.Type().Is(tftypes.Tuple{}):
		var all []tftypes.Value
		if err := value.As(&all); err != nil {
			return nil, err
		}
		var items []hclwrite.Tokens
		for _, item := range all {
			tokens, err := w.tokens(name, item)
			if err != nil {
				return nil, err
			}
			items = append(items, tokens)
		}
		return hclwrite.TokensForTuple(items), nil
	case isText && provider.IsJSON(name):
		return tokensForJSON(text)
	}
	converted, err := toCty(value)
	tokens := hclwrite.TokensForValue(converted)
	if w.environment != nil && slices.Contains(w.of.kind.Differs, name) {
		tokens = w.of.module.variable(&variable{name: w.of.label + "_" + name, ofType: typeName(value), preset: tokens,
			description: "The " + words(name) + " of " + w.of.kind.Type + "." + w.of.label + "."})
	}
	return tokens, err
}

// words is the name of an attribute as a text has it.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// typeName is what configurations call the type of a value.
func typeName(value tftypes.Value) string {
	switch {
	case value.Type().Is(tftypes.Number):
		return "number"
	case value.Type().Is(tftypes.Bool):
		return "bool"
	}
	return "string"
}

// secret writes a secret as a variable, which is one of the root too.
func (w *writer) secret(name string) hclwrite.Tokens {
	secret := func(prefix string, address []string) *variable {
		return &variable{name: prefix + w.of.label + "_" + name, ofType: "string", sensitive: true,
			description: "The " + name + " of " + strings.Join(address, ".") + "."}
	}
	own := secret("", w.of.address())
	if folder := w.of.module.name; folder != "" {
		own.given = w.root.variable(secret(folder+"__", w.of.fromRoot()))
	}
	return w.of.module.variable(own)
}

// reference writes the id of another object, in an attribute that has one, as a reference; nil if there is nothing to refer to.
func (w *writer) reference(name, text string) hclwrite.Tokens {
	to := id{w.of.kind.References[name], text}
	if to.noun == "" {
		return nil
	}
	own, other := w.of.module, w.there[to]
	switch {
	case w.environment != nil && to == (id{w.environment.kind.Noun, w.environment.ref.ID}):
		return hclwrite.TokensForTraversal(traversal("var", w.environment.plainID()))
	case other == nil:
		return w.stray(name, to)
	case other.module == own:
		return hclwrite.TokensForTraversal(traversal(append(other.address(), "id")...))
	}
	if !slices.Contains(other.module.outputs, other) {
		other.module.outputs = append(other.module.outputs, other)
	}
	return own.variable(&variable{name: other.module.name + "__" + other.output(), ofType: "string",
		description: "The id of " + strings.Join(other.fromRoot(), ".") + ".",
		given:       hclwrite.TokensForTraversal(traversal("module", other.module.name, other.output()))})
}

// stray notes an id of what is not written. A module without ids has to be told it; elsewhere it stays an id.
func (w *writer) stray(name string, to id) hclwrite.Tokens {
	told, noted := w.outside[to]
	if noted {
		return told
	}
	said := fmt.Sprintf("No reference: %s has the id of %s %s, which is not ", w.of, to.noun, to.id)
	if w.environment == nil {
		w.strays = append(w.strays, said+"exported")
	} else {
		v := &variable{name: w.of.label + "_" + name, ofType: "string", description: fmt.Sprintf("The id of a %s that %s refers to, and that is not in the %s which this module "+
			"was made of.", to.noun, strings.Join(w.of.address(), "."), w.environment.kind.Noun)}
		if n := len(w.outside); n > 0 {
			v.name += fmt.Sprintf("_%d", n+1)
		}
		told = w.of.module.variable(v)
		w.strays = append(w.strays, fmt.Sprintf("%sin the %s: the variable %s is for it", said, w.environment.kind.Noun, v.name))
	}
	w.outside[to] = told
	return told
}

// tokensForKey writes a key of an object, which may have been chosen by people.
func tokensForKey(name string) hclwrite.Tokens {
	if hclsyntax.ValidIdentifier(name) {
		return hclwrite.TokensForIdentifier(name)
	}
	return hclwrite.TokensForValue(cty.StringVal(name))
}

// tokensForJSON writes a JSON text as what jsonencode makes it of.
func tokensForJSON(text string) (hclwrite.Tokens, error) {
	ty, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return nil, err
	}
	decoded, err := ctyjson.Unmarshal([]byte(text), ty)
	return hclwrite.TokensForFunctionCall("jsonencode", hclwrite.TokensForValue(decoded)), err
}

// toCty returns a value of the framework as HCL's library has it, by the encoding that both know.
func toCty(value tftypes.Value) (cty.Value, error) {
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		return cty.NilVal, err
	}
	ty, err := msgpack.ImpliedType(encoded.MsgPack)
	if err != nil {
		return cty.NilVal, err
	}
	return msgpack.Unmarshal(encoded.MsgPack, ty)
}
