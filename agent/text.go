package agent

import (
	"encoding/json"
	"errors"

	"github.com/roentgen/roentgen"
)

// elements cuts an array of documents.
func elements(text []byte) (docs []json.RawMessage, err error) {
	err = json.Unmarshal(text, &docs)
	return docs, err
}

// asRejection is err as the reader of documents returns it.
func asRejection(err error) *roentgen.Rejection {
	var r *roentgen.Rejection
	if errors.As(err, &r) {
		return r
	}
	return &roentgen.Rejection{Code: roentgen.InvalidSegment, Detail: err.Error()}
}
