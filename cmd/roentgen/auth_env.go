package main

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/roentgen/roentgen/access"
)

// fromVariable begins a --auth-file that names a variable of the environment.
// ECS and its like hand secrets to a container in no other way.
const fromVariable = "env:"

// tokensOf is the source of the tokens that --auth-file names. A variable stays
// what it was when the process started: new tokens want a new start.
func tokensOf(authFile string, lookup func(string) (string, bool)) access.Source {
	name, ok := strings.CutPrefix(authFile, fromVariable)
	if !ok {
		return access.File(authFile)
	}
	return func() ([]byte, fs.FileMode, error) {
		text, there := lookup(name)
		if !there {
			return nil, 0, fmt.Errorf("the environment has no variable %q; set it to lines of a name and a token, or name a file", name)
		}
		return []byte(text), 0o600, nil
	}
}
