package api

import "context"

type getGroupsRequest struct{ NextToken *string }

type getGroupsResponse struct{ Groups []group }

// getGroups answers all groups in one page, Default first.
func (a *API) getGroups(ctx context.Context, in *getGroupsRequest) (*getGroupsResponse, error) {
	if err := onePage(in.NextToken, "Next Token not supported"); err != nil {
		return nil, err
	}
	groups, err := a.cfg.Groups.List(ctx)
	if err != nil {
		return nil, err
	}
	return &getGroupsResponse{each(groups, groupOf)}, nil
}
