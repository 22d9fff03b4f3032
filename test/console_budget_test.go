package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"
)

// firstLoadBudget is what the first page may weigh: page, script and styles,
// compressed, without the layout worker.
const firstLoadBudget = 150_000 // bytes

var loaded = regexp.MustCompile(`(?:src|href)="([^"]+\.(?:js|css)[^"]*)"`)

func TestConsoleFirstLoad(t *testing.T) {
	s := startServer(t, t.TempDir())
	fetch := func(path string) (size int64, body string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP+"/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "gzip") // by hand: the client leaves it compressed
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		size, err = io.Copy(io.Discard, resp.Body)
		if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: status %d, encoding %q, %v", path, resp.StatusCode, resp.Header.Get("Content-Encoding"), err)
		}
		plain, err := client.Get(s.HTTP + "/" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer plain.Body.Close()
		text, err := io.ReadAll(plain.Body)
		if err != nil {
			t.Fatal(err)
		}
		return size, string(text)
	}
	sum, page := fetch("")
	parts := loaded.FindAllStringSubmatch(page, -1)
	if len(parts) < 2 {
		t.Fatalf("the page loads %v, want a script and styles:\n%s", parts, page)
	}
	for _, part := range parts {
		size, _ := fetch(part[1])
		t.Logf("%-40s %7d bytes", part[1], size)
		sum += size
	}
	t.Logf("first load: %d bytes compressed, of %d", sum, firstLoadBudget)
	if sum > firstLoadBudget {
		t.Errorf("the first load takes %d bytes, the budget is %d", sum, firstLoadBudget)
	}
}

// put sends documents by PutTraceSegments, fifty at a time.
func (s *server) put(t *testing.T, docs []string) {
	t.Helper()
	for len(docs) > 0 {
		n := min(50, len(docs))
		var answer struct{ UnprocessedTraceSegments []any }
		status := s.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": docs[:n]}, &answer)
		if status != 200 || len(answer.UnprocessedTraceSegments) > 0 {
			t.Fatalf("put %d documents: status %d, refused %v", n, status, answer.UnprocessedTraceSegments)
		}
		docs = docs[n:]
	}
}

// wideTrace makes a trace of n segments, each called by a subsegment of
// another: four calls from each, one after the other, in twelve services.
func wideTrace(id string, n int, start float64) []string {
	const calls, services, length = 4, 12, 10.0
	type span struct{ from, to float64 }
	spans := make([]span, n)
	spans[0] = span{start, start + length}
	callID := func(i int) string { return fmt.Sprintf("ca11%012x", i) }
	docs := make([]string, n)
	for i := range n {
		own := spans[i]
		var sub []map[string]any
		for k := range calls {
			child := i*calls + k + 1
			if child >= n {
				break
			}
			step := (own.to - own.from) / calls
			from := own.from + step*(float64(k)+0.05)
			spans[child] = span{from, from + step*0.9}
			sub = append(sub, map[string]any{"id": callID(child), "name": serviceName(child, services), "namespace": "remote",
				"start_time": from, "end_time": from + step*0.9, "fault": child%97 == 0,
				"http": map[string]any{"request": map[string]any{"method": "GET", "url": fmt.Sprintf("http://%s/items/%d", serviceName(child, services), child)}}})
		}
		doc := map[string]any{"trace_id": id, "id": fmt.Sprintf("5e9%013x", i), "name": serviceName(i, services),
			"start_time": own.from, "end_time": own.to, "fault": i%97 == 0, "annotations": map[string]any{"n": i}}
		if i > 0 {
			doc["parent_id"] = callID(i)
		}
		if sub != nil {
			doc["subsegments"] = sub
		}
		text, _ := json.Marshal(doc) // numbers and strings always encode
		docs[i] = string(text)
	}
	return docs
}

func serviceName(i, services int) string { return fmt.Sprintf("service-%02d", i%services) }

