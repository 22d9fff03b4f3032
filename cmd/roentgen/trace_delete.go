package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/api"
)

func newTraceDeleteCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "delete ID --yes",
		Short: "Delete one trace for good",
		Long: `Delete one trace for good: its documents, its share of the map and of every
group. When the command has ended nobody finds it any more. docs/erasure.md says
when its bytes leave the disk, and what is left in backups.

What arrives of the trace later begins it anew, so delete it after what sends it
has ended. Nothing brings a deleted trace back: without --yes the command only
says what it would do.

Where the server has files that are damaged, what was deleted may stand in them all
the same. Then the command names them, and what removes them, and ends with 1.`,
		Example: `  roentgen trace delete 1-5759e988-bd862e3fe1be46a994272793 --yes
  roentgen traces 'user = "alice"' --limit 1000 | jq -r '.traces[].id' |
    while read id; do roentgen trace delete "$id" --yes; done`,
		Args: oneTraceID,
		RunE: func(c *cobra.Command, args []string) error { return runTraceDelete(c, w, args[0]) },
	}
	c.Flags().Bool("yes", false, "really delete it")
	addClientFlags(c)
	return c
}

func runTraceDelete(c *cobra.Command, w around, text string) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	id, err := roentgen.ParseTraceID(text)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	if yes, _ := c.Flags().GetBool("yes"); !yes {
		return fmt.Errorf("this would delete the trace %s from %s for good, and nothing brings it back: repeat with --yes", id, server.server)
	}
	remains, err := server.delete(c.Context(), id)
	if err != nil {
		return err
	}
	if s.json {
		err = s.writeJSON(struct {
			Deleted string          `json:"deleted"`
			Remains []api.Remainder `json:"remains,omitempty"`
		}{id.String(), remains})
	} else {
		fmt.Fprintf(s.w, "Deleted %s.\n", id)
	}
	return errors.Join(err, incomplete(id, remains))
}

// incomplete is an error that names the files in which a deleted trace may stand.
func incomplete(id roentgen.TraceID, remains []api.Remainder) error {
	if len(remains) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "nobody finds the trace %s any more, but it is not erased for certain: these files cannot be read whole, and may hold it", id)
	for _, r := range remains {
		fmt.Fprintf(&b, "\n  %s: %s; on the server's host: %s", harmless(r.Path), harmless(r.Why), harmless(r.Do))
		if r.Until > 0 {
			fmt.Fprintf(&b, "; otherwise it goes %s", time.Unix(int64(r.Until), 0).UTC().Format("2006-01-02 15:04 MST"))
		}
	}
	return errors.New(b.String())
}

// delete returns the files in which the trace may stand all the same.
func (c *client) delete(ctx context.Context, id roentgen.TraceID) ([]api.Remainder, error) {
	var got struct {
		Deleted string
		Remains []api.Remainder
	}
	err := c.do(ctx, http.MethodDelete, "/api/traces/"+id.String(), struct{}{}, &got)
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusNotFound {
		_, may, _ := strings.Cut(r.Message, "gone already")
		return nil, fmt.Errorf("%s has no trace %s: it never arrived, or is gone already%s", c.server, id, harmless(may))
	}
	if err != nil {
		return nil, err
	}
	if got.Deleted != id.String() {
		return nil, fmt.Errorf("%s answered to the deletion of %s that it deleted %q; is it a Roentgen server of this version?", c.server, id, got.Deleted)
	}
	return got.Remains, nil
}
