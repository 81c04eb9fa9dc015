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
	configured := body.AppendNewBlock("provider", []string{"cortex"}).Body()
	for _, a := range block {
		if _, err := setValue(configured, a, nil); err != nil {
			return err
		}
	}
	return nil
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

// write writes the object's resource block and import block, and returns its secrets. The id of an object that is exported too is a reference
// to it.
func (o *object) write(body *hclwrite.Body, there map[id]*object) (secrets []secret, err error) {
	resource := body.AppendNewBlock("resource", []string{o.kind.Type, o.label}).Body()
	for _, a := range o.attributes {
		if other := there[id{o.kind.References[a.Name], a.Text()}]; other != nil {
			resource.SetAttributeTraversal(a.Name, append(other.address(), hcl.TraverseAttr{Name: "id"}))
			continue
		}
		found, err := setValue(resource, a, o)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, found...)
	}
	body.AppendNewline()
	imported := body.AppendNewBlock("import", nil).Body()
	imported.SetAttributeTraversal("to", o.address())
	imported.SetAttributeValue("id", cty.StringVal(o.importID()))
	return secrets, nil
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

// setValue writes an attribute, of an object or, when that is nil, of the provider, and returns the secrets in it.
func setValue(body *hclwrite.Body, a provider.Attribute, of *object) ([]secret, error) {
	tokens, secrets, err := tokensFor(a.Name, a.Value, of)
	if err != nil {
		return nil, err
	}
	body.SetAttributeRaw(a.Name, tokens)
	return secrets, nil
}

// tokensFor writes a value, and returns the secrets in it.
func tokensFor(name string, value tftypes.Value, of *object) (hclwrite.Tokens, []secret, error) {
	if !value.IsKnown() {
		s := secret{of, name}
		return hclwrite.TokensForTraversal(hcl.Traversal{hcl.TraverseRoot{Name: "var"}, hcl.TraverseAttr{Name: s.variable()}}), []secret{s}, nil
	}
	var secrets []secret
	switch {
	case value.Type().Is(tftypes.Object{}):
		var all map[string]tftypes.Value
		if err := value.As(&all); err != nil {
			return nil, nil, err
		}
		var attributes []hclwrite.ObjectAttrTokens
		for _, name := range slices.Sorted(maps.Keys(all)) {
			tokens, found, err := tokensFor(name, all[name], of)
			if err != nil {
				return nil, nil, err
			}
			attributes = append(attributes, hclwrite.ObjectAttrTokens{Name: tokensForKey(name), Value: tokens})
			secrets = append(secrets, found...)
		}
		return hclwrite.TokensForObject(attributes), secrets, nil
	case value.Type().Is(tftypes.Tuple{}):
		var all []tftypes.Value
		if err := value.As(&all); err != nil {
			return nil, nil, err
		}
		var items []hclwrite.Tokens
		for _, item := range all {
			tokens, found, err := tokensFor(name, item, of)
			if err != nil {
				return nil, nil, err
			}
			items, secrets = append(items, tokens), append(secrets, found...)
		}
		return hclwrite.TokensForTuple(items), secrets, nil
	case value.Type().Is(tftypes.String) && provider.IsJSON(name):
		tokens, err := tokensForJSON(value)
		return tokens, nil, err
	}
	converted, err := toCty(value)
	return hclwrite.TokensForValue(converted), nil, err
}

// tokensForKey writes a key of an object, which may have been chosen by people.
func tokensForKey(name string) hclwrite.Tokens {
	if hclsyntax.ValidIdentifier(name) {
		return hclwrite.TokensForIdentifier(name)
	}
	return hclwrite.TokensForValue(cty.StringVal(name))
}

// tokensForJSON writes a JSON text as what jsonencode makes it of.
func tokensForJSON(value tftypes.Value) (hclwrite.Tokens, error) {
	var text string
	if err := value.As(&text); err != nil {
		return nil, err
	}
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
