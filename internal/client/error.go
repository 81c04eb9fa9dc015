package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Class tells what an error means for the caller. It is decided in one place, by classify.
type Class int

const (
	// Unexpected is an answer that nothing below describes: the state of the object is unknown.
	Unexpected Class = iota
	// NotFound is Cortex's own sentence that one object does not exist; Error.Missing names it.
	NotFound
	// NameTaken is Cortex's refusal of a second object of one name in one place.
	NameTaken
	// InUse is the database's refusal to delete an object that others refer to; Error.Table names them.
	InUse
	// Invalid is Cortex's refusal of the request's content (400).
	Invalid
	// Denied is a gateway's 401 or 403: Cortex itself asks for no credential.
	Denied
	// NotCortex is an answer that Cortex does not give: HTML, a redirect, a route that is not there.
	NotCortex
	// Unavailable is an answer that may be another one later: 429, 502, 503, 504, a database that is away.
	Unavailable
	// NotDeleted is Cortex's 500 for a deletion that found nothing to delete: the object is gone already, or another request came
	// in between.
	NotDeleted
	// Interfered is an answer to an update that shows other values than were sent: somebody else changed the object at that moment.
	Interfered
	// Rejected is a statement that the database refused for good; Cortex shows its text as a 500.
	Rejected
	// Disconnected is Cortex's answer that it cannot use the database of a data source.
	Disconnected
	// Unreachable means that there was no whole answer: no connection, a reset, a deadline.
	Unreachable
)

// Error is one failed request: what was asked and what came back.
type Error struct {
	Method string
	URL    string // secrets removed
	Status int    // 0 when there was no answer
	Text   string // Cortex's text, cut, with secrets and SQL removed; "" when there was no answer
	Class  Class
	// Missing is the object that Cortex says does not exist. Only set for NotFound.
	Missing Missing
	// Table is the database table whose rows refer to the object. Only set for InUse.
	Table string
	// Users are the objects that refer to it, if Cortex names them. Only set for InUse.
	Users []Ref
	// Cause is the transport's or the decoder's error, if any.
	Cause error

	retryAfter time.Duration // how long a 503 told us to wait, within maxRetryAfter; 0 when it did not
	outage     *outage       // of the client; see NeedsAdvice
}

// Missing names an object that Cortex says does not exist.
type Missing struct{ Noun, ID string }

func (e *Error) Error() string {
	switch {
	case wasNotSent(e.Cause):
		return fmt.Sprintf("%s %s: %v", e.Method, e.URL, e.Cause)
	case e.Status == 0:
		return fmt.Sprintf("%s %s: no answer: %v", e.Method, e.URL, e.Cause)
	case e.Cause != nil:
		return fmt.Sprintf("%s %s: status %d, but %v", e.Method, e.URL, e.Status, e.Cause)
	default:
		return fmt.Sprintf("%s %s: status %d: %s", e.Method, e.URL, e.Status, e.Text)
	}
}

func (e *Error) Unwrap() error { return e.Cause }

// Timeout tells whether the request was given up at its deadline, so that Cortex may still be working on it.
func (e *Error) Timeout() bool {
	return e.Status == 504 || errors.Is(e.Cause, context.DeadlineExceeded)
}

// ClassOf returns the class of the first Error in err's chain, and Unexpected when there is none.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Unexpected
}

func statusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// IsGone tells whether err proves that this very object does not exist: Cortex's own sentence, of this kind, with this id.
// A 404 of a proxy, or a sentence about another object, proves nothing.
func IsGone(err error, noun, id string) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == NotFound &&
		strings.EqualFold(e.Missing.Noun, noun) && strings.EqualFold(e.Missing.ID, id)
}

