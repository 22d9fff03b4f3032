package api

import "context"

type deleteGroupRequest struct{ groupRef }

func (a *API) deleteGroup(ctx context.Context, in *deleteGroupRequest) (*empty, error) {
	if err := a.cfg.Groups.Delete(ctx, in.ref()); err != nil {
		return nil, err
	}
	return &empty{}, nil
}
