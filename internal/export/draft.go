package export

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// shape says what configuration is made of objects.
type shape struct {
	block       []provider.Attribute // the provider block
	version     string
	single      bool    // everything in one module and one file
	environment *object // that of which a module without ids is made; nil for a root configuration, which imports what there is
}

// file is a file of configuration that is to be written. Its name has slashes.
type file struct {
	name    string
	content []byte
}

// draft is configuration that is being written.
type draft struct {
	shape
	files   []*openFile
	byName  map[string]*openFile
	there   map[id]*object // the objects that are written
	root    *module
	folders []*module
	strays  []string // what is said of ids without a reference, a line for each
}

// openFile is a file as it grows.
type openFile struct {
	name string
	text *hclwrite.File
}

// module is a module of the configuration: the root, or the one in the folder of its name.
type module struct {
	name      string // "" for the root
	variables []*variable
	outputs   []*object // whose ids other modules refer to
}

// variable is what a module is told.
type variable struct {
	name, description, ofType string
	sensitive                 bool
	preset                    hclwrite.Tokens // its default; nil where there is none
	given                     hclwrite.Tokens // what the root says for it, in a folder
}

// mainFile has everything where there is one file, and variablesFile the variables of a module otherwise.
const (
	mainFile      = "main.tf"
	variablesFile = "variables.tf"
)

// render returns the configuration of the objects.
//
// A root configuration has a module in a folder for each object at the top, with a file for each kind in each environment. The root calls
// these modules, gives them what they cannot know, and imports everything: engines take import blocks nowhere else.
func (s shape) render(objects []*object) (*draft, error) {
	d := &draft{shape: s, there: index(objects), byName: map[string]*openFile{}, root: &module{}}
	if s.environment == nil {
		d.terraform(d.root, "provider.tf")
		if err := (&writer{draft: d, of: &object{kind: &provider.Kind{}}}).set(d.add(d.root, "provider.tf", "provider", "cortex"), s.block); err != nil {
			return nil, err
		}
	} else {
		d.terraform(d.root, "versions.tf")
		d.root.variable(&variable{name: s.environment.plainID(), ofType: "string", description: "The id of the " + s.environment.kind.Noun + " that gets all of this."})
	}
	d.place(objects)
	for _, o := range objects {
		if err := d.write(o); err != nil {
			return nil, err
		}
	}
	for _, m := range d.folders {
		d.terraform(m, "versions.tf")
		call := d.add(d.root, "workspaces.tf", "module", m.name)
		call.SetAttributeValue("source", cty.StringVal("./"+m.name))
		if len(m.variables) > 0 {
			call.AppendNewline()
		}
		for _, v := range m.variables {
			call.SetAttributeRaw(v.name, v.given)
		}
		for _, o := range m.outputs {
			d.add(m, "outputs.tf", "output", o.output()).SetAttributeTraversal("value", traversal(append(o.address(), "id")...))
		}
	}
	for _, m := range append(d.folders, d.root) {
		for _, v := range m.variables {
			v.declare(d.add(m, variablesFile, "variable", v.name))
		}
	}
	return d, nil
}

// place finds out where each object is written to, and its label there.
func (d *draft) place(objects []*object) {
	for _, o := range objects {
		top := o.in.kind == nil
		switch {
		case d.single || d.environment != nil:
			o.module = d.root
		case top:
			o.module = &module{name: o.own}
			d.folders = append(d.folders, o.module)
		default:
			o.module = o.in.module
		}
		switch {
		case top && o.module != d.root:
			o.label = alone
		case top, o.in == d.environment, o.in.in.kind == nil && o.module != d.root:
			o.label = o.own
		default:
			o.label = o.in.label + "__" + o.own
		}
	}
}

// alone is the label of an object that is the only one of its kind in its module, whatever its name.
const alone = "this"

// fileOf is where in its module an object is written to.
func (d *draft) fileOf(o *object) string {
	switch {
	case d.environment != nil:
		return o.plural() + ".tf"
	case o.in.kind == nil || o.in.in.kind == nil:
		return "workspace.tf"
	}
	return o.in.own + "_" + o.plural() + ".tf"
}

// add adds a block to a file of a module.
func (d *draft) add(m *module, name, kind string, labels ...string) *hclwrite.Body {
	switch {
	case d.single:
		name = mainFile
	case m.name != "":
		name = m.name + "/" + name
	}
	f := d.byName[name]
	if f == nil {
		f = &openFile{name, hclwrite.NewEmptyFile()}
		d.files, d.byName[name] = append(d.files, f), f
	} else {
		f.text.Body().AppendNewline()
	}
	return f.text.Body().AppendNewBlock(kind, labels).Body()
}

// finished returns the files.
func (d *draft) finished() (files []file) {
	for _, f := range d.files {
		files = append(files, file{f.name, hclwrite.Format(f.text.Bytes())})
	}
	return files
}

var released = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// terraform writes what every module needs: who the provider is.
func (d *draft) terraform(m *module, name string) {
	required := map[string]cty.Value{"source": cty.StringVal("telescopeai/cortex")}
	if released.MatchString(d.version) {
		required["version"] = cty.StringVal(">= " + d.version) // older ones may not know the ids in the import blocks
	}
	terraform := d.add(m, name, "terraform")
	terraform.SetAttributeValue("required_version", cty.StringVal(">= 1.5"))
	terraform.AppendNewline()
	terraform.AppendNewBlock("required_providers", nil).Body().SetAttributeValue("cortex", cty.ObjectVal(required))
}

// variable returns a variable of the module, which it adds if it is not there.
func (m *module) variable(v *variable) hclwrite.Tokens {
	if !slices.ContainsFunc(m.variables, func(other *variable) bool { return other.name == v.name }) {
		m.variables = append(m.variables, v)
	}
	return hclwrite.TokensForTraversal(traversal("var", v.name))
}

// declare writes the variable's block.
func (v *variable) declare(block *hclwrite.Body) {
	block.SetAttributeValue("description", cty.StringVal(v.description))
	block.SetAttributeTraversal("type", traversal(v.ofType))
	if v.sensitive {
		block.SetAttributeValue("sensitive", cty.True)
	}
	if v.preset != nil {
		block.SetAttributeRaw("default", v.preset)
	}
}

// secrets tells whether there are values that nobody but who runs the engine knows.
func (d *draft) secrets() bool {
	return slices.ContainsFunc(d.root.variables, func(v *variable) bool { return v.sensitive })
}

// plainID is the name of a variable or an output with an object's id.
func (o *object) plainID() string { return o.kind.Noun + "_id" }

// output is the name under which the module of an object tells its id. Two underscores are in no noun.
func (o *object) output() string { return fmt.Sprintf("%s__%s_id", o.plural(), o.label) }
