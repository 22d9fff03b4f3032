package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// jsonReader reads the JSON list of rootcause.json from the text of an expression. It knows the shape, so that it
// says where an unknown member stands and never goes deeper than the shape does.
type jsonReader struct {
	dec  *json.Decoder
	text string // of the expression
	from int    // offset of the JSON in it
}

// causes reads the list that stands directly behind #.
func (l *lexer) causes() ([]CausePattern, error) {
	if !strings.HasPrefix(l.text[l.pos:], "[") {
		return nil, wrong(Span{l.pos - 1, l.pos}, `write rootcause.json = #[{"Services":[…]}]`, "a JSON list has to follow # directly")
	}
	r := &jsonReader{json.NewDecoder(strings.NewReader(l.text[l.pos:])), l.text, l.pos}
	list, err := readList(r, (*jsonReader).cause)
	l.pos = r.pos()
	return list, err
}

func (r *jsonReader) pos() int { return r.from + int(r.dec.InputOffset()) }

// token reads the next token.
func (r *jsonReader) token() (json.Token, Span, error) {
	between := r.text[r.pos():]
	from := len(r.text) - len(strings.TrimLeft(between, " \t\r\n,:"))
	t, err := r.dec.Token()
	at := Span{from, max(from, r.pos())}
	if err != nil {
		return nil, at, wrong(at, "", "the JSON is broken: %s", jsonCause(err))
	}
	return t, at, nil
}

func jsonCause(err error) string {
	var number *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "it ends too early"
	case errors.As(err, &number):
		return "the " + number.Value + " is out of range"
	}
	return err.Error()
}

// delimiter reads one of { } ].
func (r *jsonReader) delimiter(want json.Delim) error {
	t, at, err := r.token()
	if err == nil && t != want {
		err = wrong(at, "", "expected %q in the JSON, found %s", want.String(), shownJSON(t))
	}
	return err
}

// readList reads a list of what read reads, or null, which asks as little as an empty list.
func readList[T any](r *jsonReader, read func(*jsonReader) (T, error)) ([]T, error) {
	t, at, err := r.token()
	if err != nil || t == nil {
		return nil, err
	}
	if t != json.Delim('[') {
		return nil, wrong(at, "", "expected a list in the JSON, found %s", shownJSON(t))
	}
	list := []T{}
	for r.dec.More() {
		element, err := read(r)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	return list, r.delimiter(']')
}

// object reads the members that an object may have, each by its own function and at most once.
func (r *jsonReader) object(members map[string]func() error) error {
	if err := r.delimiter('{'); err != nil {
		return err
	}
	for r.dec.More() {
		t, at, err := r.token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(t)
		read, ok := members[name]
		if !ok {
			return wrong(at, "once each: "+strings.Join(slices.Sorted(maps.Keys(members)), ", "), "the JSON has %s where it has no meaning, or twice", shown(name))
		}
		delete(members, name)
		if err := read(); err != nil {
			return err
		}
	}
	return r.delimiter('}')
}

// member returns a function that reads a single value into *to; null reads as the zero value, which stands for
// absence.
func member[T string | bool | float64](r *jsonReader, to **T) func() error {
	return func() error {
		t, at, err := r.token()
		if err != nil {
			return err
		}
		v, ok := t.(T)
		if !ok && t != nil {
			return wrong(at, "", "expected a %s in the JSON, found %s", typeName(v), shownJSON(t))
		}
		*to = &v
		return nil
	}
}

// shownJSON is how messages call a token.
func shownJSON(t json.Token) string {
	switch t := t.(type) {
	case string:
		return shown(t)
	case nil:
		return "null"
	}
	return fmt.Sprint(t)
}

// typeName is how messages call the type of v.
func typeName(v any) string {
	switch v.(type) {
	case bool:
		return "boolean"
	case float64:
		return "number"
	}
	return "text"
}

// members returns a function that reads a list into *to.
func members[T any](r *jsonReader, to *[]T, read func(*jsonReader) (T, error)) func() error {
	return func() (err error) {
		*to, err = readList(r, read)
		return err
	}
}

func (r *jsonReader) cause() (p CausePattern, err error) {
	err = r.object(map[string]func() error{
		"ClientImpacting": member(r, &p.ClientImpacting),
		"Services":        members(r, &p.Services, (*jsonReader).service),
	})
	return p, err
}

func (r *jsonReader) service() (p CauseServicePattern, err error) {
	err = r.object(map[string]func() error{
		"Name":       member(r, &p.Name),
		"Names":      members(r, &p.Names, (*jsonReader).name),
		"Type":       member(r, &p.Type),
		"AccountId":  member(r, &p.AccountID),
		"Inferred":   member(r, &p.Inferred),
		"EntityPath": members(r, &p.EntityPath, (*jsonReader).entity),
	})
	return p, err
}

func (r *jsonReader) entity() (p CauseEntityPattern, err error) {
	err = r.object(map[string]func() error{
		"Name":       member(r, &p.Name),
		"Coverage":   member(r, &p.Coverage),
		"Remote":     member(r, &p.Remote),
		"Exceptions": members(r, &p.Exceptions, (*jsonReader).exception),
	})
	return p, err
}

func (r *jsonReader) exception() (p CauseExceptionPattern, err error) {
	err = r.object(map[string]func() error{
		"Name":    member(r, &p.Name),
		"Message": member(r, &p.Message),
	})
	return p, err
}

func (r *jsonReader) name() (string, error) {
	t, at, err := r.token()
	s, ok := t.(string)
	if err == nil && !ok {
		err = wrong(at, "", "expected a text in the JSON, found %s", shownJSON(t))
	}
	return s, err
}
