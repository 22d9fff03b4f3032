package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen"
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
says what it would do.`,
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
	if err := server.delete(c.Context(), id); err != nil {
		return err
	}
	if s.json {
		return s.writeJSON(map[string]string{"deleted": id.String()})
	}
	fmt.Fprintf(s.w, "Deleted %s.\n", id)
	return nil
}

func (c *client) delete(ctx context.Context, id roentgen.TraceID) error {
	var got struct{ Deleted string }
	err := c.do(ctx, http.MethodDelete, "/api/traces/"+id.String(), struct{}{}, &got)
	var r *refusal
	if errors.As(err, &r) && r.status == http.StatusNotFound {
		return fmt.Errorf("%s has no trace %s: it never arrived, or is gone already", c.server, id)
	}
	if err != nil {
		return err
	}
	if got.Deleted != id.String() {
		return fmt.Errorf("%s answered to the deletion of %s that it deleted %q; is it a Roentgen server of this version?", c.server, id, got.Deleted)
	}
	return nil
}
