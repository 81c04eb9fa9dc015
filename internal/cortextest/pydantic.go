package cortextest

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pydantic checks what Cortex is sent and what it has stored, fills in defaults, and says what is wrong in words that Cortex passes on.

// A reading is one pass of pydantic over a value.
type reading struct {
	problems []any
	// json makes of a value what JSON can show: where it can be anything, infinity becomes null, and a key with a lone surrogate is a problem.
	json bool
}

func (r *reading) problem(kind string, loc pyTuple, msg string, input any, ctx ...any) {
	p := newDict("type", kind, "loc", loc, "msg", msg, "input", input)
	if len(ctx) > 0 {
		p.set("ctx", newDict(ctx...))
	}
	r.problems = append(r.problems, p)
}

// A reader makes of a value what pydantic makes of it for one type, and notes what is wrong.
type reader func(r *reading, loc pyTuple, v any) any

// How a field may be missing.
type presence int

const (
	required  presence = iota // null is refused too, unless the reader takes it
	defaulted                 // may be absent, but not null
	optional                  // may be absent or null
)

// A field of a class.
type field struct {
	name string
	read reader
	presence
	otherwise any // when it is absent
}

// of reads the field of what was sent.
func (f field) of(r *reading, loc pyTuple, sent *pyDict) any {
	v, ok := sent.values[f.name]
	loc = append(slices.Clone(loc), f.name)
	switch {
	case ok && (v != nil || f.presence != optional):
		return f.read(r, loc, v)
	case ok:
		return nil
	case f.presence == required:
		r.problem("missing", loc, "Field required", sent)
	}
	return f.otherwise
}

// A class is a model of pydantic.
type class []field

// read gives all fields of the class, and no others.
func (c class) read(r *reading, loc pyTuple, v any) any {
	sent, ok := v.(*pyDict)
	if !ok {
		r.problem("model_attributes_type", loc, "Input should be a valid dictionary or object to extract fields from", v)
		return nil
	}
	d := newDict()
	for _, f := range c {
		d.set(f.name, f.of(r, loc, sent))
	}
	return d
}

// checked reads the class, and has an object without problems checked as a whole.
func (c class) checked(check func(r *reading, loc pyTuple, sent any, d *pyDict)) reader {
	return func(r *reading, loc pyTuple, v any) any {
		before := len(r.problems)
		d, ok := c.read(r, loc, v).(*pyDict)
		if !ok {
			return nil
		}
		if len(r.problems) == before {
			check(r, loc, v, d)
		}
		return d
	}
}

func aListOf(item reader) reader {
	return func(r *reading, loc pyTuple, v any) any {
		sent, ok := v.([]any)
		if !ok {
			r.problem("list_type", loc, "Input should be a valid list", v)
			return nil
		}
		list := make([]any, len(sent))
		for i, v := range sent {
			list[i] = item(r, append(slices.Clone(loc), i), v)
		}
		return list
	}
}

func aDictOf(item reader) reader {
	return func(r *reading, loc pyTuple, v any) any {
		sent, ok := v.(*pyDict)
		if !ok {
			r.problem("dict_type", loc, "Input should be a valid dictionary", v)
			return nil
		}
		d := newDict()
		for _, k := range sent.keys {
			d.set(k, item(r, append(slices.Clone(loc), k), sent.values[k]))
		}
		return d
	}
}

// aDict is an object of any content, whose keys JSON shows repaired.
func aDict(r *reading, loc pyTuple, v any) any {
	return aDictOf(func(r *reading, _ pyTuple, v any) any { return r.shown(v) })(r, loc, v)
}

func anything(r *reading, loc pyTuple, v any) any {
	if r.json && hasLoneKey(v) {
		r.problem("unicode", loc, "a key cannot be encoded", v)
	}
	return r.shown(v)
}

// shown is a value of any type, without what JSON does not have.
func (r *reading) shown(v any) any {
	switch v := v.(type) {
	case pyNumber:
		if r.json && notFinite(v) != "" {
			return nil
		}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = r.shown(item)
		}
		return list
	case *pyDict:
		d := newDict()
		for _, k := range v.keys {
			d.set(k, r.shown(v.values[k]))
		}
		return d
	}
	return v
}

