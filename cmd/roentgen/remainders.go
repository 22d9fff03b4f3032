package main

import (
	"context"
	"fmt"

	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/store/block"
)

// remainders says of the files that no deletion reaches what to do about them;
// nil where the store has none of that kind.
func (m *memories) remainders(dir string) api.Remainders {
	blocks, ok := m.traces.(*block.Store)
	if !ok {
		return nil
	}
	return func(ctx context.Context) ([]api.Remainder, error) {
		files, err := blocks.Unreached(ctx)
		out := make([]api.Remainder, len(files))
		for i, f := range files {
			out[i] = api.Remainder{Path: f.Path, Why: f.Why, Do: discarding(dir, f.Aside), Until: f.Until.Seconds()}
		}
		return out, err
	}
}

// discarding is the commands that remove damaged files.
func discarding(dir string, aside bool) string {
	discard := fmt.Sprintf("roentgen store discard %s --yes", dir)
	if aside {
		return discard
	}
	return fmt.Sprintf("stop the server, then: roentgen store repair %s && %s", dir, discard)
}
