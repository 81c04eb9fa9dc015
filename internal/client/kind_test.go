package client

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// pages answers like Cortex for a list in pages of metrics that changes between the requests, as the passes say: numbers of metrics.
func pages(passes ...[]int) []http.HandlerFunc {
	var steps []http.HandlerFunc
	for _, pass := range passes {
		for rest := pass; ; rest = rest[min(pageSize, len(rest)):] {
			var items []string
			for _, n := range rest[:min(pageSize, len(rest))] {
				items = append(items, fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","name":"m%d"}`, n, n))
			}
			steps = append(steps, jsonAnswer(200, `{"metrics":[`+strings.Join(items, ",")+`],"total_count":1,"page":1,"page_size":100}`))
			if len(items) < pageSize {
				break
			}
		}
	}
	return steps
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// A list of several pages is believed once two passes show the same: what is written between two pages moves others to a page that was read.
func TestPagesAreReadUntilTheyAgree(t *testing.T) {
	missed := slices.Delete(upTo(104), 100, 101) // m100 moved to the first page, after that was read
	changing := func(n int) []int { return append(upTo(103), 1000+n) }
	for name, test := range map[string]struct {
		passes [][]int
		found  int
		fails  bool
	}{
		"one page":            {[][]int{upTo(99)}, 99, false},
		"a full page":         {[][]int{upTo(100), upTo(100)}, 100, false},
		"two pages":           {[][]int{upTo(104), upTo(104)}, 104, false},
		"one missed at first": {[][]int{missed, upTo(104), upTo(104)}, 104, false},
		"one comes twice":     {[][]int{append(upTo(103), 5), append(upTo(103), 5)}, 103, false},
		"they never agree":    {[][]int{changing(1), changing(2), changing(3), changing(4), changing(5), changing(6)}, 0, true},
	} {
		s := newScript(t, pages(test.passes...)...)
		got, err := readList(context.Background(), s.client(t), metrics, envA, 0, func(item struct{ ID string }) string { return item.ID }, nil)
		if len(got) != test.found || (err != nil) != test.fails || test.fails && ClassOf(err) != Unavailable {
			t.Errorf("%s: %d found, %v", name, len(got), err)
		}
		s.done()
	}
}
