package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// SameJSON tells whether two JSON texts mean the same to Cortex: the order of keys does not count, integers are compared exactly and
// all other numbers as float64 (PostgreSQL shows 1e22 as an integer, Python shows 1.50 as 1.5), texts in Unicode's normal form C.
func SameJSON(a, b string) bool {
	one, err := decodeJSON([]byte(a))
	if err != nil {
		return false
	}
	other, err := decodeJSON([]byte(b))
	return err == nil && same(one, other)
}

// CheckJSON returns why Cortex cannot keep a JSON text: it is none, or it holds what one of its databases refuses or can never give
// back. (A lone surrogate or a number outside of float64 lets each list that shows the object fail from then on.)
func CheckJSON(text string) error {
	value, err := decodeJSON([]byte(text))
	if err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	if err := checkEscapes(text); err != nil {
		return err
	}
	return checkNumbers(value)
}

// checkEscapes looks for \u escapes that make no character, or NUL.
func checkEscapes(text string) error {
	escape := func(i int) int64 { // the code of an escape that begins at i; -1 when there is none
		if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
			return -1
		}
		code, err := strconv.ParseInt(text[i+2:i+6], 16, 32)
		if err != nil {
			return -1
		}
		return code
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		switch code := escape(i); {
		case code == 0:
			return errors.New("it contains a NUL character, which Cortex cannot store on every database")
		case 0xdc00 <= code && code <= 0xdfff:
			return fmt.Errorf("it contains half of a character, %s, which Cortex cannot store", text[i:i+6])
		case 0xd800 <= code && code <= 0xdbff:
			if next := escape(i + 6); next < 0xdc00 || next > 0xdfff {
				return fmt.Errorf("it contains half of a character, %s, which Cortex cannot store", text[i:i+6])
			}
			i += 6
		}
		i++ // what follows the backslash
	}
	return nil
}

// checkNumbers looks for numbers that Cortex cannot show.
func checkNumbers(value any) error {
	switch value := value.(type) {
	case json.Number:
		if _, err := value.Float64(); err != nil {
			return fmt.Errorf("it contains the number %s, which is outside of what Cortex can keep", value)
		}
	case []any:
		for _, item := range value {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range value {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeJSON decodes one JSON value, with its numbers as they are written.
func decodeJSON(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return value, nil
}

// same compares two decoded values; see SameJSON.
func same(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a, b)
	case string:
		b, ok := b.(string)
		return ok && norm.NFC.String(a) == norm.NFC.String(b)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, same)
	}
	return a == b
}

func sameNumber(a, b json.Number) bool {
	if isInteger(a) && isInteger(b) {
		x, _ := new(big.Int).SetString(string(a), 10)
		y, _ := new(big.Int).SetString(string(b), 10)
		return x.Cmp(y) == 0
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}

func isInteger(n json.Number) bool { return !strings.ContainsAny(string(n), ".eE") }

// withoutBooleans returns a value that is same to those which Python takes for equal: for it, 1 is 1.0 and true, and 0 is false.
func withoutBooleans(value any) any {
	switch value := value.(type) {
	case bool:
		if value {
			return json.Number("1")
		}
		return json.Number("0")
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = withoutBooleans(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, item := range value {
			object[key] = withoutBooleans(item)
		}
		return object
	}
	return value
}
