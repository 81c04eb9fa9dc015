package cortextest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Cortex shows Python through its answers: a 400 is the repr of what was sent, a 500 the repr of SQL parameters. So the fake
// reads JSON as Python's json module does, with its messages, and writes what Python would.

// A value of Python is one of: nil, bool, pyNumber, string, pyBytes, []any, *pyDict, pyUUID, pyEnum, pyError, time.Time, pyZoned.
type (
	// pyNumber is a number as Python writes it.
	pyNumber string
	pyBytes  []byte
	pyUUID   string
	// pyEnum is the value of one of Cortex's DataSourceTypes.
	pyEnum string
	// pyError is the text of a ValueError.
	pyError string
	// pyZoned is a time that says that it is one of UTC, for which Python has another name where it was read from JSON.
	pyZoned struct {
		time.Time
		read bool
	}
)

// A pyDict keeps the order of its keys, as a Python dict does.
type pyDict struct {
	keys   []string
	values map[string]any
}

func newDict(pairs ...any) *pyDict {
	d := &pyDict{values: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		d.set(pairs[i].(string), pairs[i+1])
	}
	return d
}

// set replaces the value of a key in its place, or appends it.
func (d *pyDict) set(key string, value any) {
	if _, ok := d.values[key]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[key] = value
}

func (d *pyDict) clone() *pyDict {
	c := newDict()
	for _, k := range d.keys {
		c.set(k, d.values[k])
	}
	return c
}

// A syntaxError is json.JSONDecodeError: pos counts characters, not bytes.
type syntaxError struct {
	msg string
	pos int
}

func (e *syntaxError) Error() string { return e.msg }

// errEncoding stands for a body that is no UTF-8.
var errEncoding = errors.New("invalid UTF-8")

// parsePython reads JSON as json.loads does. Lone surrogates stay in the string as their three bytes (WTF-8).
func parsePython(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errEncoding
	}
	p := &pyParser{s: []rune(string(bytes.TrimPrefix(body, []byte("\ufeff"))))}
	p.space()
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) {
		return nil, &syntaxError{"Extra data", p.i}
	}
	return v, nil
}

type pyParser struct {
	s []rune
	i int
}

func (p *pyParser) peek() rune {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return -1
}

func (p *pyParser) space() {
	for p.i < len(p.s) && strings.ContainsRune(" \t\n\r", p.s[p.i]) {
		p.i++
	}
}

func (p *pyParser) literal(text string) bool {
	if strings.HasPrefix(string(p.s[p.i:min(len(p.s), p.i+len(text))]), text) {
		p.i += len(text)
		return true
	}
	return false
}

func (p *pyParser) value() (any, error) {
	switch c := p.peek(); {
	case c == '"':
		p.i++
		return p.str()
	case c == '{':
		p.i++
		return p.object()
	case c == '[':
		p.i++
		return p.array()
	case p.literal("null"):
		return nil, nil
	case p.literal("true"):
		return true, nil
	case p.literal("false"):
		return false, nil
	case p.literal("NaN"):
		return pyNumber("nan"), nil
	case p.literal("Infinity"):
		return pyNumber("inf"), nil
	case p.literal("-Infinity"):
		return pyNumber("-inf"), nil
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return nil, &syntaxError{"Expecting value", p.i}
}

func (p *pyParser) digits() bool {
	from := p.i
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.i++
	}
	return p.i > from
}

