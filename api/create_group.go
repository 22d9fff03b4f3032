package api

import (
	"context"
	"encoding/json"

	"github.com/roentgen/roentgen"
)

type createGroupRequest struct {
	GroupName string
	groupChange
	Tags []json.RawMessage
}

// createGroup refuses tags instead of forgetting them.
func (a *API) createGroup(ctx context.Context, in *createGroupRequest) (*groupResponse, error) {
	if len(in.Tags) > 0 {
		return nil, roentgen.Invalidf("this version of Roentgen keeps no tags; create the group without Tags")
	}
	return answerGroup(a.cfg.Groups.Create(ctx, in.GroupName, in.change()))
}
