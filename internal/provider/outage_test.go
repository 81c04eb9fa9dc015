package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// A server that is away does not hold up a run for each of its objects, and what to do about it is said once.
func TestServerThatIsAway(t *testing.T) {
	t.Parallel()
	const objects, atOneTime, retries = 60, 10, 2
	c := cortextest.Start(t)
	e := newEngine(t, c, fmt.Sprintf("CORTEX_MAX_RETRIES=%d", retries))
	e.write(fmt.Sprintf("resource \"cortex_workspace\" \"test\" {\n  count = %d\n  name = \"%s-${count.index}\"\n}\n", objects, c.Name("away")))
	e.run(apply...)
	c.Reset()
	c.Fail(cortextest.Fault{Times: -1, Kind: cortextest.Reset})

	advised, notSent := 0, 0
	got := e.problems(plan...)
	for _, p := range got {
		if !strings.HasPrefix(p.Summary, "Cannot read workspace ") || !strings.HasPrefix(p.Detail, "GET "+c.URL()) {
			t.Errorf("the error is %q", p)
		}
		if strings.Contains(p.Detail, "Check that endpoint of the provider") {
			advised++
		}
		if strings.Contains(p.Detail, "not sent, since the 10 requests before it got no answer; the last one: ") {
			notSent++
		}
	}
	if len(got) != objects || advised != 1 {
		t.Errorf("%d errors for %d objects; advice in %d of them", len(got), objects, advised)
	}
	// Ten are under way when the tenth one has failed, and those come to their end. A list or two is asked for besides.
	if requests := c.Count("GET", "/"); notSent < objects-2*atOneTime || requests > 2*atOneTime*(1+retries)+2 {
		t.Errorf("%d requests; %d of %d objects were not asked for", requests, notSent, objects)
	}

	c.Reset()
	e.wantNoChanges()
	e.run(destroy...)
}
