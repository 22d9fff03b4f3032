package upstream

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// tokens is where the Bearer token comes from.
type tokens struct {
	fixed string
	file  string
	mu    struct {
		sync.Mutex
		modified time.Time
		size     int64
		token    string
	}
}

// get returns the token. The file is read again once it has changed, so that a
// token may be renewed in place.
func (t *tokens) get() (string, error) {
	if t.file == "" {
		return t.fixed, nil
	}
	info, err := os.Stat(t.file)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.mu.token != "" && info.ModTime().Equal(t.mu.modified) && info.Size() == t.mu.size {
		return t.mu.token, nil
	}
	b, err := os.ReadFile(t.file)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token, err := parseToken(string(b))
	if err != nil {
		return "", fmt.Errorf("read the token: %s: %w", t.file, err)
	}
	t.mu.token, t.mu.modified, t.mu.size = token, info.ModTime(), info.Size()
	return token, nil
}

// parseToken takes the token of the first line that has one: the token alone,
// or a name in front of it as in the server's own file.
func parseToken(text string) (string, error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) > 2 {
			return "", fmt.Errorf("want a token, or a name and a token, found %d words in a line", len(fields))
		}
		return fields[len(fields)-1], nil
	}
	return "", fmt.Errorf("it holds no token: write into it one of those in the server's --auth-file")
}
