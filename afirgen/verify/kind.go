package verify

import (
	"fmt"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// kind is the type of an annotation or of metadata.
type kind string

const (
	text    kind = "string"
	number  kind = "number"
	boolean kind = "boolean"
)

func kindOf(v any) kind {
	switch v.(type) {
	case string:
		return text
	case float64:
		return number
	case bool:
		return boolean
	case nil:
		return "nothing"
	}
	return kind(fmt.Sprintf("%T", v))
}

// annotations are all that AFIRGen writes; a key that is not here has no place in a trace.
var annotations = map[string]kind{
	contract.Endpoint: text, contract.HTTPMethod: text, contract.StatusCode: number, contract.ClientIP: text,
	contract.Success: boolean, contract.HasError: boolean, contract.ErrorKind: text,
	contract.SessionID: text, contract.FIRNumber: text, contract.WorkflowStep: text, contract.Decision: text,
	contract.FIRState: text, contract.FIRAction: text, contract.HasText: boolean, contract.HasImage: boolean, contract.HasAudio: boolean,
	contract.Section: text, contract.Violated: boolean, contract.Hits: number, contract.ChecksFailed: number, contract.ChecksTimedOut: number,
	contract.ModelName: text, contract.MaxTokens: number, contract.PromptLength: number, contract.PromptTokens: number,
	contract.CompletionTokens: number, contract.DurationMS: number, contract.QueueWaitMS: number, contract.Operation: text,
	contract.ContentType: text, contract.FileSize: number, contract.Language: text, contract.Pages: number,
	contract.AudioSeconds: number, contract.Streamed: boolean, contract.LowConfidence: boolean,
}

// metadata are the keys whose type is promised, as namespace.key.
var metadata = map[string]kind{
	debug(contract.ResponseLength): number, debug(contract.Attempt): number, debug(contract.Tokenizer): text,
	debug(contract.Engine): text, debug(contract.Breaker): text, debug(contract.Confidence): number,
	contract.ErrorNamespace + "." + contract.Message: text, contract.ErrorNamespace + "." + contract.Stack: text,
}

func debug(key string) string { return contract.DebugNamespace + "." + key }

// place is a kind of (sub)segment, with the annotations and metadata that each of it has.
type place struct {
	name        string
	takes       func(*node) bool
	annotations []string
	metadata    []string // namespace.key
}

// segmentOf takes segments of a service that have answered a path well.
func segmentOf(service string, endpoints ...string) func(*node) bool {
	return func(n *node) bool {
		if n.segment != n || n.Name != service || n.Annotations[contract.Success] != true {
			return false
		}
		for _, e := range endpoints {
			if n.Annotations[contract.Endpoint] == e {
				return true
			}
		}
		return len(endpoints) == 0
	}
}

// subsegment takes subsegments of a service by name that did what they are for.
func subsegment(service string, names ...string) func(*node) bool {
	return func(n *node) bool {
		if n.segment == n || n.segment == nil || n.segment.Name != service || n.Fault || n.Error {
			return false
		}
		for _, name := range names {
			if n.Name == name {
				return true
			}
		}
		return false
	}
}
