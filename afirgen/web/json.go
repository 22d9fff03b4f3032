package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Bounds of a JSON body.
const (
	defaultMaxJSON = 10 << 20 // bytes
	maxJSONDepth   = 10       // objects and arrays in one another
)

// ReadJSON reads r's whole body, one JSON value, into v; the package comment says which bodies it takes. encoding/json's
// own sentences quote what the caller wrote, so none of them gets out.
func ReadJSON(r *http.Request, v any) error {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return Fail(http.StatusUnsupportedMediaType, contract.WrongType, "this path takes application/json")
	}
	if !isUTF8(params["charset"]) {
		return wrongEncoding("the body")
	}
	data, err := readAtMost(r.Body, maxJSON(r))
	if err != nil {
		return err
	}
	if err := checkJSON(data); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return jsonError(err)
	}
	return nil
}

func maxJSON(r *http.Request) int64 {
	if rec := recordOf(r.Context()); rec != nil && rec.maxJSON > 0 {
		return rec.maxJSON
	}
	return defaultMaxJSON
}

// readAtMost returns all of body or 413. A body that breaks off is the caller's doing.
func readAtMost(body io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, err
	case err != nil:
		return nil, Fail(http.StatusBadRequest, contract.InvalidRequest, "the body was cut off")
	case int64(len(data)) > limit:
		return nil, tooLargeError(limit)
	}
	return bytes.TrimPrefix(data, []byte("\uFEFF")), nil // RFC 8259, 8.1, lets a reader pass over the mark
}

// isUTF8 reports whether text in that charset is UTF-8 too. RFC 8259 knows no charset, and no other than UTF-8.
func isUTF8(charset string) bool {
	switch strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii":
		return true
	}
	return false
}

func wrongEncoding(what string) *Error {
	return Fail(http.StatusBadRequest, contract.WrongEncoding, what+" is not in UTF-8: send it as UTF-8")
}

func jsonError(err error) error {
	var tooLarge *http.MaxBytesError
	var wrongType *json.UnmarshalTypeError
	var wrongTime *time.ParseError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "the body is JSON, but not a JSON object")
	case errors.As(err, &wrongType):
		// Field is a path of our own struct; Value would be the caller's.
		return Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "the JSON field "+wrongType.Field+" has the wrong type")
	case errors.As(err, &wrongTime):
		return Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "a moment in the body is not written as RFC 3339: 2026-02-14T15:04:05+05:30")
	}
	return Fail(http.StatusBadRequest, contract.InvalidRequest, "the body is not a JSON object")
}

// Milliseconds is d in milliseconds, to the microsecond.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
