package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// ReadJSON reads r's whole body, one JSON value, into v. encoding/json's own sentences quote what the caller wrote, so
// none of them gets out.
func ReadJSON(r *http.Request, v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return Fail(http.StatusUnsupportedMediaType, contract.WrongType, "this path takes application/json")
	}
	dec := json.NewDecoder(r.Body)
	if err := dec.Decode(v); err != nil {
		return jsonError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Fail(http.StatusBadRequest, contract.InvalidRequest, "the body holds more than one JSON value")
	}
	return nil
}

func jsonError(err error) error {
	var tooLarge *http.MaxBytesError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "the body is JSON, but not a JSON object")
	case errors.As(err, &wrongType):
		// Field is a path of our own struct; Value would be the caller's.
		return Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "the JSON field "+wrongType.Field+" has the wrong type")
	}
	return Fail(http.StatusBadRequest, contract.InvalidRequest, "the body is not a JSON object")
}

// Milliseconds is d in milliseconds, to the microsecond.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