// NameTakenError says that an object of this name is there already: on create as Cortex answered it, on rename
// as a look at the list showed it, since Cortex itself would accept a rename onto a taken name.
type NameTakenError struct {
	Noun   string // "workspace", "environment", …
	Key    string // what the name is called: "e-mail address"; "" is "name"
	Scope  string // id of the containing object, "" for workspaces
	Name   string // "" for what has none, and exists itself already
	Holder []Ref  // who has the name; empty when Cortex refused but the list does not show it
	Look   error  // why the list could not be read; nil when it was
	Rename bool   // false: a create
	Cause  error  // Cortex's refusal; nil for a rename, which is refused before it is sent
}

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("a %s with the name %q exists already", e.Noun, e.Name)
}

func (e *NameTakenError) Unwrap() error { return e.Cause }

// UnfinishedError says that a create made the object, and that the update which was to complete it failed.
type UnfinishedError struct {
	Noun  string
	Ref   Ref
	Cause error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("%s %q was made, but not completed: %v", e.Noun, e.Ref.Name, e.Cause)
}

func (e *UnfinishedError) Unwrap() error { return e.Cause }

// UnsettledError says that a create got no usable answer and that a look at the list could not tell what became of it.
type UnsettledError struct {
	Noun       string
	Scope      string
	Name       string
	Cause      error // why the answer is missing
	Look       error // why the look failed; nil when it worked
	Candidates []Ref // objects of this name that could be it
}

func (e *UnsettledError) Error() string {
	return fmt.Sprintf("the create of %s %q got no usable answer: %v", e.Noun, e.Name, e.Cause)
}

func (e *UnsettledError) Unwrap() error { return e.Cause }

// Cortex's sentences (releases 0.0.1a0 to a7, and the head of its repository, which sends them with status 500).
var (
	missingSentence = regexp.MustCompile(`^(Workspace|Environment|Data source|Data model|Consumer|Consumer group|Dashboard|Metric)` +
		` with ID ([0-9A-Fa-f-]{36}) (?:not found|does not exist)(?: in the database| in environment [0-9A-Fa-f-]{36})?$`)
	takenSentence = regexp.MustCompile(`(?s)^(?:Workspace|Environment|Data source|Consumer group|Dashboard) with name '.*' already exists` +
		`(?: in (?:workspace|environment) [0-9A-Fa-f-]{36})?$|^Consumer with email .* already exists in environment [0-9A-Fa-f-]{36}$`)
	strangerSentence   = regexp.MustCompile(`^Consumer and group must be in the same environment$`)
	notDeletedSentence = regexp.MustCompile(`^500: Failed to delete (?:consumer|consumer group|data source)$`)
	noSuchColumn       = regexp.MustCompile(`^\(sqlite3\.OperationalError\) no such (?:column|table)`)
	statement          = regexp.MustCompile(`^\(psycopg2?\.errors\.(\w+)\)`)
	usedSentence       = regexp.MustCompile(`^Cannot delete data source [0-9A-Fa-f-]{36}: \d+ metric\(s\) depend on it$`)
	disconnected       = regexp.MustCompile(`^Failed to retrieve schema for data source: `)
	wrapping           = regexp.MustCompile(`^(?:Failed to (?:create|list|get|update|delete) (?:data model|metric)s?: )+`)
	ofDatabase         = regexp.MustCompile(`^\((?:psycopg2?|sqlite3)\.`)
	deletedMeanwhile   = regexp.MustCompile(`^Instance '<\w+ at 0x\w+>' has been deleted`)
	foreignKey         = regexp.MustCompile(`^\(psycopg2?\.errors\.ForeignKeyViolation\) .* violates foreign key constraint "\w+" on table "(\w+)"`)
)

