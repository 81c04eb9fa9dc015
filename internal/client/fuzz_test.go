package client

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// FuzzDecode feeds answers to everything that reads one. What is taken for an object is a whole one, and no HTML is.
func FuzzDecode(f *testing.F) {
	cortextest.Recorded(f, func(_ int, contentType, body string) { f.Add(contentType, []byte(body)) })
	c := Failing(nil)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		var w Workspace
		if err := decode(contentType, body, &w); err == nil && c.Workspaces.check(w, wsA, "") == nil {
			readsBack(t, w)
			if !strings.EqualFold(w.ID, wsA) || w.CreatedAt == "" || w.UpdatedAt == "" || strings.HasPrefix(contentType, "text/html") {
				t.Errorf("taken for workspace %s: %+v", wsA, w)
			}
		}
		var list []Environment
		if err := decode(contentType, body, &list); err == nil {
			if list == nil {
				t.Error("an answer without a list was taken for an empty one")
			}
			for _, e := range list {
				if c.Environments.check(e, "", wsA) == nil {
					readsBack(t, e)
					if !strings.EqualFold(e.WorkspaceID, wsA) {
						t.Errorf("taken for an environment in %s: %+v", wsA, e)
					}
				}
			}
		}
		if decode(contentType, body, nil) == nil && strings.TrimSpace(string(body)) != "" {
			t.Errorf("%q was taken for no content", body)
		}
		for _, kind := range attachedKinds {
			var answer json.RawMessage
			if decode(contentType, body, &answer) == nil {
				if items, err := itemsIn[Workspace](answer, kind.field); err == nil && items == nil {
					t.Errorf("an answer without %ss was taken for an empty list", kind.noun)
				}
			}
		}
	})
}

// readsBack fails the test unless an object survives a way through JSON.
func readsBack[T any](t *testing.T, object T) {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var again T
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(object, again) {
		t.Errorf("%+v reads back as %+v, %v", object, again, err)
	}
}

// FuzzClassify feeds answers outside 2xx to what judges them. Nothing is gone but what Cortex itself says is.
func FuzzClassify(f *testing.F) {
	cortextest.Recorded(f, func(status int, contentType, body string) { f.Add(status, contentType, []byte(body)) })
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		class, missing, table := classify(status, contentType, body)
		text := strings.TrimSpace(string(body))
		err := &Error{Status: status, Class: class, Missing: missing, Table: table}
		if class == NotFound {
			if status != 404 && status != 500 || !strings.HasPrefix(contentType, "text/plain") || !IsGone(err, missing.Noun, missing.ID) ||
				len(missing.ID) != 36 || !strings.Contains(text, " with ID "+missing.ID+" ") || !strings.HasPrefix(strings.ToLower(text), missing.Noun) {
				t.Errorf("status %d, %q: %q is taken for the proof that %+v is gone", status, contentType, body, missing)
			}
		} else if missing != (Missing{}) || missing.ID == "" && IsGone(err, "workspace", "") {
			t.Errorf("class %d with %+v", class, missing)
		}
		if (table != "") != (class == InUse) {
			t.Errorf("class %d with table %q", class, table)
		}
		shown := excerpt(newSecrets(nil), contentType, body)
		if Printable(shown) != shown {
			t.Errorf("%q is shown as %q, which a terminal may take for more than text", body, shown)
		}
		if !utf8.ValidString(shown) || len(shown) > maxText+len("…") || strings.Contains(shown, "[SQL:") {
			t.Errorf("%q is shown as %q", body, shown)
		}
	})
}

// FuzzSecrets lets a server repeat a secret, in every form, at any place of a text. What is shown is what would be shown if the mark had
// stood there, so that nothing of the secret is, wherever the text is cut.
func FuzzSecrets(f *testing.F) {
	for _, secret := range []string{"s3cr3t", `pa"ss\<word>&/+ü😀`, "Basic dXNlcjpwYXNz", "a%20b c"} {
		f.Add(secret, "denied for Bearer ", "; go away")
		f.Add(secret, strings.Repeat("x", maxText-3), "")
		f.Add(secret, strings.Repeat("é", maxText/2-2), strings.Repeat("y", maxText))
	}
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		secret = strings.TrimSpace(secret)
		if len(secret) < 3 || strings.ContainsAny(secret, "()") || strings.Contains(mark, secret) {
			t.Skip("no secret, or one that the mark may complete")
		}
		s := newSecrets([]string{secret})
		for _, form := range spellings(secret) {
			if s.without(before+form+after) != before+mark+after {
				continue // the rest of the text has it as well, or completes it
			}
			for _, contentType := range []string{"text/plain", "application/json"} {
				got, want := excerpt(s, contentType, []byte(before+form+after)), excerpt(newSecrets(nil), contentType, []byte(before+mark+after))
				if got != want {
					t.Errorf("%q in %q is shown as %q, want %q", secret, before+form+after, got, want)
				}
			}
		}
	})
}
