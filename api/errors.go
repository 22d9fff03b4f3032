package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/sampling"
)

// wireError is an error as X-Ray sends it.
type wireError struct {
	status  int
	code    string
	message string
}

// codes turns kinds of error into X-Ray's. Operators read the cause of an
// internal error in the log; the caller gets a plain sentence.
func codes(err error) wireError {
	if errors.Is(err, sampling.ErrTooManyRules) {
		return wireError{http.StatusBadRequest, "RuleLimitExceededException", err.Error()}
	}
	switch roentgen.KindOf(err) {
	case roentgen.Invalid, roentgen.Conflict:
		return wireError{http.StatusBadRequest, "InvalidRequestException", err.Error()}
	case roentgen.NotFound:
		return wireError{http.StatusNotFound, "ResourceNotFoundException", err.Error()}
	case roentgen.Throttled:
		return wireError{http.StatusTooManyRequests, "ThrottledException", err.Error()}
	case roentgen.Unavailable:
		return wireError{http.StatusServiceUnavailable, "ServiceUnavailableException", err.Error()}
	}
	return wireError{http.StatusInternalServerError, "InternalFailure", "the server could not answer; its log says why"}
}

func (a *API) fail(w http.ResponseWriter, name string, err error) {
	e := codes(err)
	if e.status >= 500 {
		a.cfg.Logger.Error("request failed", "action", name, "request_id", w.Header().Get("x-amzn-RequestId"), "error", err)
	}
	a.write(w, name, e)
}

// write sends e in all the places where clients look for it: AWS's SDKs read
// the header first, then __type; the text is "message" or "Message".
func (a *API) write(w http.ResponseWriter, name string, e wireError) {
	a.metrics.requests.WithLabelValues(name, strconv.Itoa(e.status)).Inc()
	body, _ := json.Marshal(map[string]string{"__type": e.code, "message": e.message, "Message": e.message}) // strings always encode
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-ErrorType", e.code)
	w.WriteHeader(e.status)
	w.Write(body)
}
