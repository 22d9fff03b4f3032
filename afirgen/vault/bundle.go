package vault

import (
	"encoding/json"
	"errors"
	"fmt"
)

// aliases are the members of database secrets as AWS writes them (RDS, and the task definition's
// afirgen/mysql/credentials), by the names that AFIRGen asks for.
func aliases() map[string]string {
	return map[string]string{
		"username": "MYSQL_USER", "password": "MYSQL_PASSWORD", "dbname": "MYSQL_DB", "host": "MYSQL_HOST", "port": "MYSQL_PORT",
	}
}

// parse reads {"NAME": "value"}. Members that nothing can ask for are passed over, as are numbers' and truths' types.
// Its errors repeat nothing of text, not even a letter.
func parse(text []byte) (map[string]string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return nil, errors.New(`it is not a JSON object such as {"API_KEY":"…"}`)
	}
	values := map[string]string{}
	known := aliases()
	for _, aliased := range []bool{true, false} { // a name's own member counts before its alias
		for key, raw := range members {
			name, isAlias := known[key]
			if !isAlias {
				name = key
			}
			if isAlias != aliased || !names.MatchString(name) {
				continue
			}
			value, ok := plain(raw)
			if !ok {
				return nil, fmt.Errorf("its member %s is empty, or no string", name)
			}
			values[name] = value
		}
	}
	return values, nil
}

// plain turns a string, a number or a truth into text.
func plain(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null" {
		return "", false
	}
	if raw[0] != '"' {
		return string(raw), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil && s != ""
}
