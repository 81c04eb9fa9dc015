package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// A dashboard is made, run, changed, enlarged, rearranged and half replaced. Beside its plans are those of the same changes with lists.
func TestGuideDashboards(t *testing.T) {
	c := cortextest.Start(t)
	before := living(c)
	file := shopFile(t, c)
	e, lists := newInstalled(t, buildProvider(t), "CORTEX_API_URL="+c.URL()), newEngine(t, nil, withLists+"=1")
	const changed = "0 added, 1 changed, 0 destroyed"
	said := map[string][]string{
		"From a metric to a dashboard": {"successfully initialized!", "6 to add, 0 to change, 0 to destroy", "6 added"},
		"What its widgets show":        {"No changes."},
		"Change":                       {"0 to add, 1 to change, 0 to destroy", changed},
		"In which order":               {"0 to add, 1 to change, 0 to destroy", changed},
		"Move and remove":              {"0 to add, 1 to change, 0 to destroy", changed, "No changes."},
		"When that fails half-way":     {changed, "No changes."},
		"The end":                      {"6 destroyed"},
	}
	puts := map[string]int{"Change": 1, "In which order": 1, "Move and remove": 3, "When that fails half-way": 1}
	const name = "dashboard.tf"
	var versions []string // of that file
	outputs, listPlans := map[string]string{}, map[string]string{}
	for _, f := range guide(t, c, "dashboards") {
		switch {
		case f.file == name:
			text := f.text
			if f.language == "diff" {
				text = patched(t, versions[len(versions)-1], f.text)
			}
			versions = append(versions, text)
			e.file(name, text)
			lists.write(asLists(t, text))
			listPlans[f.section] = lists.run(plan...)
			lists.run(apply...)
		case f.language == "terraform":
			e.file(f.file, strings.ReplaceAll(f.text, shopOfGuides, file))
		case f.language == "shell":
			c.Reset()
			outputs[f.section] += e.follow(f)
			if got := c.Count("PUT", "/dashboards/"); got != puts[f.section] {
				t.Errorf("%s: %d updates, want %d", f.section, got, puts[f.section])
			}
		case f.section == "Why maps and not lists":
			of := map[bool]string{true: "In which order", false: "Change"}[strings.Contains(f.text, "share")]
			for i, shown := range []string{outputs[of], listPlans[of]} {
				wantPart(t, f.section, shown, columns(f.text)[i])
			}
		case f.section == "What Cortex cannot show":
			e.file(name, strings.Replace(versions[0], `, y_axes = [{ field = "revenue" }]`, "", 1))
			if got := slices.Compact(e.warnings(plan...)); len(got) != 1 || f.text != fmt.Sprintf("Warning: %s\n\n%s\n", got[0].Summary, got[0].Detail) {
				t.Errorf("the warnings are %q", got)
			}
		case strings.HasPrefix(f.text, "Error: "):
			e.file(name, versions[len(versions)-2]) // which has the table elsewhere, too
			got := e.halfReplaced(c)
			if diff := cmp.Diff(withoutIDs(f.text), withoutIDs(fmt.Sprintf("Error: %s\n\n%s\n", got.Summary, got.Detail))); diff != "" {
				t.Errorf("the error (-guide +got):\n%s", diff)
			}
		default: // what the commands before it show
			wantWords(t, f.section, outputs[f.section], strings.Split(strings.TrimSuffix(f.text, "\n"), "\n")...)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(outputs))); diff != "" {
		t.Errorf("the sections with commands (-want +got):\n%s", diff)
	}
	for section, words := range said {
		wantWords(t, section, outputs[section], words...)
	}
	if diff := cmp.Diff(before, living(c)); diff != "" {
		t.Errorf("what the guide leaves behind (-before +after):\n%s", diff)
	}
}

// halfReplaced applies what takes three requests, of which the last one fails, and returns the error.
func (e *engine) halfReplaced(c *cortextest.Cortex) problem {
	e.t.Helper()
	puts := 0
	c.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "maintenance", Times: -1, Match: func(r *http.Request) bool {
		if r.Method == http.MethodPut {
			puts++
		}
		return r.Method == http.MethodPut && puts > 2
	}})
	e.Setenv("CORTEX_MAX_RETRIES=0")
	got := e.problems(apply...)
	e.Setenv("CORTEX_MAX_RETRIES=4")
	if len(got) != 1 {
		e.t.Fatalf("the errors are %q", got)
	}
	return got[0]
}

func withoutIDs(text string) string { return idPattern.ReplaceAllString(text, "…") }

// wantPart wants a text to have these lines one after another, indented by as much as it likes, with … for each id.
func wantPart(t *testing.T, what, text, lines string) {
	t.Helper()
	text = withoutIDs(text)
	first, _, _ := strings.Cut(lines, "\n")
	indented := regexp.MustCompile(`(?m)^( *)` + regexp.QuoteMeta(first) + `$`).FindStringSubmatch(text)
	if indented == nil || !strings.Contains(regexp.MustCompile("(?m)^"+indented[1]).ReplaceAllString(text, ""), lines) {
		t.Errorf("%s: the plan has not\n%s\n%s", what, lines, text)
	}
}

// columns are the two that stand side by side in a text.
func columns(text string) (both [2]string) {
	for line := range strings.Lines(text) {
		left, right, _ := strings.Cut(line, "│")
		for i, cell := range []string{left, strings.TrimPrefix(right, " ")} {
			both[i] += strings.TrimRight(cell, " \n") + "\n"
		}
	}
	for i, lines := range both {
		both[i] = strings.TrimRight(lines, "\n") + "\n"
	}
	return both
}

// patched is a text after a diff.
func patched(t *testing.T, text, diff string) string {
	t.Helper()
	var old, new strings.Builder
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			old.WriteString(line[1:])
		}
		if line[0] != '-' {
			new.WriteString(line[1:])
		}
	}
	if strings.Count(text, old.String()) != 1 {
		t.Fatalf("not once is there\n%s\nin\n%s", old.String(), text)
	}
	return strings.Replace(text, old.String(), new.String(), 1)
}