func nullable(read reader) reader {
	return func(r *reading, loc pyTuple, v any) any {
		if v == nil {
			return nil
		}
		return read(r, loc, v)
	}
}

// asItIs is for what Cortex has set itself.
func asItIs(_ *reading, _ pyTuple, v any) any { return v }

func aString(r *reading, loc pyTuple, v any) any {
	if s, ok := v.(string); ok {
		return s
	}
	r.problem("string_type", loc, "Input should be a valid string", v)
	return nil
}

// parsed reads what may also be given as a string, which must be one of UTF-8 then.
func parsed(read reader) reader {
	return func(r *reading, loc pyTuple, v any) any {
		if s, ok := v.(string); ok && !utf8.ValidString(s) {
			r.problem("string_unicode", loc, "Input should be a valid string, unable to parse raw data as a unicode string", v)
			return nil
		}
		return read(r, loc, v)
	}
}

// oneOf reads a value of an enum.
func oneOf(choices ...string) reader {
	return parsed(func(r *reading, loc pyTuple, v any) any {
		if e, ok := v.(pyEnum); ok {
			return string(e)
		}
		if s, ok := v.(string); ok && slices.Contains(choices, s) {
			return s
		}
		expected := oneOfText(choices)
		r.problem("enum", loc, "Input should be "+expected, v, "expected", expected)
		return nil
	})
}

// literal reads a value of a Literal.
func literal(choices ...string) reader {
	return func(r *reading, loc pyTuple, v any) any {
		if s, ok := v.(string); ok && slices.Contains(choices, s) {
			return s
		}
		r.problem("literal_error", loc, "Input should be "+oneOfText(choices), v)
		return nil
	}
}

