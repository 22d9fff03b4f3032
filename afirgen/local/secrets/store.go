package secrets

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// AWS's bounds, and one of ours on the number.
const (
	maxSecrets = 1000
	maxValue   = 65536
)

var nameRule = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]{1,512}$`)

// errExists and errMissing become AWS's ResourceExistsException and ResourceNotFoundException.
var (
	errExists  = errors.New("the secret exists already")
	errMissing = errors.New("there is no such secret")
)

// Store is the secrets and their file. It is safe for concurrent use.
type Store struct {
	path string
	now  func() time.Time

	mu struct {
		sync.Mutex
		values  map[string]string    // by name
		changed map[string]time.Time // since when; the file's age for those that it brought
	}
}

// secret is one secret with its value.
type secret struct {
	name, value, version string
	changed              time.Time
}

// Open reads the file: a JSON object with a member for each secret, whose value is a string, or the object that a
// bundle consists of. A file that is not there is an empty one. A file that others may read is refused.
func Open(path string, now func() time.Time) (*Store, error) {
	s := &Store{path: path, now: now}
	s.mu.values, s.mu.changed = map[string]string{}, map[string]time.Time{}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the file of secrets: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("opening the file of secrets %s: others than its owner may use it (mode %04o); run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the file of secrets: %w", err)
	}
	values, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading the file of secrets %s: %w", path, err)
	}
	s.mu.values = values
	for name := range values {
		s.mu.changed[name] = info.ModTime()
	}
	return s, nil
}

// parse says nothing of the values in its errors.
func parse(text []byte) (map[string]string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil || members == nil {
		return nil, errors.New(`it is not a JSON object such as {"afirgen/api/keys":{"API_KEY":"…"}}`)
	}
	if len(members) > maxSecrets {
		return nil, fmt.Errorf("it has %d secrets; %d at most", len(members), maxSecrets)
	}
	values := map[string]string{}
	for name, raw := range members {
		value, err := valueOf(raw)
		if err != nil {
			return nil, fmt.Errorf("the secret %q: %w", name, err)
		}
		if err := check(name, value); err != nil {
			return nil, fmt.Errorf("the secret %q: %w", name, err)
		}
		values[name] = value
	}
	return values, nil
}

func valueOf(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '{':
		var compact bytes.Buffer
		err := json.Compact(&compact, raw)
		return compact.String(), err
	case '"':
		var value string
		err := json.Unmarshal(raw, &value)
		return value, err
	}
	return "", errors.New("it is neither a string nor an object")
}

func check(name, value string) error {
	switch {
	case !nameRule.MatchString(name):
		return errors.New("its name is not 1 to 512 letters, digits and /_+=.@!-")
	case value == "":
		return errors.New("it is empty")
	case len(value) > maxValue:
		return fmt.Errorf("it has %d bytes; %d at most", len(value), maxValue)
	}
	return nil
}

// get finds a secret by its name or ARN.
func (s *Store) get(id string) (secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, ok := s.resolveLocked(id)
	if !ok {
		return secret{}, errMissing
	}
	return s.secretLocked(name), nil
}

func (s *Store) resolveLocked(id string) (name string, ok bool) {
	if _, ok := s.mu.values[id]; ok {
		return id, true
	}
	rest, isARN := strings.CutPrefix(id, arnPrefix)
	if !isARN {
		return "", false
	}
	for name := range s.mu.values {
		if rest == name || id == arn(name) { // AWS takes ARNs without their six letters too
			return name, true
		}
	}
	return "", false
}

func (s *Store) secretLocked(name string) secret {
	value := s.mu.values[name]
	return secret{name: name, value: value, version: versionOf(name, value), changed: s.mu.changed[name]}
}

// list returns all secrets by name.
func (s *Store) list() []secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []secret
	for _, name := range slices.Sorted(maps.Keys(s.mu.values)) {
		all = append(all, s.secretLocked(name))
	}
	return all
}

// create adds a secret.
func (s *Store) create(name, value string) (secret, error) {
	return s.change(name, func(name string, there bool) (string, error) {
		if there {
			return "", errExists
		}
		if len(s.mu.values) >= maxSecrets {
			return "", fmt.Errorf("there are %d secrets already", maxSecrets)
		}
		return name, check(name, value)
	}, value)
}

// put gives a secret another value.
func (s *Store) put(id, value string) (secret, error) {
	return s.change(id, func(name string, there bool) (string, error) {
		if !there {
			return "", errMissing
		}
		return name, check(name, value)
	}, value)
}

// change is seen by readers once it is on disk, and not at all where that fails.
func (s *Store) change(id string, allow func(name string, there bool) (string, error), value string) (secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, there := s.resolveLocked(id)
	if !there {
		name = id
	}
	name, err := allow(name, there)
	if err != nil {
		return secret{}, err
	}
	values := maps.Clone(s.mu.values)
	values[name] = value
	if err := write(s.path, values); err != nil {
		return secret{}, fmt.Errorf("writing the file of secrets: %w", err)
	}
	s.mu.values = values
	s.mu.changed[name] = s.now()
	return s.secretLocked(name), nil
}

// write replaces the file as a whole.
func write(path string, values map[string]string) error {
	members := map[string]json.RawMessage{}
	for name, value := range values {
		raw := json.RawMessage(value)
		if value[0] != '{' || !json.Valid(raw) {
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			raw = text
		}
		members[name] = raw
	}
	text, err := json.MarshalIndent(members, "", "  ")
	if err != nil {
		return err
	}
	return replace(path, append(text, '\n'))
}

func replace(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".secrets-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// versionOf is the same as long as the value is, so that nothing but values has to be kept.
func versionOf(name, value string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name+"\x00"+value)).String()
}

const arnPrefix = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"

func arn(name string) string {
	sum := sha256.Sum256([]byte(name))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
	suffix := make([]byte, 6)
	for i := range suffix {
		suffix[i] = letters[sum[i]%32]
	}
	return arnPrefix + name + "-" + string(suffix)
}
