package export

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

func TestIdentifier(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"acme", "acme"},
		{"Acme Corp.", "acme_corp"},
		{"acme-prod", "acme_prod"},
		{"a__b", "a_b"},
		{"  x  ", "x"},
		{"2024", "workspace_2024"},
		{"2024 plan", "workspace_2024_plan"},
		{"Zoë", "zoë"},
		{"Zoe\u0308", "zoë"}, // NFD
		{"Größe", "größe"},
		{"東京支店", "東京支店"},
		{"Ελλάδα", "ελλάδα"},
		{"हिन्दी", "हिन्दी"}, // marks between letters belong to them
		{"مرحبا", "مرحبا"},
		{"🚀", "u1f680"},
		{"🚀 rocket ❤️", "rocket"},
		{"\u0301x", "x"}, // a mark without a letter
		{"a\u200bb", "a_b"},
		{"\u3164", "u3164"},  // a letter that nobody sees
		{"\U0001e13ca", "a"}, // a letter that is too new for most engines
		{"${x} %{y} \"z\"", "x_y_z"},
		{"!?", "u21_u3f"},
		{" ", "u20"},
		{"provider", "provider"},
		{"Override", "override"},
		{"x override", "x_override"},
		{"CON", "con_workspace"},
		{"com¹", "com"},
		{"a/b\\c", "a_b_c"},
		{"..", "u2e_u2e"},
		{strings.Repeat("x", 200), strings.Repeat("x", maxLabel)},
		{strings.Repeat("東", 200), strings.Repeat("東", maxLabel/3)},
	} {
		if got := wholeIdentifier(identifier(test.name), "workspace"); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.name, got, test.want)
		}
	}
}

// fixed are ids that begin alike, or are like one of the names below.
var fixed = []string{
	"11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002", "22222222-0000-4000-8000-000000000003",
}

func TestLabels(t *testing.T) {
	for _, test := range []struct {
		name  string
		names []string
		want  []string
	}{
		{"different", []string{"a", "b", "c"}, []string{"a", "b", "c"}},
		{"case", []string{"Acme", "b", "acme"}, []string{"acme_11111111", "b", "acme_22222222"}},
		{"ids that begin alike", []string{"a", "A", "b"}, []string{"a_11111111_" + fixed[0], "a_11111111_" + fixed[1], "b"}},
		{"a name that ends like an id", []string{"a", "a_22222222", "A"}, []string{"a_11111111", "a_22222222_" + fixed[1], "a_22222222_" + fixed[2]}},
		{"one name to a file system", []string{"straße", "strasse", "x"}, []string{"straße_11111111_" + fixed[0], "strasse_11111111_" + fixed[1], "x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects := places(test.names, fixed)
			giveLabels(objects)
			for i, o := range objects {
				if o.own != test.want[i] {
					t.Errorf("%q has the label %q, want %q", test.names[i], o.own, test.want[i])
				}
			}
		})
	}
}

func places(names, ids []string) []*object {
	var objects []*object
	for i, name := range names {
		objects = append(objects, &object{kind: kinds[0], in: &object{}, ref: client.Ref{ID: ids[i], Name: name}})
	}
	return objects
}

// names are names of which many come to the same identifier.
var names = rapid.OneOf(
	rapid.String(),
	rapid.StringOf(rapid.RuneFrom([]rune("aAbB_- 1ßéé\u0301💥.ÅÅ"))),
	rapid.SampledFrom([]string{"", "acme", "Acme", "ACME", "acme_11111111", "CON", "con", "override", "this", "This", "provider", "1", "01", strings.Repeat("y", 300)}),
)

func TestLabelsOfAnyNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(names, 1, 20).Draw(t, "names")
		var ids []string
		for i := range given {
			ids = append(ids, fmt.Sprintf("%08x-0000-4000-8000-%012x", rapid.IntRange(0x11111111, 0x11111113).Draw(t, "id"), i))
		}
		top := places(given, ids)
		giveLabels(top)

		all := slices.Clone(top)
		groups := [][]*object{top}
		for i, container := range top[:min(len(top), 5)] {
			var some []*object
			for j, name := range given {
				some = append(some, &object{kind: kinds[1], in: container, ref: client.Ref{ID: fmt.Sprintf("%08x-0000-4000-8000-%06x%06x", 0x11111111, i, j), Name: name}})
			}
			giveLabels(some)
			groups, all = append(groups, some), append(all, some...)
		}
		addresses := map[string]bool{}
		for _, s := range []shape{{}, {single: true}} {
			(&draft{shape: s, root: &module{}}).place(all)
			for _, o := range all {
				addresses[fmt.Sprint(s.single, o.fromRoot())] = true
			}
		}
		if len(addresses) != 2*len(all) {
			t.Fatalf("%d objects have %d addresses: %v", len(all), len(addresses)/2, addresses)
		}

		for _, objects := range groups {
			seen := map[string]bool{}
			for _, o := range objects {
				if !hclsyntax.ValidIdentifier(o.own) || strings.Contains(o.own, "__") {
					t.Fatalf("%q has the label %q, which is no identifier", o.ref.Name, o.own)
				}
				if seen[fold(o.own)] {
					t.Fatalf("two objects have the label %q", o.own)
				}
				seen[fold(o.own)] = true
				if o.own != norm.NFC.String(o.own) {
					t.Fatalf("the label %q is not in NFC", o.own)
				}
			}
		}
		for _, o := range top {
			if name := o.own + "_consumer_group_members.tf"; len(name) > 143 || slices.Contains(reserved, o.own) {
				t.Fatalf("%q is written to %q", o.ref.Name, name)
			}
		}

		// In any order they are the same.
		order := rand.Perm(len(top))
		var again []*object
		for _, i := range order {
			again = append(again, places(given[i:i+1], ids[i:i+1])...)
		}
		giveLabels(again)
		for at, i := range order {
			if again[at].own != top[i].own {
				t.Fatalf("%q has the label %q in one order and %q in another", given[i], top[i].own, again[at].own)
			}
		}
	})
}

func FuzzIdentifier(f *testing.F) {
	f.Add("acme")
	f.Add("🚀")
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" {
			return // has no label that anybody uses: it cannot be exported
		}
		if label := wholeIdentifier(identifier(name), "workspace"); !hclsyntax.ValidIdentifier(label) {
			t.Errorf("%q becomes %q", name, label)
		}
	})
}

func BenchmarkLabels(b *testing.B) {
	var given, ids []string
	for i := range 5000 {
		given, ids = append(given, fmt.Sprintf("Überraschung %d 東京 🚀", i)), append(ids, uuid.NewString())
	}
	for b.Loop() {
		giveLabels(places(given, ids))
	}
}
