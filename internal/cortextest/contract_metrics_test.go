package cortextest

import (
	"fmt"
	"testing"
)

func metricBody(model string) fields {
	return fields{}.with("name", `"k"`).with("data_model_id", fmt.Sprintf("%q", model))
}

var _ testing.T
