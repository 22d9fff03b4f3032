package gguf

import (
	"encoding/json"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// TestAModelThatCannotBeUsedIsAFaultWithCauseAndStack reads the segment of a model whose file is broken, and beside it that
// of a caller's mistake, which has neither.
func TestAModelThatCannotBeUsedIsAFaultWithCauseAndStack(t *testing.T) {
	cfg := config()
	cfg.Engines = map[string]Engine{FIRSummariser: broken{}}
	h, collector := handler(t, New(cfg))
	for _, c := range []struct {
		body  string
		kind  contract.ErrorType
		fault bool
	}{
		{`{"model_name":"fir_summariser","prompt":"x"}`, contract.ModelUnavailable, true},
		{`{"model_name":"none","prompt":"x"}`, contract.InvalidModel, false},
	} {
		post(t, h, c.body)
		d := collector.Await(t, contract.GGUF, func(d tracetest.Document) bool { return d.Annotations[contract.ErrorKind] == string(c.kind) })
		message, _ := d.Metadata[contract.ErrorNamespace][contract.Message].(string)
		stack, _ := d.Metadata[contract.ErrorNamespace][contract.Stack].(string)
		if message == "" || (stack != "") != c.fault || d.Fault != c.fault || d.Error == c.fault {
			t.Errorf("%s: message %q, stack %q, fault %v, error %v", c.kind, message, stack, d.Fault, d.Error)
		}
		var cause struct {
			Exceptions []struct {
				Message string
				Stack   []any
			}
		}
		if len(d.Cause) > 0 {
			if err := json.Unmarshal(d.Cause, &cause); err != nil {
				t.Fatal(err)
			}
		}
		if told := len(cause.Exceptions) > 0 && cause.Exceptions[0].Message != "" && len(cause.Exceptions[0].Stack) > 0; told != c.fault {
			t.Errorf("%s: the cause is %s", c.kind, d.Cause)
		}
	}
}
