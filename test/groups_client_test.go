package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// groupStory is a server with groups and traces that come one by one.
type groupStory struct {
	*testing.T
	server *server
	client *xray.Client
	at     time.Time
	traces int
}

func newGroupStory(t *testing.T) *groupStory {
	s := &groupStory{T: t, at: time.Now().Add(-5 * time.Minute).Truncate(time.Second)}
	s.start(t.TempDir())
	return s
}

// start starts the server over data.
func (s *groupStory) start(data string) {
	s.server = launch(s.T, data)
	s.client = awsClient(s.server)
}

// trace stores a trace of one service.
func (s *groupStory) trace(service, more string) {
	s.Helper()
	s.traces++
	storeDocuments(s.T, s.client, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":%q,"start_time":%d,"end_time":%d%s}`, newTraceID(), newID(), service, s.at.Unix(), s.at.Unix()+1, more))
}

func (s *groupStory) create(name, expression string) *types.Group {
	s.Helper()
	out, err := s.client.CreateGroup(s.Context(), &xray.CreateGroupInput{GroupName: aws.String(name), FilterExpression: aws.String(expression)})
	if err != nil {
		s.Fatal(err)
	}
	return out.Group
}

func (s *groupStory) update(name, expression string) {
	s.Helper()
	if _, err := s.client.UpdateGroup(s.Context(), &xray.UpdateGroupInput{GroupName: aws.String(name), FilterExpression: aws.String(expression)}); err != nil {
		s.Fatal(err)
	}
}

// wantMembers wants so many traces in the graph of a group, and in its time
// series.
func (s *groupStory) wantMembers(when, group string, n int64, old bool) {
	s.Helper()
	g, err := s.client.GetServiceGraph(s.Context(), &xray.GetServiceGraphInput{
		StartTime: aws.Time(s.at.Add(-time.Hour)), EndTime: aws.Time(s.at.Add(time.Hour)), GroupName: aws.String(group),
	})
	if err != nil {
		s.Fatal(when, err)
	}
	total := int64(0)
	for _, service := range g.Services {
		if aws.ToString(service.Type) == "client" {
			total += aws.ToInt64(service.Edges[0].SummaryStatistics.TotalCount)
		}
	}
	if total != n || g.ContainsOldGroupVersions != old {
		s.Errorf("%s the graph of %s has %d traces, of old versions %v; want %d, %v", when, group, total, g.ContainsOldGroupVersions, n, old)
	}
	series, err := s.client.GetTimeSeriesServiceStatistics(s.Context(), &xray.GetTimeSeriesServiceStatisticsInput{
		StartTime: g.StartTime, EndTime: aws.Time(s.at.Add(time.Hour)), GroupName: aws.String(group),
	})
	if err != nil {
		s.Fatal(when, err)
	}
	total = 0
	for _, point := range series.TimeSeriesServiceStatistics {
		total += aws.ToInt64(point.EdgeSummaryStatistics.TotalCount)
	}
	if total != n || series.ContainsOldGroupVersions != old {
		s.Errorf("%s the series of %s counts %d traces, of old versions %v; want %d, %v", when, group, total, series.ContainsOldGroupVersions, n, old)
	}
}

func (s *groupStory) wantFound(when, expression string, n int) {
	s.Helper()
	if got := found(s.T, s.client, expression); len(got) != n {
		s.Errorf("%s %s finds %d traces, want %d", when, expression, len(got), n)
	}
}

func TestAGroupHasTheTracesThatCameAfterIt(t *testing.T) {
	s := newGroupStory(t)
	defer func() { s.server.stop(t) }()
	s.trace("shop", `,"fault":true`)
	group := s.create("faults", "fault")
	s.wantMembers("at first", "faults", 0, false)
	s.wantFound("at first", `group.name = "faults"`, 1) // the expression, not the members
	s.trace("shop", `,"fault":true`)
	s.trace("shop", ``)
	s.trace("bank", `,"fault":true`)
	s.wantMembers("when traces came", "faults", 2, false)
	s.wantMembers("when traces came", "Default", 4, false)

	s.update("faults", `service("shop") AND ok`)
	s.wantMembers("after an edit", "faults", 2, true)
	s.wantFound("after an edit", `group.arn = "`+aws.ToString(group.GroupARN)+`"`, 1)
	s.trace("shop", ``)
	s.wantMembers("when more came", "faults", 3, true)

	data := s.server.Data
	s.server.kill()
	s.start(data)
	s.wantMembers("after a crash", "faults", 3, true)
	s.trace("shop", ``)
	s.wantMembers("after a crash and one more", "faults", 4, true)
	s.wantFound("after a crash", `group.name = "faults"`, 3)

	if _, err := s.client.DeleteGroup(t.Context(), &xray.DeleteGroupInput{GroupARN: group.GroupARN}); err != nil {
		t.Fatal(err)
	}
	s.wantFound("deleted,", `group.name = "faults"`, 0)
	s.create("faults", "fault")
	s.wantMembers("made anew", "faults", 0, false)
}

func TestAWSClientKeepsGroups(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	made, err := c.CreateGroup(t.Context(), &xray.CreateGroupInput{
		GroupName: aws.String("Slow-1"), FilterExpression: aws.String("responsetime > 5"),
		InsightsConfiguration: &types.InsightsConfiguration{InsightsEnabled: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.UpdateGroup(t.Context(), &xray.UpdateGroupInput{GroupARN: made.Group.GroupARN,
		InsightsConfiguration: &types.InsightsConfiguration{NotificationsEnabled: aws.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetGroup(t.Context(), &xray.GetGroupInput{GroupName: aws.String("Slow-1")})
	if err != nil {
		t.Fatal(err)
	}
	if g := got.Group; aws.ToString(g.FilterExpression) != "responsetime > 5" || aws.ToString(g.GroupARN) != aws.ToString(made.Group.GroupARN) ||
		!aws.ToBool(g.InsightsConfiguration.InsightsEnabled) || !aws.ToBool(g.InsightsConfiguration.NotificationsEnabled) {
		t.Errorf("group %+v", g)
	}
	pages := xray.NewGetGroupsPaginator(c, &xray.GetGroupsInput{})
	list, err := pages.NextPage(t.Context())
	if err != nil || pages.HasMorePages() || len(list.Groups) != 2 || aws.ToString(list.Groups[0].GroupName) != "Default" || list.Groups[0].FilterExpression != nil {
		t.Errorf("groups %+v (%v)", list, err)
	}
}

func TestAWSClientReadsErrorsOfGroups(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	create := func(name, expression string) error {
		_, err := c.CreateGroup(t.Context(), &xray.CreateGroupInput{GroupName: aws.String(name), FilterExpression: aws.String(expression)})
		return err
	}
	if err := create("g", "fault"); err != nil {
		t.Fatal(err)
	}
	wantInvalid(t, create("g", "fault"), "exists already")
	wantInvalid(t, create("g_", "fault"), "letters (a to z), digits and hyphens")
	wantInvalid(t, create("h", ""), "Filter Expression is empty")
	wantInvalid(t, create("h", "fault ("), "Invalid filter expression")
	wantInvalid(t, create("h", `group.name = "h"`), "refers to itself")
	_, err := c.GetGroup(t.Context(), &xray.GetGroupInput{GroupName: aws.String("G")})
	wantInvalid(t, err, "Group not found.")
	_, err = c.GetGroup(t.Context(), &xray.GetGroupInput{})
	wantInvalid(t, err, "GroupName or GroupARN is needed")
	_, err = c.UpdateGroup(t.Context(), &xray.UpdateGroupInput{GroupName: aws.String("Default"), FilterExpression: aws.String("fault")})
	wantInvalid(t, err, "cannot be changed")
	_, err = c.DeleteGroup(t.Context(), &xray.DeleteGroupInput{GroupName: aws.String("Default")})
	wantInvalid(t, err, "cannot be deleted")
	_, err = c.GetGroups(t.Context(), &xray.GetGroupsInput{NextToken: aws.String("x")})
	wantInvalid(t, err, "Next Token not supported")
	_, err = c.CreateGroup(t.Context(), &xray.CreateGroupInput{GroupName: aws.String("h"), FilterExpression: aws.String("fault"),
		Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	wantInvalid(t, err, "keeps no tags")
}
