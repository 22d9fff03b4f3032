package api

import "context"

type getGroupRequest struct{ groupRef }

func (a *API) getGroup(ctx context.Context, in *getGroupRequest) (*groupResponse, error) {
	return answerGroup(a.cfg.Groups.Find(ctx, in.ref()))
}
