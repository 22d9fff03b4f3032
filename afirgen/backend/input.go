package backend

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

// MaxBody bounds a request: the largest image and the form around it, in bytes.
const MaxBody = asrocr.MaxBody

// maxText bounds a text before it is counted in characters, which have at most four bytes; maxJSON leaves room for
// escapes.
const (
	maxText = 4 * fir.MaxComplaint
	maxJSON = 1 << 20
)

// input is what a caller sent as a complaint. What is empty was not sent.
type input struct {
	text         string
	image, audio []byte
}

// readInput takes a multipart form (text, image, audio), a plain form or JSON (text), or, as callers of old do, the
// query's text.
func readInput(w http.ResponseWriter, r *http.Request) (input, error) {
	in, err := readBody(w, r)
	if err != nil {
		return in, err
	}
	if query := r.URL.Query().Get("text"); query != "" {
		if in.text != "" {
			return in, multipleInputs()
		}
		in.text = query
	}
	return in, nil
}

func readBody(w http.ResponseWriter, r *http.Request) (in input, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		return readForm(r)
	case "application/json":
		var body struct {
			Text string `json:"text"`
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
		err = web.ReadJSON(r, &body)
		return input{text: body.Text}, err
	case "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
		return readPlainForm(r)
	case "":
		if r.ContentLength == 0 {
			return input{}, nil
		}
	}
	return in, web.Fail(http.StatusUnsupportedMediaType, contract.WrongType,
		"send multipart/form-data with the field text or image, or application/json with text")
}

func readForm(r *http.Request) (input, error) {
	form, err := web.ReadMultipart(r,
		web.Field{Name: "text", Max: maxText},
		web.Field{Name: "image", Max: asrocr.MaxImage},
		web.Field{Name: "audio", Max: asrocr.MaxImage})
	return input{text: string(form["text"]), image: form["image"], audio: form["audio"]}, err
}

func readPlainForm(r *http.Request) (input, error) {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return input{}, err
	}
	if err != nil { // its sentence quotes the caller
		return input{}, web.Fail(http.StatusBadRequest, contract.InvalidRequest, "the form is broken")
	}
	return input{text: r.PostForm.Get("text")}, nil
}

// check wants exactly one input, and one that this build can work with.
func (in input) check() error {
	count := 0
	for _, sent := range []bool{in.hasText(), in.hasImage(), in.hasAudio()} {
		if sent {
			count++
		}
	}
	switch {
	case count == 0:
		return web.Fail(http.StatusBadRequest, contract.NoInput, "nothing was sent: send text or image")
	case count > 1:
		return multipleInputs()
	case in.hasAudio():
		return web.Fail(http.StatusServiceUnavailable, contract.ModelUnavailable,
			"speech is not in this build: send the complaint as text or as a photograph")
	case in.hasImage() && asrocr.Kind(in.image) == "":
		return web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the image is neither JPEG nor PNG by its first bytes")
	}
	return nil
}

func (in input) hasText() bool  { return strings.TrimSpace(in.text) != "" }
func (in input) hasImage() bool { return len(in.image) > 0 }
func (in input) hasAudio() bool { return len(in.audio) > 0 }

func multipleInputs() error {
	return web.Fail(http.StatusBadRequest, contract.MultipleInputs, "more than one input was sent: send text or image, not both")
}

// complaint holds a text against the bounds of fir. read tells a text that we read from a photograph, where the caller
// could not have known better.
func complaint(text string, read bool) (string, error) {
	text, err := fir.Complaint(text)
	switch {
	case errors.Is(err, fir.ErrTooShort) && read:
		return "", web.Fail(http.StatusUnprocessableEntity, contract.NoTextFound,
			"no text was found in the image: photograph the letter straight from above, in even light")
	case errors.Is(err, fir.ErrTooShort):
		return "", web.Fail(http.StatusBadRequest, contract.TextTooShort, err.Error())
	case errors.Is(err, fir.ErrTooLong):
		return "", web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong, err.Error())
	case err != nil:
		return "", web.Fail(http.StatusBadRequest, contract.InvalidRequest, err.Error())
	}
	return text, nil
}
