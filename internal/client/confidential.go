package client

import (
	"encoding/json"
	"strings"
)

// Cortex shows the whole configuration of a data source, its password too, in every answer about it, and repeats it in errors of its own and
// of the databases. This file is what is known of where secrets are in requests and answers; secrets.go takes them out.

// confidentialField is the field that holds secrets in the objects of a path, "" when there is none.
func confidentialField(path string) string {
	if strings.Contains(path, "/data/sources") {
		return "config"
	}
	return ""
}

// openKeys are those of a confidential field whose values are no secrets.
var openKeys = map[string]bool{
	"host": true, "port": true, "username": true, "database": true, "dialect": true, "file_path": true, "sqlite_path": true, "schema": true, "ssl_mode": true,
	"project_id": true, "dataset_id": true, "location": true, "region": true,
}

// learn makes secrets of what a request or an answer has in its confidential field.
func (s *secrets) learn(body []byte, field string) {
	if field == "" || len(body) == 0 {
		return
	}
	if value, err := decodeJSON(body); err == nil {
		visit(value, field, func(object map[string]any) {
			s.learnLeaves(object[field])
			if id, ok := object["id"].(string); ok {
				s.learned(id)
			}
		})
	}
}

// isRun tells whether a path is that of a run of a metric or widget, whose answer has rows of a database, or words of one about a connection.
func isRun(path string) bool { return strings.HasSuffix(path, "/execute") }

// withheld stands for an answer that may hold secrets which nobody has told this client. Where the configuration says them in write-only
// attributes, that is so until Cortex has shown the object once.
const withheld = "(not shown: it may hold a password that is not known here, or rows of a database)"

// shows tells whether an answer can be shown once the secrets that are known are taken out: it is an answer to a request that said them, about
// an object that Cortex has shown before, an object itself, or a sentence of a kind that repeats no configuration.
func (s *secrets) shows(path string, sent []byte, status int, contentType string, answer []byte) bool {
	switch {
	case isRun(path):
	case confidentialField(path) == "":
		return true
	case status/100 == 2 && !strings.HasPrefix(contentType, "text/html"): // half an object may end in the middle of a secret
		return json.Valid(answer)
	case len(sent) > 0, s.knows(path):
		return true
	}
	if status/100 == 2 {
		return false
	}
	class, _, _ := classify(status, contentType, answer)
	return class != Unexpected && class != Invalid && class != Disconnected
}

func (s *secrets) learnLeaves(value any) {
	switch value := value.(type) {
	case string:
		s.add(value)
		s.add(unquoted(value))
	case []any:
		for _, item := range value {
			s.learnLeaves(item)
		}
	case map[string]any:
		for key, item := range value {
			if !openKeys[key] {
				s.learnLeaves(item)
			}
		}
	}
}

// hidden returns a body as a log may have it: with its confidential field marked.
func (s *secrets) hidden(body []byte, field string) string {
	value, err := decodeJSON(body)
	if err != nil {
		return s.prose(string(body))
	}
	if field == "" {
		return s.without(string(body))
	}
	visit(value, field, func(object map[string]any) { object[field] = mark })
	encoded, err := json.Marshal(value)
	if err != nil {
		return mark
	}
	return s.without(string(encoded))
}

// visit calls found with each object in a JSON value that has the field.
func visit(value any, field string, found func(object map[string]any)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			visit(item, field, found)
		}
	case map[string]any:
		if _, ok := value[field]; ok {
			found(value)
		}
		for _, item := range value {
			visit(item, field, found)
		}
	}
}

// withoutInputs takes out of an error of Cortex what it repeats of the request ('input': …) or of an object (input_value=…).
func withoutInputs(text string) string {
	const requested, shown, end = "'input': ", "input_value=", ", input_type="
	var b strings.Builder
	for {
		at, what := strings.Index(text, requested), requested
		if other := strings.Index(text, shown); at < 0 || other >= 0 && other < at {
			at, what = other, shown
		}
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		at += len(what)
		b.WriteString(text[:at] + "…")
		text = text[at:]
		if what == requested {
			text = text[literal(text):]
			continue
		}
		line, _, _ := strings.Cut(text, "\n")
		if last := strings.LastIndex(line, end); last >= 0 {
			text = text[last:]
		} else {
			text = text[len(line):]
		}
	}
}

// literal returns the length of the Python value at the beginning of a text: up to the comma or bracket that ends it.
func literal(text string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte("{[(", c) >= 0:
			depth++
		case strings.IndexByte("}])", c) >= 0:
			if depth == 0 {
				return i
			}
			depth--
		case c == ',' && depth == 0:
			return i
		}
	}
	return len(text)
}