// TestConsoleLongTrace opens a trace of 5,000 segments and measures how long
// the page takes from a key or a click to the next picture. The times are for
// people to read: a busy machine is no mistake.
func TestConsoleLongTrace(t *testing.T) {
	const segments = 5_000
	s := startServer(t, t.TempDir(), "--max-trace-bytes", "20000000")
	id := newTraceID()
	s.put(t, wideTrace(id, segments, float64(time.Now().Unix()-60)))
	b := openTab(t, s, 1280, 800)
	b.open("#/traces/" + id)
	b.see("[data-testid=trace-id]", id)
	rows := eval[int](b, `Number(document.querySelector('[data-testid=waterfall]').getAttribute('aria-rowcount'))`)
	drawn := eval[int](b, `document.querySelectorAll('[data-testid=waterfall] [role=row]').length`)
	if rows < 100 || drawn > 200 {
		t.Errorf("the tree has %d rows, of which %d are in the document; want many, and few in the document", rows, drawn)
	}
	t.Logf("%d segments, %d rows in the tree, %d in the document; drawn at most %.0f ms after the start of the page",
		segments, rows, drawn, eval[float64](b, `performance.now()`))
	b.measure("select the next row", func() { b.press("j") })
	b.measure("expand everything", func() { b.press("}") })
	all := eval[int](b, `Number(document.querySelector('[data-testid=waterfall]').getAttribute('aria-rowcount'))`)
	if all < segments {
		t.Errorf("everything expanded is %d rows, want %d segments and more", all, segments)
	}
	b.measure("collapse a level", func() { b.press("[") })
	b.measure("expand a level", func() { b.press("]") })
	b.measure("zoom in", func() { b.press("w") })
	b.measure("pan", func() { b.press("d") })
	b.measure("go to the next failure", func() { b.press("n") })
	b.measure("show the critical path", func() { b.press("c") })
	b.measure("go to the search box", func() { b.press("/") })
	b.measure("search, each letter", func() { b.press("i", "t", "e", "m", "s", "/", "4", "2") })
	b.see("[data-testid=trace-found]", "")
	b.measure("go to the next match", func() { b.press("Enter") })
	b.press("Escape")
	b.measure("collapse everything", func() { b.press("{") })
	b.measure("choose a row with the mouse", func() { b.click("[data-testid=waterfall] [role=row][aria-level]", "") })
}

// measure logs the slowest of the events that an interaction brings about,
// from input to the next picture (Event Timing, as in INP).
func (b *tab) measure(what string, interact func()) {
	b.Helper()
	eval[bool](b, `(() => {
		window.slowest = 0;
		window.watcher ??= new PerformanceObserver(list => {
			for (const e of list.getEntries()) window.slowest = Math.max(window.slowest, e.duration);
		});
		window.watcher.observe({type: 'event', durationThreshold: 16});
		return true;
	})()`)
	interact()
	b.frames()
	slowest := eval[float64](b, `new Promise(done => setTimeout(() => { window.watcher.disconnect(); done(window.slowest); }, 300))`)
	if slowest == 0 {
		b.Logf("%-28s under 16 ms", what)
		return
	}
	b.Logf("%-28s %4.0f ms", what, slowest)
}

// The figures that are promised of a busy hour.
const (
	hourTraces = 160_000 // in the hour
	listRows   = 100_000 // of them in the list
)

