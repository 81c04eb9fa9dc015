package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReadsAreRetried(t *testing.T) {
	ok := jsonAnswer(200, workspace(wsA, "acme"))
	truncated := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		_, _ = w.Write([]byte(`{"id":`))
	}
	for name, first := range map[string]http.HandlerFunc{
		"reset":              reset,
		"truncated body":     truncated,
		"429":                text(429, ""),
		"502":                answer(502, "text/html", "<html>"),
		"503":                text(503, ""),
		"504":                text(504, ""),
		"unknown 500":        text(500, "Internal Server Error"),
		"database away":      text(500, "(psycopg.OperationalError) connection failed"),
		"database restarted": text(500, "(psycopg.errors.AdminShutdown) terminating"),
		"another vanished":   text(500, "Consumer with ID "+wsB+" does not exist"),
		"deleted meanwhile":  text(500, "Instance '<WorkspaceORM at 0x7f10a>' has been deleted, or its row is otherwise not present."),
	} {
		s := newScript(t, first, first, ok)
		if w, err := s.client(t).Workspaces.GetNow(context.Background(), "", wsA); err != nil || w.Name != "acme" {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		s.done()
	}
}

func TestFinalAnswersAreNotRetried(t *testing.T) {
	for name, step := range map[string]http.HandlerFunc{
		"gone":              text(404, "Workspace with ID "+wsA+" not found"),
		"gone, head":        text(500, "Workspace with ID "+wsA+" does not exist in the database"),
		"refused statement": text(500, "(psycopg.errors.UndefinedColumn) column x does not exist"),
		"denied":            text(401, ""),
		"validation":        text(400, "[]"),
		"HTML":              answer(200, "text/html", "<html>"),
		"too large":         jsonAnswer(200, workspace(wsA, "acme")+strings.Repeat(" ", maxAnswer)),
		"null":              jsonAnswer(200, "null"),
		"another object":    jsonAnswer(200, workspace(wsB, "other")),
		"half an object":    jsonAnswer(200, `{"id":"`+wsA+`","name":"x"}`),
		"an array":          jsonAnswer(200, "[]"),
		"redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://login")
			w.WriteHeader(307)
		},
	} {
		s := newScript(t, step)
		patient := func(cfg *Config) { cfg.RequestTimeout = time.Minute } // a busy machine takes long for what is too large
		if _, err := s.client(t, patient).Workspaces.GetNow(context.Background(), "", wsA); err == nil {
			t.Errorf("%s: no error", name)
		}
		s.done()
	}
}

func TestRetriesAreBounded(t *testing.T) {
	down := text(503, "maintenance")
	s := newScript(t, down, down, down, down)
	_, err := s.client(t).Workspaces.GetNow(context.Background(), "", wsA)
	if ClassOf(err) != Unavailable || !strings.Contains(err.Error(), "status 503: maintenance") {
		t.Errorf("got %v", err)
	}
	s.done()
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var asked []time.Time
	note := func(step http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { asked = append(asked, time.Now()); step(w, r) }
	}
	limited := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "1"); w.WriteHeader(429) }
	s := newScript(t, list(), note(limited), note(jsonAnswer(201, workspace(wsA, "acme"))))
	if _, err := s.client(t).Workspaces.Create(context.Background(), Workspace{Name: "acme"}); err != nil {
		t.Fatal(err)
	}
	s.done()
	if waited := asked[1].Sub(asked[0]); waited < 900*time.Millisecond {
		t.Errorf("asked again after %s", waited)
	}

	// A 503 may be an answer to a POST that ran: it is looked for, and that look waits as well.
	asked = nil
	busy := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "1"); w.WriteHeader(503) }
	s = newScript(t, list(), note(busy), note(list(workspace(wsA, "acme"))))
	if _, err := s.client(t).Workspaces.Create(context.Background(), Workspace{Name: "acme"}); err != nil {
		t.Fatal(err)
	}
	s.done()
	if waited := asked[1].Sub(asked[0]); waited < 900*time.Millisecond {
		t.Errorf("looked after %s", waited)
	}

	asked = nil
	s = newScript(t, jsonAnswer(200, consumer("null")), note(busy), note(jsonAnswer(200, consumer("null", groupA))))
	if _, err := s.client(t).GroupMembers.Create(context.Background(), annInA); err != nil {
		t.Fatal(err)
	}
	s.done()
	if waited := asked[1].Sub(asked[0]); waited < 900*time.Millisecond {
		t.Errorf("looked for a membership after %s", waited)
	}
	far := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"86400"}}}
	if got := backoff(minBackoff, maxBackoff, 0, far); got != maxRetryAfter {
		t.Errorf("a day's Retry-After makes us wait %s", got)
	}
}

