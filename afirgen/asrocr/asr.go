package asrocr

import (
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// asr says that it cannot.
func (s *Server) asr(_ http.ResponseWriter, r *http.Request) error {
	tracing.AnnotateSegment(r.Context(), contract.Operation, contract.OperationASR)
	return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable,
		"speech is not in this build: it has no engine that turns recordings into text; send the complaint as text or as a photograph")
}
