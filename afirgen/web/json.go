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
	"unicode/utf8"

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

// checkJSON looks at the form alone: encoding, depth, keys, one value.
func checkJSON(data []byte) error {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return Fail(http.StatusBadRequest, contract.InvalidRequest, "the body is empty: send a JSON object")
	case !utf8.Valid(data), looksLikeUTF16(data), hasLoneSurrogate(data):
		return wrongEncoding("the body")
	case tooDeep(data):
		return Fail(http.StatusBadRequest, contract.InvalidRequest, "the body has more than 10 objects and lists in one another")
	}
	return checkKeys(json.NewDecoder(bytes.NewReader(data)))
}

// looksLikeUTF16 finds UTF-16 that is valid UTF-8 by chance: JSON begins with a character of ASCII, which has a zero byte
// beside it there, and a zero byte is nowhere legal in JSON.
func looksLikeUTF16(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 4)], 0) >= 0 }

// hasLoneSurrogate finds half a character, \ud83d without its other half, which encoding/json would quietly replace.
func hasLoneSurrogate(data []byte) bool {
	for i := 0; i+1 < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++ // on what is escaped
		if data[i] != 'u' {
			continue
		}
		switch half := hex4(data[i+1:]); {
		case 0xDC00 <= half && half <= 0xDFFF:
			return true
		case 0xD800 <= half && half <= 0xDBFF:
			rest := data[i+5:]
			if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' || hex4(rest[2:])&^0x3FF != 0xDC00 {
				return true
			}
			i += 10
		}
	}
	return false
}

// hex4 is the number in the first four bytes, or -1.
func hex4(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	n := 0
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | int(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n = n<<4 | int(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return n
}

// tooDeep counts what is open at once. It runs before any parser does, whose stack would grow with the depth.
func tooDeep(data []byte) bool {
	open, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inString = !inString
		case c == '\\' && inString:
			i++
		case inString:
		case c == '{' || c == '[':
			if open++; open > maxJSONDepth {
				return true
			}
		case c == '}' || c == ']':
			open--
		}
	}
	return false
}

// checkKeys reads one value to its end and refuses a key that an object has twice. encoding/json takes keys whatever
// their case, so they are compared without it.
func checkKeys(dec *json.Decoder) error {
	dec.UseNumber()
	var open []map[string]bool // keys of each open object so far; nil for a list
	atKey := false
	for {
		token, err := dec.Token()
		if err != nil {
			return jsonError(err)
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			atKey = true
		case string:
			if top := len(open) - 1; top >= 0 && open[top] != nil && atKey {
				key := strings.ToLower(strings.ToUpper(t))
				if open[top][key] {
					return Fail(http.StatusBadRequest, contract.InvalidRequest, "an object in the body has the same key twice")
				}
				open[top][key], atKey = true, false
				continue
			}
			atKey = true
		default:
			atKey = true
		}
		if len(open) == 0 {
			return checkEnd(dec)
		}
	}
}

func checkEnd(dec *json.Decoder) error {
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
