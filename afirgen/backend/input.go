package backend

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

// MaxBody bounds a request: the largest upload and the form around it, in bytes.
const MaxBody = asrocr.MaxBody

// maxJSON bounds what holds a text, in bytes, before the text is counted in characters: they have at most four bytes, or
// twelve as escapes.
const maxJSON = 1 << 20

// input is what a caller sent as a complaint. What is empty was not sent.
type input struct {
	text         string
	image, audio []byte
	language     string // a hint
	information  fir.Information
}

// readInput takes a multipart form (text, image, audio), a plain form or JSON (text), or, as callers of old do, the
// query's text.
func readInput(w http.ResponseWriter, r *http.Request) (input, error) {
	in, err := readBody(w, r)
	if err != nil {
		return in, err
	}
	query := r.URL.Query()
	if text := query.Get("text"); text != "" {
		if in.text != "" {
			return in, multipleInputs()
		}
		in.text = text
	}
	if err := once(query); err != nil {
		return in, err
	}
	return in, in.checkFields()
}

// once refuses a field that was sent twice: which of the two would be the complaint?
func once(fields url.Values) error {
	for _, name := range []string{"text", "language", "information_type"} {
		if len(fields[name]) > 1 {
			return web.Fail(http.StatusBadRequest, contract.MultipleInputs, "the field "+name+" was sent more than once")
		}
	}
	return nil
}

// checkFields holds the small fields against their bound, and finds a text in UTF-16, in which each space and each
// letter of ASCII has a zero byte beside it: with the zero bytes dropped it would pass for a complaint.
func (in input) checkFields() error {
	switch {
	case len(in.language) > maxHint:
		return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "language is longer than any tag of a language")
	case len(in.information) > maxHint:
		return web.Fail(http.StatusUnprocessableEntity, contract.InvalidRequest, "information_type must be written, oral or electronic")
	case strings.ContainsRune(in.text, 0):
		return web.Fail(http.StatusBadRequest, contract.WrongEncoding, "the text has zero bytes, as UTF-16 has: send it encoded as UTF-8")
	}
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request) (in input, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		return readForm(r)
	case "application/json":
		var body struct {
			Text        string          `json:"text"`
			Language    string          `json:"language"`
			Information fir.Information `json:"information_type"`
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
		err = web.ReadJSON(r, &body)
		return input{text: body.Text, language: body.Language, information: body.Information}, err
	case "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
		return readPlainForm(r)
	case "":
		if r.ContentLength == 0 {
			return input{}, nil
		}
	}
	return in, web.Fail(http.StatusUnsupportedMediaType, contract.WrongType,
		"send multipart/form-data with the field text, image or audio, or application/json with text")
}

// maxHint bounds the small fields, in bytes.
const maxHint = 100

func readForm(r *http.Request) (input, error) {
	form, err := web.ReadMultipart(r,
		web.Field{Name: "text", Max: maxJSON, Text: true},
		web.Field{Name: "image", Max: asrocr.MaxImage},
		web.Field{Name: "audio", Max: asrocr.MaxAudio},
		web.Field{Name: "language", Max: maxJSON, Text: true},
		web.Field{Name: "information_type", Max: maxJSON, Text: true})
	return input{
		text: string(form["text"]), image: form["image"], audio: form["audio"],
		language: string(form["language"]), information: fir.Information(form["information_type"]),
	}, err
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
	return input{
		text: r.PostForm.Get("text"), language: r.PostForm.Get("language"),
		information: fir.Information(r.PostForm.Get("information_type")),
	}, once(r.PostForm)
}

// check wants exactly one input, of a kind that can be read.
func (in input) check() error {
	count := 0
	for _, sent := range []bool{in.hasText(), in.hasImage(), in.hasAudio()} {
		if sent {
			count++
		}
	}
	switch {
	case count == 0:
		return web.Fail(http.StatusBadRequest, contract.NoInput, "nothing was sent: send text, image or audio")
	case count > 1:
		return multipleInputs()
	case in.hasText():
		return nil
	}
	_, err := in.upload()
	return err
}

func (in input) hasText() bool  { return strings.TrimSpace(in.text) != "" }
func (in input) hasImage() bool { return len(in.image) > 0 }
func (in input) hasAudio() bool { return len(in.audio) > 0 }

func multipleInputs() error {
	return web.Fail(http.StatusBadRequest, contract.MultipleInputs, "more than one input was sent: send text, image or audio, one of them")
}

// complaint holds a text against the bounds of fir. silent, if not nil, is said of a text that a machine read and that is
// too short: the caller could not have known better.
func complaint(text string, silent func() error) (string, error) {
	text, err := fir.Complaint(text)
	switch {
	case errors.Is(err, fir.ErrTooShort) && silent != nil:
		return "", silent()
	case errors.Is(err, fir.ErrTooShort):
		return "", web.Fail(http.StatusBadRequest, contract.TextTooShort, err.Error())
	case errors.Is(err, fir.ErrTooLong):
		return "", web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong, err.Error())
	case errors.Is(err, fir.ErrNotUTF8):
		return "", web.Fail(http.StatusBadRequest, contract.WrongEncoding, err.Error())
	case err != nil:
		return "", web.Fail(http.StatusBadRequest, contract.InvalidRequest, err.Error())
	}
	return text, nil
}
