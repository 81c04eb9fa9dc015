package client

import (
	"errors"
	"fmt"
	"sync"
)

// manyUnanswered is how many requests in a row have to end without any answer, all their repetitions spent, before the rest of a run is
// given up: as many as engines have under way at one time. Otherwise a plan of five hundred objects would wait for each of them, for hours.
const manyUnanswered = 10

// outage knows whether a server answers at all, and what a run has been told about it.
type outage struct {
	mu         sync.Mutex
	unanswered int   // requests in a row that ended without an answer
	last       error // of the last one
	advised    map[Class]bool
}

// notSent is why a request was not even tried.
type notSent struct{ last error }

func (e *notSent) Error() string {
	return fmt.Sprintf("not sent, since the %d requests before it got no answer; the last one: %v", manyUnanswered, e.last)
}

func (e *notSent) Unwrap() error { return e.last }

// down returns why a request has to be given up before it is sent; nil when it has not.
func (o *outage) down() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unanswered < manyUnanswered {
		return nil
	}
	return &notSent{o.last}
}

// ended notes how a request ended: with an answer of whatever kind, nil, or without one after so many repetitions as it may have.
func (o *outage) ended(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil {
		o.unanswered = 0
		return
	}
	o.unanswered++
	o.last = err
}

// advise tells, once for each class and run, that people need advice for it.
func (o *outage) advise(c Class) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.advised[c] {
		return false
	}
	if o.advised == nil {
		o.advised = map[Class]bool{}
	}
	o.advised[c] = true
	return true
}

// NeedsAdvice tells whether a message about the error has to say what to do. Errors that are about the server, and not about one object,
// come once for each object of a run: it is enough if the first one says it.
func (e *Error) NeedsAdvice() bool {
	switch e.Class {
	case Denied, NotCortex, Unavailable, Unreachable:
		return e.outage == nil || e.outage.advise(e.Class)
	}
	return true
}

// wasNotSent tells whether a request was given up before it was sent.
func wasNotSent(err error) bool { return errors.As(err, new(*notSent)) }