// classify decides what an answer outside 2xx means. contentType and body are as Cortex sent them.
func classify(status int, contentType string, body []byte) (class Class, missing Missing, table string) {
	// Data models and metrics say first what they were at, and answer 400 when a create fails in the database.
	text := wrapping.ReplaceAllString(strings.TrimSpace(string(body)), "")
	if status == 400 && ofDatabase.MatchString(text) {
		status = 500
	}
	plain := strings.HasPrefix(contentType, "text/plain")
	if plain && (status == 404 || status == 500) {
		if m := missingSentence.FindStringSubmatch(text); m != nil {
			return NotFound, Missing{Noun: strings.ToLower(m[1]), ID: m[2]}, ""
		}
	}
	if plain && (status == 409 || status == 500) && takenSentence.MatchString(text) {
		return NameTaken, Missing{}, ""
	}
	if plain && status == 500 && (notDeletedSentence.MatchString(text) || deletedMeanwhile.MatchString(text)) {
		return NotDeleted, Missing{}, ""
	}
	if plain && status == 500 {
		if m := foreignKey.FindStringSubmatch(text); m != nil {
			return InUse, Missing{}, m[1]
		}
	}
	if status == 409 && plain && usedSentence.MatchString(text) || dependencies(status, contentType, body) != nil {
		return InUse, Missing{}, "metrics"
	}
	if plain && status == 500 && disconnected.MatchString(text) {
		return Disconnected, Missing{}, ""
	}
	switch {
	case status == 401 || status == 403 || status == 407:
		return Denied, Missing{}, ""
	case status == 429 || status == 502 || status == 503 || status == 504:
		return Unavailable, Missing{}, ""
	case status == 500 && plain && statement.MatchString(text):
		switch statement.FindStringSubmatch(text)[1] {
		case "AdminShutdown", "CrashShutdown", "CannotConnectNow", "TooManyConnections", "SerializationFailure", "DeadlockDetected",
			"LockNotAvailable", "QueryCanceled", "IdleInTransactionSessionTimeout", "IdleSessionTimeout", "InFailedSqlTransaction",
			"ReadOnlySqlTransaction", "TransactionRollback", "ConnectionFailure", "InsufficientResources", "DiskFull", "OutOfMemory", "IoError":
			return Unavailable, Missing{}, ""
		}
		return Rejected, Missing{}, ""
	case status == 500 && plain && noSuchColumn.MatchString(text):
		return Rejected, Missing{}, "" // the schema does not change between two tries
	case status == 500 && plain && strings.HasPrefix(text, "(psycopg"):
		return Unavailable, Missing{}, "" // OperationalError, InterfaceError: the connection to the database
	case status == 404 || status == 405 || status >= 300 && status < 400 || strings.HasPrefix(contentType, "text/html"):
		return NotCortex, Missing{}, ""
	case plain && (status == 400 || status == 500 && strangerSentence.MatchString(text)):
		return Invalid, Missing{}, ""
	}
	return Unexpected, Missing{}, ""
}

// dependents is what release 0.0.1a7 answers when metrics use a data source that is to be deleted.
type dependents struct {
	Error        string
	Message      string
	Dependencies struct{ Metrics []struct{ ID, Name string } }
}

// dependencies returns who uses an object that Cortex therefore does not delete; nil when the answer is another one.
func dependencies(status int, contentType string, body []byte) *dependents {
	var answer struct{ Detail dependents }
	if status != 409 || !strings.HasPrefix(contentType, "application/json") || json.Unmarshal(body, &answer) != nil ||
		answer.Detail.Error != "DataSourceHasDependencies" {
		return nil
	}
	return &answer.Detail
}

// maxText is how much of Cortex's text an error keeps. Database errors repeat whole statements and their values.
const maxText = 600

// excerpt returns what a person needs of an error body: no secrets, no SQL and its values, no markup, one paragraph, cut.
func excerpt(secrets *secrets, contentType string, body []byte) string {
	if strings.HasPrefix(contentType, "text/html") {
		return "an HTML page"
	}
	text := secrets.prose(string(body))
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t", r) }), " ")
	text = cut(strings.Trim(text, " "), 4*maxText) // it may be as long as an answer can be
	return cut(strings.TrimSpace(Printable(text)), maxText)
}

// cut returns the beginning of a text that is longer than limit, in bytes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
