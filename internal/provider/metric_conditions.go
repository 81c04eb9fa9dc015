package provider

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Conditions choose a value row by row, as CASE WHEN of SQL does. They hold others of their kind, which no schema can say, so that they are JSON.

// conditions is the field that has them.
const conditions = "conditions"

// What Cortex knows of conditions. Fields that need not be said are null then.
var (
	clauseFields  = []string{"field", "operator", "compare_values", "then_return", "combine_with", "additional_conditions"}
	columnFields  = []string{"column", "table", "transforms"}
	needless      = []string{"table", "transforms", "compare_values", "combine_with", "additional_conditions"}
	comparisons   = []string{"=", "!=", ">", "<", ">=", "<=", "IN", "NOT IN", "LIKE", "BETWEEN", "IS NULL", "IS NOT NULL"}
	whenFields    = []string{"when_clauses", "else_return"}
	combinators   = []string{"AND", "OR"}
	nestedClauses = []string{"when_clauses", "additional_conditions", "field"}
)

// plainConditions returns conditions without what Cortex fills in.
func plainConditions(value any) any {
	switch value := value.(type) {
	case []any:
		plain := make([]any, len(value))
		for i, item := range value {
			plain[i] = plainConditions(item)
		}
		return plain
	case map[string]any:
		plain := map[string]any{}
		for name, item := range value {
			switch {
			case item == nil && slices.Contains(needless, name):
			case slices.Contains(nestedClauses, name):
				plain[name] = plainConditions(item)
			default:
				plain[name] = item
			}
		}
		return plain
	}
	return value
}

// sameConditions tells whether two texts are the same conditions to Cortex.
func sameConditions(a, b string) bool {
	plain := func(text string) string { return jsonOf(plainConditions(jsonTree(json.RawMessage(text)))) }
	return client.SameJSON(a, b) || client.CheckJSON(a) == nil && client.CheckJSON(b) == nil && client.SameJSON(plain(a), plain(b))
}

// validConditions returns why Cortex would refuse conditions, or lose a part of them.
func validConditions(text string) error {
	if err := validJSONObject(text); err != nil {
		return err
	}
	object, _ := jsonTree(json.RawMessage(text)).(map[string]any)
	if err := onlyFields(object, "conditions", whenFields, whenFields); err != nil {
		return err
	}
	return validClauses(object["when_clauses"], "when_clauses")
}

func validClauses(value any, at string) error {
	clauses, _ := value.([]any)
	if len(clauses) == 0 {
		return fmt.Errorf("%s is no list of at least one clause", at)
	}
	for i, clause := range clauses {
		at := fmt.Sprintf("%s[%d]", at, i)
		object, _ := clause.(map[string]any)
		if err := onlyFields(object, at, clauseFields, []string{"field", "operator", "then_return"}); err != nil {
			return err
		}
		column, _ := object["field"].(map[string]any)
		if err := onlyFields(column, at+".field", columnFields, []string{"column"}); err != nil {
			return err
		}
		operator, _ := object["operator"].(string)
		switch combine := object["combine_with"]; {
		case !slices.Contains(comparisons, operator):
			return fmt.Errorf("%s.operator is %s; it has to be one of %s", at, jsonOf(object["operator"]), strings.Join(comparisons, ", "))
		case object["compare_values"] == nil && !strings.HasPrefix(operator, "IS "):
			return fmt.Errorf("%s has nothing to compare with: compare_values", at)
		case combine != nil && combine != combinators[0] && combine != combinators[1]:
			return fmt.Errorf("%s.combine_with is %s; it has to be AND or OR", at, jsonOf(combine))
		case object["additional_conditions"] == nil:
			continue
		}
		if err := validClauses(object["additional_conditions"], at+".additional_conditions"); err != nil {
			return err
		}
	}
	return nil
}

// onlyFields returns why an object is not one with these fields, of which some have to be said.
func onlyFields(object map[string]any, at string, known, required []string) error {
	if object == nil {
		return fmt.Errorf("%s is no object", at)
	}
	for name := range object {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s has a field %q, which Cortex does not know; it knows %s", at, name, strings.Join(known, ", "))
		}
	}
	for _, name := range required {
		if _, said := object[name]; !said {
			return fmt.Errorf("%s has no %s", at, name)
		}
	}
	return nil
}
