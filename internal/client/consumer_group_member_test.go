package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

var annInA = GroupMember{EnvironmentID: envA, GroupID: groupA, ConsumerID: consumerA}

func TestMembershipIsRead(t *testing.T) {
	id := annInA.Ref().ID
	for name, test := range map[string]struct {
		step       http.HandlerFunc
		there, not bool
	}{
		"in it":                      {jsonAnswer(200, consumer("null", groupB, groupA)), true, false},
		"in another group":           {jsonAnswer(200, consumer("null", groupB)), false, true},
		"in none":                    {jsonAnswer(200, consumer("null")), false, true},
		"the consumer is gone":       {text(404, "Consumer with ID "+consumerA+" does not exist"), false, true},
		"a proxy knows nothing":      {text(404, "Not Found"), false, false},
		"another consumer is gone":   {text(404, "Consumer with ID "+groupA+" does not exist"), false, false},
		"the answer shows no groups": {jsonAnswer(200, `{"id":"`+consumerA+`","environment_id":"`+envA+`","email":"ann@example.com","created_at":"x","updated_at":"y"}`), false, false},
	} {
		s := newScript(t, test.step)
		_, err := s.client(t).GroupMembers.Get(context.Background(), envA, id)
		if (err == nil) != test.there || IsGone(err, "consumer group member", id) != test.not {
			t.Errorf("%s: %v", name, err)
		}
		s.done()
	}
}

