package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Field is a part that a form may have, with the most bytes that it may hold.
type Field struct {
	Name string
	Max  int64
}

// ReadMultipart reads the named fields of a multipart form into memory; a field that was not sent is not in the map.
// Parts of other names are passed over. It does not look at file names and claimed content types: they are the caller's
// to make up.
func ReadMultipart(r *http.Request, fields ...Field) (map[string][]byte, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, Fail(http.StatusUnsupportedMediaType, contract.WrongType, "this path takes multipart/form-data")
	}
	form := map[string][]byte{}
	for {
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
}

func readPart(form map[string][]byte, part *multipart.Part, fields []Field) error {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == part.FormName() })
	if i < 0 {
		return nil // NextPart passes over what is left of it
	}
	name, limit := fields[i].Name, fields[i].Max
	if _, twice := form[name]; twice {
		return Fail(http.StatusBadRequest, contract.MultipleInputs, "the form has the field "+name+" more than once")
	}
	data, err := io.ReadAll(io.LimitReader(part, limit+1))
	if err != nil {
		return formError(err)
	}
	if int64(len(data)) > limit {
		return tooLargeError(limit)
	}
	form[name] = data
	return nil
}

// formError keeps mime/multipart's sentences, which quote the caller, to ourselves.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return Fail(http.StatusBadRequest, contract.InvalidRequest, "the form is broken or was cut off")
}
