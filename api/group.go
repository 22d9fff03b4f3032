package api

import (
	"context"

	"github.com/roentgen/roentgen/query"
)

// group is X-Ray's Group and GroupSummary.
type group struct {
	GroupName             string
	GroupARN              string
	FilterExpression      *string `json:",omitempty"` // Default has none
	InsightsConfiguration insightsConfiguration
}

type insightsConfiguration struct{ InsightsEnabled, NotificationsEnabled bool }

func groupOf(g query.Group) group {
	return group{g.Name, g.ARN, optional(g.Expression), insightsConfiguration{g.Insights, g.Notifications}}
}

// groupRef is how requests name a group.
type groupRef struct{ GroupName, GroupARN string }

func (r groupRef) ref() query.GroupRef { return query.GroupRef{Name: r.GroupName, ARN: r.GroupARN} }

// optionalGroup returns the ID of the group whose traces are asked for, empty
// when none is named: all traces.
func (a *API) optionalGroup(ctx context.Context, r groupRef) (string, error) {
	if r == (groupRef{}) {
		return "", nil
	}
	g, err := a.cfg.Groups.Find(ctx, r.ref())
	return g.ID, err
}

// groupChange is what CreateGroup and UpdateGroup set.
type groupChange struct {
	FilterExpression      *string
	InsightsConfiguration struct{ InsightsEnabled, NotificationsEnabled *bool }
}

func (c groupChange) change() query.GroupChange {
	return query.GroupChange{
		Expression: c.FilterExpression,
		Insights:   c.InsightsConfiguration.InsightsEnabled, Notifications: c.InsightsConfiguration.NotificationsEnabled,
	}
}

type groupResponse struct{ Group group }

// answerGroup wraps what the groups answered.
func answerGroup(g query.Group, err error) (*groupResponse, error) {
	if err != nil {
		return nil, err
	}
	return &groupResponse{groupOf(g)}, nil
}