// hourOfTraces makes traces of a shop that calls a database and a host: five
// nodes. They end two minutes ago.
func hourOfTraces() []string {
	first := float64(time.Now().Unix() - 3600)
	docs := make([]string, hourTraces)
	for i := range docs {
		at := first + float64(i)*3480/hourTraces
		took := 0.01 * float64(1+i%40)
		docs[i] = fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"shop","start_time":%f,"end_time":%f,"http":{"request":{"method":"GET","url":"http://shop.test/items/%d"},"response":{"status":200}},`+
			`"subsegments":[{"id":"d%015x","name":"items","namespace":"remote","start_time":%f,"end_time":%f,"sql":{"sanitized_query":"SELECT ?"}},`+
			`{"id":"e%015x","name":"stock.test","namespace":"remote","start_time":%f,"end_time":%f,"fault":%v}]}`,
			traceIDAt(time.Unix(int64(at), 0)), i+1, at, at+took, i, i, at, at+took/3, i, at+took/3, at+took/2, i%50 == 0)
	}
	return docs
}

// TestConsoleBusyHour reads the graph of an hour, and many of its traces into
// the list, and scrolls over them: wherever the eye is, a picture after the
// scrolling stands a row.
func TestConsoleBusyHour(t *testing.T) {
	s := startServer(t, t.TempDir())
	began := time.Now()
	s.put(t, hourOfTraces())
	t.Logf("%d traces put in %v", hourTraces, time.Since(began).Round(time.Millisecond))
	s.measureGraph(t)
	b := openTab(t, s, 1280, 800)
	began = time.Now()
	b.open("#/traces?timeRange=PT2H")
	grid := `document.querySelector('[data-testid=trace-rows] [role=grid]')`
	b.readAll(grid, listRows)
	t.Logf("%d rows read in %v", listRows, time.Since(began).Round(time.Millisecond))
	b.scrollOver(grid, 100)
	b.do("take the focus", clickAt(b.middle("[data-testid=trace-rows] [role=columnheader]", "Cause")))
	b.measure("sort by response time", func() { b.click("[role=columnheader] button", "Response time") })
	b.measure("choose the last row", func() { b.press("End") })
	b.wait("the last row is in sight", grid+`.scrollTop > 0`)
}

// measureGraph logs how long GetServiceGraph takes over the hour, over HTTP,
// and holds the figures against what was put.
func (s *server) measureGraph(t *testing.T) {
	t.Helper()
	window := map[string]any{"StartTime": time.Now().Unix() - 3700, "EndTime": time.Now().Unix()}
	took := make([]time.Duration, 21)
	for i := range took {
		var graph struct {
			Services []struct {
				Name              string
				SummaryStatistics *struct{ TotalCount int }
			}
		}
		began := time.Now()
		s.post(t, "/ServiceGraph", window, &graph)
		took[i] = time.Since(began)
		counts := map[string]int{}
		for _, node := range graph.Services {
			if node.SummaryStatistics != nil {
				counts[node.Name] += node.SummaryStatistics.TotalCount
			}
		}
		for _, name := range []string{"shop", "items", "stock.test"} {
			if counts[name] != hourTraces {
				t.Fatalf("the graph counts %v of %s, want %d", counts[name], name, hourTraces)
			}
		}
	}
	slices.Sort(took)
	t.Logf("graph of an hour of %d traces: median %v, slowest %v, with reading the answer", hourTraces,
		took[len(took)/2].Round(10*time.Microsecond), took[len(took)-1].Round(10*time.Microsecond))
}

// readAll waits until the list has n rows, and tells it to go on where it
// rests.
func (b *tab) readAll(grid string, n int) {
	b.Helper()
	for range 20 {
		b.wait("rows are read", `(g => g && (Number(g.getAttribute('aria-rowcount')) > `+fmt.Sprint(n)+` || `+lookup("button", "Go on")+` !== undefined))(`+grid+`)`)
		if eval[int](b, `Number(`+grid+`.getAttribute('aria-rowcount'))`) > n {
			return
		}
		b.click("button", "Go on")
		b.gone("button", "Go on")
	}
	b.fail("read all rows", fmt.Errorf("there are not %d", n))
}

// scrollOver goes through a grid in jumps and looks for places without a row.
func (b *tab) scrollOver(grid string, jumps int) {
	b.Helper()
	got := eval[struct {
		Blank, Looked int
		Slowest       float64
	}](b, fmt.Sprintf(`(async () => {
		const g = %s, frame = () => new Promise(requestAnimationFrame), pause = () => new Promise(r => setTimeout(r));
		const box = g.getBoundingClientRect(), end = g.scrollHeight - g.clientHeight;
		let Blank = 0, Looked = 0, Slowest = 0, last = performance.now();
		for (let i = 0; i <= %d; i++) {
			await frame();
			g.scrollTop = end * i / %d;
			await frame(); await pause(); // drawn
			for (let y = box.top + 45; y < box.bottom - 20; y += 40) {
				Looked++;
				const row = document.elementFromPoint(box.left + 60, y)?.closest('[role=row]');
				if (!row || row.textContent.trim() === '') Blank++;
			}
			const now = performance.now();
			Slowest = Math.max(Slowest, now - last);
			last = now;
		}
		return {Blank, Looked, Slowest};
	})()`, grid, jumps, jumps))
	b.Logf("%d jumps over the rows, the slowest %.0f ms; %d of %d places blank", jumps, got.Slowest, got.Blank, got.Looked)
	if got.Blank > 0 || got.Looked == 0 {
		b.Errorf("%d of %d places show no row", got.Blank, got.Looked)
	}
}
