package api

import "context"

type updateGroupRequest struct {
	groupRef
	groupChange
}

// updateGroup leaves alone what the request does not name.
func (a *API) updateGroup(ctx context.Context, in *updateGroupRequest) (*groupResponse, error) {
	return answerGroup(a.cfg.Groups.Update(ctx, in.ref(), in.change()))
}
