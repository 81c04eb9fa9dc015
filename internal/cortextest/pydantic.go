package cortextest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Cortex shows pydantic's exceptions about the details of a data source.

// A validation collects what pydantic finds wrong with the fields of a model.
type validation struct {
	model    string
	values   *pyDict
	problems []string
}

// wrong notes a problem with a field, or with the model when field is "".
func (v *validation) wrong(field, kind, msg string, input any) {
	if field != "" {
		field += "\n"
	}
	v.problems = append(v.problems, fmt.Sprintf("%s  %s [type=%s, input_value=%s, input_type=%s]\n    For further information visit https://errors.pydantic.dev/2.14/v/%[3]s",
		field, msg, kind, cutRepr(input), pyType(input)))
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
	return fmt.Sprintf("%d validation error%s for %s\n%s", n, s, v.model, strings.Join(v.problems, "\n"))
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
		if strings.ContainsAny(string(v), ".en") {
			return "float"
		}
		return "int"
	case string:
		return "str"
	case []any:
		return "list"
	case *pyDict:
		return "dict"
	}
	return "DataSourceTypes"
}

// get finds the value of a field; ok is false when it is absent, or null where that means nothing.
func (v *validation) get(field string, p presence) (value any, ok bool) {
	value, ok = v.values.values[field]
	if !ok && p == required {
		v.wrong(field, "missing", "Field required", v.values)
	}
	return value, ok && (value != nil || p != optional)
}

func (v *validation) str(field string, p presence) string {
	value, ok := v.get(field, p)
	s, isString := value.(string)
	if ok && !isString {
		v.wrong(field, "string_type", "Input should be a valid string", value)
	}
	return s
}

func (v *validation) dict(field string, p presence) {
	value, ok := v.get(field, p)
	if _, isDict := value.(*pyDict); ok && !isDict {
		v.wrong(field, "dict_type", "Input should be a valid dictionary", value)
	}
}

func (v *validation) boolean(field string) bool {
	value, ok := v.get(field, defaulted)
	b, isBool := value.(bool)
	if n, isNumber := value.(pyNumber); isNumber && (n == "0" || n == "1") {
		b, isBool = n == "1", true
	}
	if ok && !isBool {
		v.wrong(field, "bool_type", "Input should be a valid boolean", value)
	}
	return b
}

var integerText = regexp.MustCompile(`^\s*([+-]?\d+)(?:\.0*)?\s*$`)

// integer reads what pydantic takes for an integer, and shows it as Python does.
func (v *validation) integer(field string) string {
	value, ok := v.get(field, required)
	if !ok {
		return ""
	}
	switch value := value.(type) {
	case bool:
		return map[bool]string{true: "1", false: "0"}[value]
	case pyNumber:
		if exact := pyValue(value); exact != nil && exact.IsInt() {
			return exact.Num().String()
		}
		v.wrong(field, "int_from_float", "Input should be a valid integer, got a number with a fractional part", value)
	case string:
		if m := integerText.FindStringSubmatch(value); m != nil {
			n, _ := strconv.Atoi(m[1])
			return strconv.Itoa(n)
		}
		v.wrong(field, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", value)
	default:
		v.wrong(field, "int_type", "Input should be a valid integer", value)
	}
	return ""
}

func (v *validation) dialect(p presence, otherwise string, types []string) string {
	value, ok := v.get("dialect", p)
	if !ok {
		return otherwise
	}
	if e, is := value.(pyEnum); is {
		return string(e)
	}
	if s, is := value.(string); is && slices.Contains(types, s) {
		return s
	}
	v.wrong("dialect", "enum", "Input should be "+oneOfText(types), value)
	return ""
}