func (p *pyParser) number() (any, error) {
	from := p.i
	if p.peek() == '-' {
		p.i++
	}
	if p.peek() == '0' {
		p.i++
	} else if !p.digits() {
		return nil, &syntaxError{"Expecting value", from}
	}
	isFloat := false
	if at := p.i; p.peek() == '.' {
		p.i++
		if isFloat = p.digits(); !isFloat {
			p.i = at
		}
	}
	if at := p.i; p.peek() == 'e' || p.peek() == 'E' {
		p.i++
		if p.peek() == '+' || p.peek() == '-' {
			p.i++
		}
		if p.digits() {
			isFloat = true
		} else {
			p.i = at
		}
	}
	text := string(p.s[from:p.i])
	if !isFloat {
		if text == "-0" {
			text = "0"
		}
		return pyNumber(text), nil
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is ±Inf, as in Python
	return pyNumber(pyFloat(f)), nil
}

// pyFloat is repr(float): the shortest text that reads back, with an exponent from 1e16 and below 1e-4.
func pyFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (p *pyParser) str() (string, error) {
	begin := p.i - 1
	var b strings.Builder
	for {
		c := p.peek()
		switch {
		case c == -1:
			return "", &syntaxError{"Unterminated string starting at", begin}
		case c == '"':
			p.i++
			return b.String(), nil
		case c < 0x20:
			return "", &syntaxError{"Invalid control character at", p.i}
		case c != '\\':
			from := p.i
			for c := p.peek(); c >= 0x20 && c != '"' && c != '\\'; c = p.peek() {
				p.i++
			}
			b.WriteString(string(p.s[from:p.i]))
			continue
		}
		p.i++
		switch c := p.peek(); c {
		case -1:
			return "", &syntaxError{"Unterminated string starting at", begin}
		case 'u':
			r, err := p.hex()
			if err != nil {
				return "", err
			}
			if at := p.i; utf16.IsSurrogate(r) && r < 0xdc00 && p.literal(`\u`) {
				p.i--
				low, err := p.hex()
				if err != nil {
					return "", err
				}
				if pair := utf16.DecodeRune(r, low); pair != unicode.ReplacementChar {
					r = pair
				} else {
					p.i = at
				}
			}
			if utf16.IsSurrogate(r) {
				b.Write([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f})
			} else {
				b.WriteRune(r)
			}
		default:
			at := strings.IndexRune(`"\/bfnrt`, c)
			if at < 0 {
				return "", &syntaxError{"Invalid \\escape", p.i - 1}
			}
			b.WriteByte("\"\\/\b\f\n\r\t"[at])
			p.i++
		}
	}
}

// hex reads the u and the four digits of an escape.
func (p *pyParser) hex() (rune, error) {
	p.i++
	if p.i+4 <= len(p.s) {
		if n, err := strconv.ParseUint(string(p.s[p.i:p.i+4]), 16, 16); err == nil {
			p.i += 4
			return rune(n), nil
		}
	}
	return 0, &syntaxError{"Invalid \\uXXXX escape", p.i - 1}
}

func (p *pyParser) array() (any, error) {
	list := []any{}
	if p.space(); p.peek() == ']' {
		p.i++
		return list, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		p.space()
		switch p.peek() {
		case ']':
			p.i++
			return list, nil
		case ',':
			p.i++
			p.space()
		default:
			return nil, &syntaxError{"Expecting ',' delimiter", p.i}
		}
	}
}

func (p *pyParser) object() (any, error) {
	const wantName = "Expecting property name enclosed in double quotes"
	d := newDict()
	if p.space(); p.peek() == '}' {
		p.i++
		return d, nil
	}
	for {
		if p.peek() != '"' {
			return nil, &syntaxError{wantName, p.i}
		}
		p.i++
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, &syntaxError{"Expecting ':' delimiter", p.i}
		}
		p.i++
		p.space()
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		d.set(key, v) // the last of two equal keys wins
		p.space()
		switch p.peek() {
		case '}':
			p.i++
			return d, nil
		case ',':
			p.i++
			p.space()
		default:
			return nil, &syntaxError{"Expecting ',' delimiter", p.i}
		}
	}
}

// A codePoint of a string that may hold lone surrogates.
func codePoints(s string) []rune {
	points := make([]rune, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 && i+2 < len(s) { // only a surrogate can be invalid here
			r, size = rune(s[i]&0x0f)<<12|rune(s[i+1]&0x3f)<<6|rune(s[i+2]&0x3f), 3
		}
		points = append(points, r)
		i += size
	}
	return points
}

// surrogateError is the text of UnicodeEncodeError when s holds a lone surrogate, and "" when it does not.
func surrogateError(s string) string {
	if utf8.ValidString(s) {
		return ""
	}
	for i, r := range codePoints(s) {
		if utf16.IsSurrogate(r) {
			return fmt.Sprintf(`'utf-8' codec can't encode character '\u%04x' in position %d: surrogates not allowed`, r, i)
		}
	}
	return ""
}

// repr is Python's repr.
func repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int:
		return strconv.Itoa(v)
	case pyNumber:
		return string(v)
	case pyUUID:
		return "UUID('" + string(v) + "')"
	case pyEnum:
		return "<DataSourceTypes." + strings.ToUpper(string(v)) + ": '" + string(v) + "'>"
	case time.Time:
		text := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute())
		if us := v.Nanosecond() / 1000; us != 0 {
			text += fmt.Sprintf(", %d, %d", v.Second(), us)
		} else if v.Second() != 0 {
			text += fmt.Sprintf(", %d", v.Second())
		}
		return text + ", tzinfo=<UTC>)"
	case pyZoned:
		if v.read {
			return strings.Replace(repr(v.Time), "<UTC>", "TzInfo(0)", 1)
		}
		return repr(v.Time)
	case string:
		return quote(v)
	case pyBytes:
		return "b" + quoteBytes(v)
	case pyError:
		return "ValueError(" + quote(string(v)) + ")"
	case pyTuple:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = repr(item)
		}
		if len(v) == 1 {
			items[0] += ","
		}
		return "(" + strings.Join(items, ", ") + ")"
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = repr(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *pyDict:
		items := make([]string, len(v.keys))
		for i, k := range v.keys {
			items[i] = repr(k) + ": " + repr(v.values[k])
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	panic(fmt.Sprintf("repr of a %T", v))
}

type pyTuple []any

// pyEqual is Python's ==: True is 1, False is 0, and an integer equals a float of the same value.
func pyEqual(a, b any) bool {
	if x, y := pyValue(a), pyValue(b); x != nil && y != nil {
		return x.Cmp(y) == 0
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, pyEqual)
	case *pyDict:
		b, ok := b.(*pyDict)
		return ok && maps.EqualFunc(a.values, b.values, pyEqual)
	case pyNumber:
		return a == b && a != "nan"
	}
	return a == b
}

