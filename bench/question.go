package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
)

// question is one that people ask. Each time it is another one: of another
// trace, or of a window some milliseconds larger, so that no kept answer will do.
type question struct {
	key, title string
	ask        func(a *asker, ctx context.Context, n int) (time.Duration, error)
}

// errWrong is an answer that is not what was sent.
var errWrong = errors.New("wrong answer")

// asker puts questions about the traces of a model to a server.
type asker struct {
	client *client
	model  *Model

	failing, slow, common []roentgen.TraceID // what the server has to find, newest first
}

// newestCount is how many traces a list shows.
const newestCount = 20

func newAsker(c *client, m *Model) *asker {
	return &asker{client: c, model: m,
		failing: m.newest(newestCount, isFailing), slow: m.newest(newestCount, isSlow), common: m.newest(newestCount, isCommon)}
}

// questions are those of the table, in its order.
func questions() []question {
	root := fmt.Sprintf("service(%q)", serviceName(mainService))
	newest := func(expression string, want func(*asker) []roentgen.TraceID) func(*asker, context.Context, int) (time.Duration, error) {
		return func(a *asker, ctx context.Context, n int) (time.Duration, error) {
			return a.list(ctx, n, expression, want(a))
		}
	}
	return []question{
		{"trace_by_id", "trace by id", (*asker).byID},
		{"rare_annotation", "rare annotation", (*asker).rare},
		{"newest_failing", "newest 20 failing", newest(root+" AND fault", func(a *asker) []roentgen.TraceID { return a.failing })},
		{"newest_slow", "newest 20 slower than 8 s", newest(root+" AND duration >= 8", func(a *asker) []roentgen.TraceID { return a.slow })},
		{"newest_common", "newest 20 with a common annotation",
			newest(fmt.Sprintf("annotation.model_name = %q", CommonModel), func(a *asker) []roentgen.TraceID { return a.common })},
		{"service_graph", "service graph of the hour", (*asker).graph},
	}
}

// byID asks for a whole trace.
func (a *asker) byID(ctx context.Context, n int) (time.Duration, error) {
	var t Trace
	a.model.sample(n, &t)
	answer, took, err := a.client.ask(ctx, "/Traces", map[string]any{"TraceIds": []string{t.ID.String()}})
	if err != nil {
		return 0, err
	}
	var got struct {
		Traces []struct{ Segments []struct{ Document string } }
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return 0, fmt.Errorf("%w: %w", errWrong, err)
	}
	if len(got.Traces) != 1 || len(got.Traces[0].Segments) < DocumentsPerTrace {
		return 0, fmt.Errorf("%w: trace %s is not there with its %d segments: %.300s", errWrong, t.ID, DocumentsPerTrace, answer)
	}
	return took, nil
}

func (a *asker) rare(ctx context.Context, n int) (time.Duration, error) {
	var t Trace
	a.model.sample(n, &t)
	expression := fmt.Sprintf("service(%q) AND annotation.session_id = %q", serviceName(mainService), t.Session)
	return a.list(ctx, n, expression, []roentgen.TraceID{t.ID})
}

// margin is how much larger than the model's window the windows of questions
// are, on either side.
const margin = 5 * time.Minute

func (a *asker) window(n int) (from, to float64) {
	more := margin + time.Duration(n)*time.Millisecond
	return seconds(a.model.End.Add(-a.model.Window - more)), seconds(a.model.End.Add(more))
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1e3 }

// list asks for the newest traces that match, page by page until there are
// enough or there is nothing more to look at. The time is that of all pages.
func (a *asker) list(ctx context.Context, n int, expression string, want []roentgen.TraceID) (time.Duration, error) {
	from, to := a.window(n)
	ask := map[string]any{"start": from, "end": to, "expression": expression, "limit": newestCount}
	var all time.Duration
	var got []string
	for {
		answer, took, err := a.client.ask(ctx, "/api/traces", ask)
		if err != nil {
			return 0, err
		}
		all += took
		var page struct {
			Traces []struct{ ID string }
			Token  string
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return 0, fmt.Errorf("%w: %w", errWrong, err)
		}
		for _, t := range page.Traces {
			got = append(got, t.ID)
		}
		if page.Token == "" || len(got) >= newestCount || ask["token"] == page.Token {
			break
		}
		ask["token"], ask["limit"] = page.Token, newestCount-len(got)
	}
	return all, sameTraces(got, want)
}

// sameTraces compares what was found with what was sent, in any order.
func sameTraces(got []string, want []roentgen.TraceID) error {
	ids := make([]string, len(want))
	for i, id := range want {
		ids[i] = id.String()
	}
	slices.Sort(ids)
	slices.Sort(got)
	if slices.Equal(ids, got) {
		return nil
	}
	return fmt.Errorf("%w: %d traces, wanted %d: %s instead of %s", errWrong, len(got), len(ids), some(got), some(ids))
}

func some(ids []string) string {
	const most = 3
	if len(ids) > most {
		return strings.Join(ids[:most], " ") + " …"
	}
	return strings.Join(ids, " ")
}

// graph asks for the newest hour. Each trace counts once at the main backend.
func (a *asker) graph(ctx context.Context, n int) (time.Duration, error) {
	from, to := a.window(n)
	want := a.model.Traces
	if a.model.Window > time.Hour {
		from = seconds(a.model.End.Add(-time.Hour - time.Duration(n)*time.Millisecond))
		want = int(float64(want)*float64(time.Hour)/float64(a.model.Window)) - 1
	}
	answer, took, err := a.client.ask(ctx, "/ServiceGraph", map[string]any{"StartTime": from, "EndTime": to})
	if err != nil {
		return 0, err
	}
	var got struct {
		Services []struct {
			Name, Type        string
			SummaryStatistics struct{ TotalCount int }
		}
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return 0, fmt.Errorf("%w: %w", errWrong, err)
	}
	total := 0
	for _, s := range got.Services {
		if s.Name == serviceName(mainService) && s.Type != roentgen.ClientType {
			total += s.SummaryStatistics.TotalCount
		}
	}
	if total < want {
		return 0, fmt.Errorf("%w: the graph counts %d requests to %s, of %d", errWrong, total, serviceName(mainService), want)
	}
	return took, nil
}
