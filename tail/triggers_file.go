package tail

import (
	"fmt"
	"os"
)

// LoadTriggers reads a triggers file. The error names file, line, key and what is legal.
func LoadTriggers(path string) (Triggers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Triggers{}, fmt.Errorf("read triggers: %w", err)
	}
	ts, err := ParseTriggers(text)
	if err != nil {
		return Triggers{}, fmt.Errorf("triggers file %s: %w", path, err)
	}
	return ts, nil
}