func TestDeadline(t *testing.T) {
	s := newScript(t, hang, hang)
	c := s.client(t, func(cfg *Config) { cfg.RequestTimeout, cfg.MaxRetries = 500*time.Millisecond, 1 })
	_, err := c.Workspaces.GetNow(context.Background(), "", wsA)
	var e *Error
	if !errors.As(err, &e) || e.Class != Unreachable || !e.Timeout() || !strings.Contains(err.Error(), "no whole answer within 500ms") {
		t.Errorf("got %v", err)
	}
	s.done()
}

func TestCancelEndsReadsAndWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newScript(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) })
	if _, err := s.client(t).Workspaces.GetNow(ctx, "", wsA); !errors.Is(err, context.Canceled) {
		t.Errorf("during a read: %v", err)
	}
	s.done()

	ctx, cancel = context.WithCancel(context.Background())
	s = newScript(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(503)
		time.AfterFunc(20*time.Millisecond, cancel)
	})
	start := time.Now()
	if _, err := s.client(t).Workspaces.GetNow(ctx, "", wsA); !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second {
		t.Errorf("during a wait: %v after %s", err, time.Since(start))
	}
	s.done()
}

func TestCancelledWriteIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := newScript(t)
	if err := s.client(t).Workspaces.Delete(ctx, Ref{ID: wsA}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSentWriteOutlivesCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newScript(t, list(), func(w http.ResponseWriter, r *http.Request) {
		cancel()
		time.Sleep(50 * time.Millisecond)
		jsonAnswer(201, workspace(wsA, "acme"))(w, r)
	})
	if w, err := s.client(t).Workspaces.Create(ctx, Workspace{Name: "acme"}); err != nil || w.ID != wsA {
		t.Errorf("got %v, %v", w, err)
	}
	s.done()
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	c, err := New(Config{Endpoint: "http://" + address, MaxRetries: 2})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Workspaces.GetNow(context.Background(), "", wsA)
	want := "GET http://" + address + "/api/v1/workspaces/" + wsA + ": no answer: dial tcp " + address + ": connect: connection refused"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDeleteOfWhatIsGone(t *testing.T) {
	for name, steps := range map[string][]http.HandlerFunc{
		"gone before":           {text(404, "Environment with ID "+envA+" does not exist in the database")},
		"gone before, head":     {text(500, "Environment with ID "+envA+" does not exist in the database")},
		"answer lost":           {reset, text(404, "Environment with ID "+envA+" does not exist in the database")},
		"plain":                 {answer(204, "application/json", "")},
		"failed once at Cortex": {text(500, "500: Failed to delete environment"), answer(204, "application/json", "")},
	} {
		s := newScript(t, steps...)
		if err := s.client(t).Environments.Delete(context.Background(), Ref{ID: envA}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s.done()
	}
	for name, step := range map[string]http.HandlerFunc{
		"another id":                  text(404, "Environment with ID "+wsA+" does not exist in the database"),
		"a proxy":                     answer(404, "text/html", "<html>"),
		"a login page with 200":       answer(200, "text/html", "<html>"),
		"half of some JSON":           jsonAnswer(200, `{"id":`),
		"an object, deleted or not":   jsonAnswer(200, environment(envA, wsA, "e")),
		"an empty body with a status": answer(202, "text/html", ""),
	} {
		if err := newScript(t, step).client(t).Environments.Delete(context.Background(), Ref{ID: envA}); err == nil {
			t.Errorf("%s: taken for done", name)
		}
	}
}

func TestList(t *testing.T) {
	s := newScript(t, list(environment(envA, wsA, "b"), environment(wsB, wsA, "a"), environment(wsA, wsA, "a")))
	got, err := s.client(t).Environments.List(context.Background(), wsA)
	if err != nil {
		t.Fatal(err)
	}
	if s.calls[0].path != "/environments?workspace_id="+wsA {
		t.Errorf("asked %s", s.calls[0].path)
	}
	var order []string
	for _, e := range got {
		order = append(order, e.Name+e.ID[:2])
	}
	if strings.Join(order, " ") != "a44 a58 b76" {
		t.Errorf("order %v", order)
	}

	for name, step := range map[string]http.HandlerFunc{
		"of another workspace": list(environment(envA, wsB, "a")),
		"an item with no id":   list(`{"name":"a"}`),
		"HTML":                 answer(200, "text/html", "<html>"),
		"null":                 jsonAnswer(200, "null"),
		"an object":            jsonAnswer(200, "{}"),
	} {
		if got, err := newScript(t, step).client(t).Environments.List(context.Background(), wsA); err == nil {
			t.Errorf("%s: read as %v", name, got)
		}
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	var from []string
	note := func(w http.ResponseWriter, r *http.Request) { from = append(from, r.RemoteAddr); list()(w, r) }
	s := newScript(t, note, note)
	c := s.client(t)
	for range 2 {
		if _, err := c.Workspaces.ListNow(context.Background(), ""); err != nil {
			t.Fatal(err)
		}
		c.CloseIdleConnections()
	}
	s.done()
	if from[0] == from[1] {
		t.Error("the connection was used again after it was to be closed")
	}
}
