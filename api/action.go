package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen"
)

// action makes a handler of one of X-Ray's actions.
func action[In, Out any](a *API, name string, do func(context.Context, *In) (*Out, error)) http.Handler {
	return handle(a, name, do, func(w http.ResponseWriter, _ *http.Request, out *Out) { a.answer(w, name, out) })
}

// handle makes a handler of a function from request to response, and of one
// that writes the response. Bodies may be empty, which means {}; unknown
// members are ignored, as X-Ray does.
func handle[In, Out any](a *API, name string, do func(context.Context, *In) (*Out, error), write func(http.ResponseWriter, *http.Request, *Out)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		ReadingOf(r.Context()).Operation = name
		in := new(In)
		if err := a.decode(w, r, in); err != nil {
			a.fail(w, name, err)
			return
		}
		out, err := do(r.Context(), in)
		if err != nil {
			a.fail(w, name, err)
			return
		}
		write(w, r, out)
	})
}

func (a *API) decode(w http.ResponseWriter, r *http.Request, in any) error {
	body, err := a.read(w, r, nil)
	if err != nil {
		return err
	}
	return decode(body, in)
}

// readAtFirst is how much memory a request may claim by its Content-Length
// before it has sent anything.
const readAtFirst = 512 << 10

// read appends the request's body to buf, and leaves room for padding.
func (a *API) read(w http.ResponseWriter, r *http.Request, buf []byte) ([]byte, error) {
	body := http.MaxBytesReader(w, r.Body, a.cfg.MaxBodyBytes)
	buf = slices.Grow(buf, padding+int(min(max(r.ContentLength, 512), a.cfg.MaxBodyBytes, readAtFirst)))
	for {
		n, err := body.Read(buf[len(buf) : cap(buf)-padding+1]) // one byte more, to learn of the end without growing
		buf = buf[:len(buf)+n]
		var tooLarge *http.MaxBytesError
		switch {
		case err == io.EOF:
			return buf, nil
		case errors.As(err, &tooLarge):
			return nil, roentgen.Invalidf("the request body is larger than %d bytes; send fewer or smaller documents in one call", tooLarge.Limit)
		case err != nil:
			return nil, roentgen.Invalidf("read the request body: %w", err)
		}
		if len(buf) > cap(buf)-padding {
			buf = slices.Grow(buf, len(buf)+padding)
		}
	}
}

func decode(body []byte, in any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, in); err != nil {
		return roentgen.Invalidf("the request body is not what this action takes: %w", inJSON(err))
	}
	return nil
}

// inJSON says what is wrong with a body in the words of JSON, where the error
// has those of Go.
func inJSON(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	field := "the body"
	if wrong.Field != "" {
		field = wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
	}
	return fmt.Errorf("%s is of type %s and has to be of type %s, at byte %d", field, wrong.Value, typeInJSON(wrong.Type), wrong.Offset)
}

func typeInJSON(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "whole number"
	}
	return "object"
}

func (a *API) answer(w http.ResponseWriter, name string, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		a.fail(w, name, fmt.Errorf("encode the answer: %w", err))
		return
	}
	a.metrics.requests.WithLabelValues(name, "200").Inc()
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// notBuilt answers an action of X-Ray's that this version does not have.
// 501 is a status that AWS's clients do not repeat.
func (a *API) notBuilt(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-amzn-RequestId", uuid.NewString())
		a.write(w, name, wireError{http.StatusNotImplemented, "UnsupportedOperationException",
			fmt.Sprintf("this version of Roentgen does not have %s", name)})
	})
}
