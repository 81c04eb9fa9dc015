package export

import (
	"maps"
	"regexp"
	"slices"

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

// file is a file of configuration that is to be written.
type file struct {
	name    string
	content []byte
}

// render returns the files of the objects: one for each object at the top with what is in it, and one for the provider; or one
// for everything.
func render(objects []*object, block []provider.Attribute, version string, single bool) ([]file, error) {
	var files []file
	var current *hclwrite.File
	start := func(name string) {
		current = hclwrite.NewEmptyFile()
		files = append(files, file{name: name})
	}
	finish := func() { files[len(files)-1].content = hclwrite.Format(current.Bytes()) }

	if single {
		start("main.tf")
	} else {
		start("provider.tf")
	}
	if err := writeProvider(current.Body(), block, version); err != nil {
		return nil, err
	}
	var secrets []secret
	there := index(objects)
	for _, o := range objects {
		if o.kind.Container == "" && !single {
			finish()
			start(o.label + ".tf")
		} else {
			current.Body().AppendNewline()
		}
		found, err := o.write(current.Body(), there)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, found...)
	}
	if len(secrets) > 0 && !single {
		finish()
		start(variablesFile)
	}
	for i, s := range secrets {
		if i > 0 || single {
			current.Body().AppendNewline()
		}
		s.declare(current.Body())
	}
	finish()
	return files, nil
}

var released = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// writeProvider writes what every configuration needs: who the provider is, and how it finds Cortex where that was said.
func writeProvider(body *hclwrite.Body, block []provider.Attribute, version string) error {
	required := map[string]cty.Value{"source": cty.StringVal("telescopeai/cortex")}
	if released.MatchString(version) {
		required["version"] = cty.StringVal(">= " + version) // older ones may not know the ids in the import blocks
	}
	terraform := body.AppendNewBlock("terraform", nil).Body()
	terraform.SetAttributeValue("required_version", cty.StringVal(">= 1.5"))
	terraform.AppendNewline()
	terraform.AppendNewBlock("required_providers", nil).Body().SetAttributeValue("cortex", cty.ObjectVal(required))
	body.AppendNewline()
	none := &writer{of: &object{kind: &provider.Kind{}}}
	return none.set(body.AppendNewBlock("provider", []string{"cortex"}).Body(), block)
}

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

// writer writes the values of an object. The id of an object that is exported too is a reference to it.
type writer struct {
	of      *object
	there   map[id]*object
	secrets []secret // that it wrote as variables
}

// write writes the object's resource block and import block, and returns its secrets.
func (o *object) write(body *hclwrite.Body, there map[id]*object) ([]secret, error) {
	w := &writer{of: o, there: there}
	resource := body.AppendNewBlock("resource", []string{o.kind.Type, o.label}).Body()
	if err := w.set(resource, o.attributes); err != nil {
		return nil, err
	}
	body.AppendNewline()
	imported := body.AppendNewBlock("import", nil).Body()
	imported.SetAttributeTraversal("to", o.address())
	imported.SetAttributeValue("id", cty.StringVal(o.importID()))
	return w.secrets, nil
}

// hasSecrets tells whether variables give values of the object.
func (o *object) hasSecrets() bool {
	return slices.ContainsFunc(o.attributes, func(a provider.Attribute) bool { return !a.Value.IsFullyKnown() })
}

// variablesFile has the variables of secrets, if there are any.
const variablesFile = "variables.tf"

// secret is a value that the configuration gets by a variable.
type secret struct {
	of   *object
	name string // of the attribute: "password"
}

func (s secret) variable() string { return s.of.label + "_" + s.name }

// declare writes the secret's variable block.
func (s secret) declare(body *hclwrite.Body) {
	block := body.AppendNewBlock("variable", []string{s.variable()}).Body()
	block.SetAttributeValue("description", cty.StringVal("The "+s.name+" of "+s.of.kind.Type+"."+s.of.label+"."))
	block.SetAttributeTraversal("type", hcl.Traversal{hcl.TraverseRoot{Name: "string"}})
	block.SetAttributeValue("sensitive", cty.True)
}

func (o *object) address() hcl.Traversal {
	return hcl.Traversal{hcl.TraverseRoot{Name: o.kind.Type}, hcl.TraverseAttr{Name: o.label}}
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
		s := secret{w.of, name}
		w.secrets = append(w.secrets, s)
		return hclwrite.TokensForTraversal(hcl.Traversal{hcl.TraverseRoot{Name: "var"}, hcl.TraverseAttr{Name: s.variable()}}), nil
	}
	text, isText := provider.Text(value)
	if other := w.there[id{w.of.kind.References[name], text}]; other != nil {
		return hclwrite.TokensForTraversal(append(other.address(), hcl.TraverseAttr{Name: "id"})), nil
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
	return hclwrite.TokensForValue(converted), err
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
