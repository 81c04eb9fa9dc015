package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// FuzzImportID feeds import ids to what resolves them. What is found is what the text says, or it is an error.
func FuzzImportID(f *testing.F) {
	cortex := cortextest.StartFake(f, cortextest.FakeOptions{})
	names := []string{"acme", "a/b", "a", "b/c", "Ä", norm.NFD.String("Ä"), " x ", "44443384-d42b-4121-9bee-11feb636a9a4"}
	for _, name := range names {
		w := cortex.CreateWorkspace(name, nil)
		f.Add(w.ID)
		f.Add("{" + strings.ToUpper(w.ID) + "}")
		f.Add(name)
		for _, inside := range []string{"Production", "b/c", "c"} {
			e := cortex.CreateEnvironment(w.ID, inside, nil)
			for _, text := range []string{e.ID, w.ID + "/" + e.ID, w.ID + "/" + inside, name + "/" + inside, name + "/" + e.ID, "/" + inside} {
				f.Add(text)
			}
		}
	}
	cortextest.Recorded(f, func(_ int, _, body string) {
		var object struct{ ID, Name string }
		if json.Unmarshal([]byte(body), &object) == nil && object.Name != "" {
			f.Add(object.Name)
			f.Add(object.ID + "/" + object.Name)
		}
	})
	c, err := client.New(client.Config{Endpoint: cortex.URL()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.CloseIdleConnections)
	f.Fuzz(func(t *testing.T, text string) {
		same := func(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }
		bare := func(id string) string { return strings.ReplaceAll(strings.ToLower(id), "-", "") }
		isID := func(id string) bool { return strings.Contains(bare(text), bare(id)) }
		if w, err := workspaceKind().find(t.Context(), c, text); err == nil && !isID(w.ID) && !same(text, w.Name) {
			t.Errorf("%q finds workspace %+v", text, w)
		}
		e, err := environmentKind().find(t.Context(), c, text)
		if err != nil || isID(e.ID) {
			return
		}
		w, there := cortex.Workspace(e.WorkspaceID)
		if !there || !same(text, fmt.Sprint(w.Name, "/", e.Name)) && !(isID(w.ID) && strings.HasSuffix(norm.NFC.String(text), norm.NFC.String("/"+e.Name))) {
			t.Errorf("%q finds environment %+v in %+v", text, e, w)
		}
	})
}
