package client

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Error is every answer that is not 2xx.
type Error struct {
	Receipt
	Method, Path string        // Path is without its query
	Detail       string        // the backend's sentence for people, which quotes nobody
	ErrorType    string        // one of contract.ErrorType; empty where something before the backend has answered
	Problems     []fir.Problem // fields that have to be mended
	RetryAfter   time.Duration // 0 where the answer names none
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s answered %d", e.Method, e.Path, e.Status)
	if e.ErrorType != "" {
		text += " " + e.ErrorType
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if len(e.Problems) > 0 {
		fields := make([]string, len(e.Problems))
		for i, p := range e.Problems {
			fields[i] = p.Field
		}
		text += " (" + strings.Join(fields, ", ") + ")"
	}
	return text
}

// errorOf reads the body of an error. One that is not the API's leaves the status alone.
func errorOf(call Call, receipt Receipt, wait string, body []byte) *Error {
	e := &Error{Receipt: receipt, Method: call.Method, Path: pathOf(call.Path), RetryAfter: retryAfter(wait)}
	var said struct {
		Detail    string        `json:"detail"`
		ErrorType string        `json:"error_type"`
		Problems  []fir.Problem `json:"problems"`
	}
	if json.Unmarshal(body, &said) == nil {
		e.Detail, e.ErrorType, e.Problems = said.Detail, said.ErrorType, said.Problems
	}
	return e
}