func TestMembershipIsMade(t *testing.T) {
	out, in := jsonAnswer(200, consumer("null", groupB)), jsonAnswer(200, consumer("null", groupA))
	added := jsonAnswer(200, `{"status":"success","message":"Consumer added to group"}`)
	unique := text(500, `(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint "consumer_group_members_pkey"`)
	type outcome int
	const (
		ours outcome = iota
		exists
		unsettled
		plain
	)
	for name, test := range map[string]struct {
		steps []http.HandlerFunc
		want  outcome
	}{
		"answered":                        {[]http.HandlerFunc{out, added}, ours},
		"somebody else's":                 {[]http.HandlerFunc{in}, exists},
		"answer lost, made":               {[]http.HandlerFunc{out, reset, in}, ours},
		"answer lost, not made":           {[]http.HandlerFunc{out, reset, out, added}, ours},
		"502, made":                       {[]http.HandlerFunc{out, text(502, ""), in}, ours},
		"HTML with 200, made":             {[]http.HandlerFunc{out, answer(200, "text/html", "<html>"), in}, ours},
		"no word of success, not made":    {[]http.HandlerFunc{out, jsonAnswer(200, `{}`), out, added}, ours},
		"another request was faster":      {[]http.HandlerFunc{out, unique, in}, ours},
		"refused by the database":         {[]http.HandlerFunc{out, unique, out}, plain},
		"503 for ever":                    {[]http.HandlerFunc{out, text(503, ""), out, text(503, ""), out, text(503, ""), out, text(503, ""), out}, unsettled},
		"the look fails":                  {[]http.HandlerFunc{out, reset, text(400, "")}, unsettled},
		"the group is gone":               {[]http.HandlerFunc{out, text(404, "Consumer group with ID "+groupA+" does not exist")}, plain},
		"the consumer is gone":            {[]http.HandlerFunc{text(404, "Consumer with ID "+consumerA+" does not exist")}, plain},
		"of another environment":          {[]http.HandlerFunc{out, text(400, "Consumer and group must be in the same environment")}, plain},
		"denied":                          {[]http.HandlerFunc{out, text(403, "")}, plain},
		"of another environment, on head": {[]http.HandlerFunc{out, text(500, "Consumer and group must be in the same environment")}, plain},
	} {
		s := newScript(t, test.steps...)
		got, err := s.client(t).GroupMembers.Create(context.Background(), GroupMember{GroupID: groupA, ConsumerID: consumerA})
		var u *UnsettledError
		var n *NameTakenError
		switch {
		case test.want == ours && (err != nil || got.EnvironmentID != envA),
			test.want == exists && (!errors.As(err, &n) || n.Holder[0].ID != annInA.Ref().ID),
			test.want == unsettled && !errors.As(err, &u),
			test.want == plain && (err == nil || errors.As(err, &u) || errors.As(err, &n)):
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		s.done()
	}
}

// A consumer that this run made is asked for nothing; twice the same membership is one too many.
func TestMembershipOfANewConsumer(t *testing.T) {
	added := jsonAnswer(200, `{"status":"success","message":"Consumer added to group"}`)
	s := newScript(t, list(), jsonAnswer(201, consumer("null")), added)
	c := s.client(t)
	if _, err := c.Consumers.Create(context.Background(), ann); err != nil {
		t.Fatal(err)
	}
	want := GroupMember{GroupID: groupA, ConsumerID: consumerA}
	if got, err := c.GroupMembers.Create(context.Background(), want); err != nil || got.EnvironmentID != envA {
		t.Errorf("got %+v, %v", got, err)
	}
	var taken *NameTakenError
	if _, err := c.GroupMembers.Create(context.Background(), want); !errors.As(err, &taken) {
		t.Errorf("a second one: %v", err)
	}
	s.done()
}

func TestMembershipIsEnded(t *testing.T) {
	for name, test := range map[string]struct {
		steps []http.HandlerFunc
		fails bool
	}{
		"removed":              {[]http.HandlerFunc{jsonAnswer(200, `{"status":"success","message":"Consumer removed from group"}`)}, false},
		"was none":             {[]http.HandlerFunc{jsonAnswer(200, `{"status":"success","message":"Consumer was not a member of the group"}`)}, false},
		"the group is gone":    {[]http.HandlerFunc{text(404, "Consumer group with ID "+groupA+" does not exist")}, false},
		"the consumer is gone": {[]http.HandlerFunc{text(500, "Consumer with ID "+consumerA+" does not exist")}, false},
		"another is gone":      {[]http.HandlerFunc{text(404, "Consumer with ID "+groupB+" does not exist")}, true},
		"no word of success":   {[]http.HandlerFunc{jsonAnswer(200, `{}`)}, true},
		"denied":               {[]http.HandlerFunc{text(403, "")}, true},
	} {
		s := newScript(t, test.steps...)
		if err := s.client(t).GroupMembers.Delete(context.Background(), annInA.Ref()); (err != nil) != test.fails {
			t.Errorf("%s: %v", name, err)
		}
		s.done()
	}
}

// Ten thousand memberships are read with one list of consumers for each environment, and so are the consumers themselves.
func TestTenThousandMembershipsAreReadFromLists(t *testing.T) {
	const environments, each = 10, 1000
	id := func(kind, n int) string { return fmt.Sprintf("00000000-0000-4000-8%03d-%012d", kind, n) }
	person := func(n int) string {
		return fmt.Sprintf(`{"id":%q,"environment_id":%q,"first_name":"","last_name":"","email":"c%d@example.com","properties":null,`+
			`"groups":[{"id":%q,"name":"g"}],"created_at":"x","updated_at":"y"}`, id(1, n), id(0, n/each), n, id(2, n/each))
	}
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		path := strings.TrimPrefix(r.URL.Path, "/api/v1/environments")
		var n int
		_, _ = fmt.Sscanf(path, "/00000000-0000-4000-8000-%012d", &n)
		var items []string
		switch {
		case path == "":
			for n := range environments {
				items = append(items, environment(id(0, n), wsA, fmt.Sprint("e", n)))
			}
		case path == "/"+id(0, n):
			jsonAnswer(200, environment(id(0, n), wsA, fmt.Sprint("e", n)))(w, r)
			return
		case path == "/"+id(0, n)+"/consumers":
			for i := range each {
				items = append(items, person(n*each+i))
			}
		case strings.HasPrefix(r.URL.Path, "/api/v1/consumers/"): // one that came too early to know of others
			_, _ = fmt.Sscanf(r.URL.Path, "/api/v1/consumers/00000000-0000-4000-8001-%012d", &n)
			jsonAnswer(200, person(n))(w, r)
			return
		default:
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		list(items...)(w, r)
	}))
	defer server.Close()
	c, err := New(Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	// Where a few of the first reads are answered from lists that were asked for ahead, the others wait for as long as this.
	c.reads.pause, c.reads.limit = 2*time.Second, 2*time.Second
	for n := range environments {
		if _, err := c.Environments.Get(context.Background(), wsA, id(0, n)); err != nil {
			t.Fatal(err)
		}
	}
	var group errgroup.Group
	group.SetLimit(2 * manyAtOnce) // two in each place
	for i := range environments * each {
		n := i % environments
		group.Go(func() error {
			consumer := id(1, n*each+i/environments)
			if _, err := c.Consumers.Get(context.Background(), id(0, n), consumer); err != nil {
				return err
			}
			_, err := c.GroupMembers.Get(context.Background(), id(0, n), id(2, n)+"/"+consumer)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	// The environments by themselves are one read and one list.
	if n := requests.Load(); n < 2+environments || n > 2+environments+allowance {
		t.Errorf("%d requests, want %d, and %d more at most", n, 2+environments, allowance)
	}
}
