package export

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// complaints says what is not exported, and why.
func complaints(refused []*object) string {
	var b strings.Builder
	for _, o := range refused {
		fmt.Fprintf(&b, "Not exported: %s: %v\n", o, o.refused)
	}
	return b.String()
}

// strays says which ids stay ids, since what they belong to is not exported: other workspaces have it, or none any more.
func strays(exported []*object) string {
	var b strings.Builder
	there := index(exported)
	for _, o := range exported {
		said := map[id]bool{}
		for _, a := range o.attributes {
			_ = tftypes.Walk(a.Value, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
				name := a.Name
				if nested, ok := at.LastStep().(tftypes.AttributeName); ok {
					name = string(nested)
				}
				text, isText := provider.Text(value)
				if to := (id{o.kind.References[name], text}); isText && to.noun != "" && there[to] == nil && !said[to] {
					said[to] = true
					fmt.Fprintf(&b, "No reference: %s has the id of %s %s, which is not exported\n", o, to.noun, to.id)
				}
				return true, nil
			})
		}
	}
	return b.String()
}

// count says how many objects of each kind there are; of what is in environments, only the kinds of which there are some.
func count(objects []*object) string {
	var parts []string
	for _, k := range kinds {
		n := 0
		for _, o := range objects {
			if o.kind == k {
				n++
			}
		}
		if n == 0 && k.Container == "environment" {
			continue
		}
		noun := k.Noun + "s"
		if n == 1 {
			noun = k.Noun
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, noun))
	}
	return strings.Join(parts, ", ")
}

// progressLine is one line on a terminal that says how far the export is.
type progressLine struct {
	to    io.Writer
	on    bool
	shown time.Time
}

func (l *progressLine) show(noun string, done, of int) {
	if !l.on || 0 < done && done < of && time.Since(l.shown) < 100*time.Millisecond {
		return
	}
	l.shown = time.Now()
	fmt.Fprintf(l.to, "\r\x1b[KReading %ss: %d of %d lists", noun, done, of)
}

func (l *progressLine) clear() {
	if l.on {
		fmt.Fprint(l.to, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