// oneOfText lists choices as pydantic does.
func oneOfText(choices []string) string {
	quoted := make([]string, len(choices))
	for i, choice := range choices {
		quoted[i] = "'" + choice + "'"
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

var anID = parsed(func(r *reading, loc pyTuple, v any) any {
	if id, is := v.(pyUUID); is {
		return id
	}
	s, ok := v.(string)
	if !ok {
		r.problem("uuid_type", loc, "UUID input should be a string, bytes or UUID object", v)
		return nil
	}
	id, msg := parseUUID(s)
	if msg != "" {
		r.problem("uuid_parsing", loc, "Input should be a valid UUID, "+msg, s, "error", msg)
		return nil
	}
	return pyUUID(id)
})

var (
	yes = []string{"true", "1", "on", "t", "y", "yes"}
	no  = []string{"false", "0", "off", "f", "n", "no"}
)

var aBoolean = parsed(func(r *reading, loc pyTuple, v any) any {
	kind, msg := "bool_type", "Input should be a valid boolean"
	switch v := v.(type) {
	case bool:
		return v
	case pyNumber:
		if v == "0" || v == "0.0" || v == "-0.0" || v == "1" || v == "1.0" {
			return v[0] == '1'
		}
		if isInteger(v) {
			kind, msg = "bool_parsing", "Input should be a valid boolean, unable to interpret input"
		}
	case string:
		switch s := strings.ToLower(v); {
		case slices.Contains(yes, s):
			return true
		case slices.Contains(no, s):
			return false
		}
		kind, msg = "bool_parsing", "Input should be a valid boolean, unable to interpret input"
	}
	r.problem(kind, loc, msg, v)
	return nil
})

// isInteger tells whether a number is one of Python's integers.
func isInteger(n pyNumber) bool { return !strings.ContainsAny(string(n), ".en") }

var (
	integerText = regexp.MustCompile(`^\s*([+-]?\d+(?:_\d+)*)(?:\.0+)?\s*$`)
	floatText   = regexp.MustCompile(`(?i)^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)$`)
)

var anInteger = parsed(func(r *reading, loc pyTuple, v any) any {
	kind, msg := "int_type", "Input should be a valid integer"
	switch v := v.(type) {
	case bool:
		return map[bool]pyNumber{true: "1", false: "0"}[v]
	case pyNumber:
		exact := pyValue(v)
		switch {
		case isInteger(v):
			return v
		case exact == nil:
			kind, msg = "finite_number", "Input should be a finite number"
		case !exact.IsInt():
			kind, msg = "int_from_float", "Input should be a valid integer, got a number with a fractional part"
		case !exact.Num().IsInt64():
			kind, msg = "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size"
		default:
			return pyNumber(exact.Num().String())
		}
	case string:
		if m := integerText.FindStringSubmatch(v); m != nil {
			n, _ := new(big.Int).SetString(strings.ReplaceAll(strings.TrimPrefix(m[1], "+"), "_", ""), 10)
			return pyNumber(n.String())
		}
		kind, msg = "int_parsing", "Input should be a valid integer, unable to parse string as an integer"
	}
	r.problem(kind, loc, msg, v)
	return nil
})

var aFloat = parsed(func(r *reading, loc pyTuple, v any) any {
	number := func(s string) any {
		f, _ := strconv.ParseFloat(s, 64)
		return pyNumber(pyFloat(f))
	}
	switch v := v.(type) {
	case bool:
		return map[bool]pyNumber{true: "1.0", false: "0.0"}[v]
	case pyNumber:
		return number(string(v))
	case string:
		s := strings.TrimSpace(v)
		if strings.Contains(v, "_") && strings.Trim(v, "_") == v && !strings.Contains(v, "__") {
			s = strings.ReplaceAll(v, "_", "") // then blanks are none of it
		}
		if floatText.MatchString(s) {
			return number(s)
		}
		r.problem("float_parsing", loc, "Input should be a valid number, unable to parse string as a number", v)
		return nil
	}
	r.problem("float_type", loc, "Input should be a valid number", v)
	return nil
})

// A validation is what pydantic finds wrong with an object that Cortex makes itself, in words of Python alone.
type validation struct {
	reading
	model  string
	values *pyDict
}

// failure is the text of ValidationError, "" when nothing is wrong.
func (v *validation) failure() string {
	n, s := len(v.problems), "s"
	switch n {
	case 0:
		return ""
	case 1:
		s = ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d validation error%s for %s", n, s, v.model)
	for _, p := range v.problems {
		p := p.(*pyDict).values
		var path []string
		for _, name := range p["loc"].(pyTuple) {
			path = append(path, fmt.Sprint(name))
		}
		if len(path) > 0 {
			b.WriteString("\n" + strings.Join(path, "."))
		}
		fmt.Fprintf(&b, "\n  %s [type=%s, input_value=%s, input_type=%s]\n    For further information visit https://errors.pydantic.dev/2.14/v/%[2]s",
			p["msg"], p["type"], cutRepr(p["input"]), pyType(p["input"]))
	}
	return b.String()
}

// cutRepr is what pydantic shows of a value: 50 bytes, of a longer one the ends.
func cutRepr(v any) string {
	s := repr(v)
	if len(s) <= 50 {
		return s
	}
	head, tail := 25, len(s)-24
	for head > 0 && s[head]&0xc0 == 0x80 {
		head--
	}
	for tail < len(s) && s[tail]&0xc0 == 0x80 {
		tail++
	}
	return s[:head] + "..." + s[tail:]
}

// pyType is the name of a value's type.
func pyType(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case pyNumber:
		if isInteger(v) {
			return "int"
		}
		return "float"
	case string:
		return "str"
	case []any:
		return "list"
	case *pyDict:
		return "dict"
	case pyUUID:
		return "UUID"
	}
	return "DataSourceTypes"
}

// field reads a field of the object.
func (v *validation) field(name string, read reader, p presence) any {
	return field{name, read, p, nil}.of(&v.reading, nil, v.values)
}

func (v *validation) str(name string, p presence) string {
	s, _ := v.field(name, aString, p).(string)
	return s
}
