package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
)

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
