package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Bounds of a form. mime/multipart itself stops at 10,000 header lines and 10 MB of them, and the whole body is bounded.
const (
	maxParts      = 32
	maxPartHeader = 8 << 10 // bytes of one part's header
)

// Field is a part that a form may have, with the most bytes that it may hold.
type Field struct {
	Name string
	Max  int64
	Text bool // it must be UTF-8
}

// ReadMultipart reads the named fields of a multipart form into memory; a field that was not sent is not in the map.
// Parts of other names are passed over, but count among the 32 that a form may have. It does not look at file names and
// claimed content types, which are the caller's to make up, but for the charset of a text.
func ReadMultipart(r *http.Request, fields ...Field) (map[string][]byte, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, Fail(http.StatusUnsupportedMediaType, contract.WrongType, "this path takes multipart/form-data")
	}
	form := map[string][]byte{}
	for range maxParts + 1 {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return nil, formError(err)
		}
		if err := readPart(form, part, fields); err != nil {
			return nil, err
		}
	}
	return nil, Fail(http.StatusBadRequest, contract.InvalidRequest, "the form has more than 32 parts")
}

func readPart(form map[string][]byte, part *multipart.Part, fields []Field) error {
	if headerSize(part) > maxPartHeader {
		return Fail(http.StatusBadRequest, contract.InvalidRequest, "a part of the form has a header of more than 8 KiB")
	}
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == part.FormName() })
	if i < 0 {
		return nil // NextPart passes over what is left of it
	}
	field := fields[i]
	if _, twice := form[field.Name]; twice {
		return Fail(http.StatusBadRequest, contract.MultipleInputs, "the form has the field "+field.Name+" more than once")
	}
	data, err := io.ReadAll(io.LimitReader(part, field.Max+1))
	switch {
	case err != nil:
		return formError(err)
	case int64(len(data)) > field.Max:
		return Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
			fmt.Sprintf("the field %s is larger than %d bytes", field.Name, field.Max))
	case field.Text && !isText(part, data):
		return wrongEncoding("the field " + field.Name)
	}
	form[field.Name] = data
	return nil
}

func headerSize(part *multipart.Part) int {
	size := 0
	for name, values := range part.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// isText goes by the bytes, but believes a part that says itself that it is not UTF-8.
func isText(part *multipart.Part, data []byte) bool {
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	return isUTF8(params["charset"]) && utf8.Valid(data)
}

// formError keeps mime/multipart's sentences, which quote the caller, to ourselves.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return Fail(http.StatusBadRequest, contract.InvalidRequest, "the form is broken or was cut off")
}
