package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// directory has a file for each name, as Docker's and Kubernetes's secrets have. It is read each time: it costs little,
// and whoever changes a file sees it taken up.
type directory struct {
	path string
	read func(string) ([]byte, error)
}

func (d directory) get(_ context.Context, name string) (string, error) {
	return readFile(d.read, filepath.Join(d.path, name))
}

// environment is the process's. NAME_FILE is the convention of container images for what should not stand in an
// environment.
type environment struct {
	look func(string) (string, bool)
	read func(string) ([]byte, error)
}

func (e environment) get(_ context.Context, name string) (string, error) {
	value, _ := e.look(name) // set but empty is how people switch a variable off
	path, _ := e.look(name + "_FILE")
	switch {
	case value != "" && path != "":
		return "", fmt.Errorf("both %s and %s_FILE are set; unset one", name, name)
	case value != "":
		return value, nil
	case path != "":
		return readFile(e.read, path)
	}
	return "", fmt.Errorf("%w; set %s, or %s_FILE to the path of a file that holds it", ErrNotFound, name, name)
}

// readFile takes one line end off, which editors add.
func readFile(read func(string) ([]byte, error), path string) (string, error) {
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: no file %s", ErrNotFound, path)
	}
	if err != nil {
		return "", err
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if value == "" {
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return value, nil
}