// pyValue is the exact value of a finite number or boolean, nil of anything else.
func pyValue(v any) *big.Rat {
	switch v := v.(type) {
	case bool:
		if v {
			return big.NewRat(1, 1)
		}
		return new(big.Rat)
	case pyNumber:
		if i, ok := new(big.Int).SetString(string(v), 10); ok {
			return new(big.Rat).SetInt(i)
		}
		f, _ := strconv.ParseFloat(string(v), 64)
		return new(big.Rat).SetFloat64(f) // nil unless finite
	}
	return nil
}

// quoteMark is the quotation mark that Python picks: ' unless only that one occurs.
func quoteMark(s string) rune {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

func quote(s string) string {
	mark := quoteMark(s)
	var b strings.Builder
	b.WriteRune(mark)
	for _, r := range codePoints(s) {
		switch {
		case r == mark || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r): // Python's isprintable and Go's differ only on unassigned characters
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteRune(mark)
	return b.String()
}

func quoteBytes(s []byte) string {
	mark := byte(quoteMark(string(s)))
	b := []byte{mark}
	for _, c := range s {
		switch {
		case c == mark || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < 0x20 || c >= 0x7f:
			b = fmt.Appendf(b, `\x%02x`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, mark))
}

// isoformat is how Cortex shows a time: no zone, and no fraction at all when it is 0.
func isoformat(t time.Time) string {
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// dumpsPython is json.dumps: with blanks, and whatever is beyond ASCII escaped.
func dumpsPython(v any) string {
	switch v := v.(type) {
	case pyNumber:
		if token := notFinite(v); token != "" {
			return token
		}
		return string(v)
	case pyZoned:
		return `"` + isoformat(v.Time) + `+00:00"`
	case string:
		var b strings.Builder
		for _, r := range codePoints(v) {
			switch at := strings.IndexRune("\"\\\b\f\n\r\t", r); {
			case at >= 0:
				b.WriteString(`\` + `"\bfnrt`[at:at+1])
			case r >= 0x20 && r < 0x7f:
				b.WriteRune(r)
			case r < 0x10000:
				fmt.Fprintf(&b, `\u%04x`, r)
			default:
				high, low := utf16.EncodeRune(r)
				fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
			}
		}
		return `"` + b.String() + `"`
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = dumpsPython(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *pyDict:
		items := make([]string, len(v.keys))
		for i, k := range v.keys {
			items[i] = dumpsPython(k) + ": " + dumpsPython(v.values[k])
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	return string(dumpJSON(v))
}

// dumpJSON writes compact JSON in the order of the keys, with nothing but what must be escaped.
func dumpJSON(v any) []byte { return appendJSON(nil, v) }

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case pyNumber:
		if notFinite(v) != "" {
			return append(b, "null"...)
		}
		return append(b, v...)
	case pyUUID:
		return appendJSON(b, string(v))
	case *string:
		if v == nil {
			return append(b, "null"...)
		}
		return appendJSON(b, *v)
	case time.Time:
		return appendJSON(b, isoformat(v))
	case pyZoned:
		return appendJSON(b, isoformat(v.Time)+"Z")
	case string:
		b = append(b, '"')
		for len(v) > 0 {
			plain := strings.IndexFunc(v, func(r rune) bool { return r < 0x20 || r == '"' || r == '\\' })
			if plain < 0 {
				plain = len(v)
			}
			b = append(b, v[:plain]...)
			if v = v[plain:]; v == "" {
				break
			}
			r := rune(v[0])
			v = v[1:]
			switch {
			case r == '"' || r == '\\':
				b = append(b, '\\', byte(r))
			case r == '\n':
				b = append(b, `\n`...)
			case r == '\r':
				b = append(b, `\r`...)
			case r == '\t':
				b = append(b, `\t`...)
			case r == '\b':
				b = append(b, `\b`...)
			case r == '\f':
				b = append(b, `\f`...)
			default:
				b = fmt.Appendf(b, `\u%04x`, r)
			}
		}
		return append(b, '"')
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case *pyDict:
		b = append(b, '{')
		for i, k := range v.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, string([]rune(k))), ':') // keys are repaired byte by byte, values are not
			b = appendJSON(b, v.values[k])
		}
		return append(b, '}')
	}
	panic(fmt.Sprintf("JSON of a %T", v))
}
