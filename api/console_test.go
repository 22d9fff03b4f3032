package api

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/query"
)

// behind is what the console's questions reach: traces that every expression
// matches, in pages of two, and two groups.
type behind struct {
	answers // what the console does not ask
	Groups
	rows  []*roentgen.Rows
	asked []query.SummaryQuery
	now   time.Time
}

type answers interface{ Traces }

func (b *behind) Summaries(_ context.Context, q query.SummaryQuery) (query.SummaryPage, error) {
	b.asked = append(b.asked, q)
	from := 0
	if q.After != nil {
		from = 2
	}
	page := query.SummaryPage{Reached: q.Window.From}
	page.Traces = b.rows[from:min(from+2, len(b.rows))]
	page.Examined = len(page.Traces)
	if from == 0 && len(b.rows) > 2 {
		page.Next = new(query.Cursor)
	}
	return page, nil
}

func (b *behind) List(context.Context) ([]query.Group, error) {
	return []query.Group{{Name: "Default", ARN: "arn:default"}, {Name: "slow", ARN: "arn:slow", Expression: "responsetime > 5"}}, nil
}

// ask posts a question, or gets one without a body, and decodes the answer.
func (b *behind) ask(t *testing.T, path, body string, headers ...string) (int, http.Header, map[string]any) {
	t.Helper()
	resp := b.handler().get(path, body, headers...)
	reader := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		reader = z
	}
	var answer map[string]any
	if err := json.NewDecoder(reader).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, answer
}

type handler struct{ *http.ServeMux }

func (b *behind) handler() handler {
	mux := http.NewServeMux()
	a := New(Config{Traces: b, Groups: b})
	a.RegisterConsole(mux, Console{Version: "1.2", Retention: time.Hour, Now: func() time.Time { return b.now }})
	return handler{mux}
}

func (h handler) get(path, body string, headers ...string) *http.Response {
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// text writes an answer as JSON with members in alphabetical order.
func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// shop is a trace in which web called orders, which failed.
func shop(n byte) *roentgen.Rows {
	root := &roentgen.Part{
		Service: roentgen.ServiceID{Name: "web", Type: "AWS::ECS::Container"}, Start: 100e9, End: 102.5e9,
		HTTP: &roentgen.HTTP{Method: "POST", URL: "http://shop/buy", Status: 502},
	}
	r := &roentgen.Rows{
		Account: "000000000000",
		Summary: &roentgen.Summary{
			Trace: roentgen.TraceID{15: n}, Start: 100e9, End: 103e9, Root: root, Fault: true,
			Users: []roentgen.UserUse{{Name: "alice"}},
			Annotations: []roentgen.AnnotationUse{
				{Annotation: roentgen.Annotation{Key: "age", Value: filter.Float(30)}},
				{Annotation: roentgen.Annotation{Key: "model_name", Value: filter.Text(fmt.Sprintf("model-%d", n%2))}},
			},
		},
		Nodes: []roentgen.NodeRow{
			{ServiceID: roentgen.ServiceID{Name: "web", Type: "client"}},
			{ServiceID: root.Service},
			{ServiceID: roentgen.ServiceID{Name: "orders"}},
		},
		FaultCauses: []roentgen.CauseRow{{Services: []roentgen.CauseServiceRow{
			{ServiceID: root.Service, Entities: []roentgen.CauseEntityRow{{Name: "web"}}},
			{ServiceID: roentgen.ServiceID{Name: "orders"}, Entities: []roentgen.CauseEntityRow{
				{Name: "orders", Exceptions: []roentgen.CauseExceptionRow{{Name: "OutOfStock", Message: "no\n  shoes"}}},
			}},
		}}},
	}
	r.Segments = []roentgen.SegmentRow{{Node: &r.Nodes[1], HTTP: root.HTTP}}
	return r
}

func TestAboutSaysWhatTheServerIs(t *testing.T) {
	status, header, got := new(behind).ask(t, "/api/about", "")
	if want := `{"account":"000000000000","region":"local","retentionSeconds":3600,"version":"1.2"}`; status != 200 || text(t, got) != want {
		t.Errorf("%d %v", status, got)
	}
	if header.Get("Cache-Control") != "no-store" || header.Get("x-amzn-RequestId") == "" {
		t.Errorf("headers %v", header)
	}
}

func TestTracesAreListedInPages(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1), shop(2), {Summary: &roentgen.Summary{Trace: roentgen.TraceID{15: 3}, Start: 50e9, Open: true, Partial: true}}}}
	_, _, got := b.ask(t, "/api/traces", `{"start":0,"end":200,"expression":"fault","limit":2}`)
	first := got["traces"].([]any)[0]
	want := `{"annotations":2,"cause":"orders: OutOfStock: no shoes","duration":3,"entry":{"name":"web","type":"AWS::ECS::Container"},"fault":true,` +
		`"id":"1-00000000-000000000000000000000001","method":"POST","responseTime":2.5,"services":["web","orders"],"start":100,"status":502,"url":"http://shop/buy","user":"alice"}`
	if text(t, first) != want {
		t.Errorf("got  %s\nwant %s", text(t, first), want)
	}
	if got["matched"] != 2.0 || got["examined"] != 2.0 {
		t.Errorf("page %v", got)
	}
	_, _, next := b.ask(t, "/api/traces", fmt.Sprintf(`{"start":0,"end":200,"expression":"fault","limit":2,"token":%q}`, got["token"]))
	bare := `[{"annotations":0,"id":"1-00000000-000000000000000000000003","partial":true,"services":[],"start":50}]`
	if text(t, next["traces"]) != bare || next["token"] != nil {
		t.Errorf("second page %s", text(t, next))
	}
	if q := b.asked[0]; q.MaxMatches != 2 || q.Share != 1 || q.Filter.String() != "fault" || q.Window.To != 200e9 {
		t.Errorf("asked %+v", q)
	}
}

func TestQuestionsAboutTracesAreRefused(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1), shop(2), shop(3)}}
	_, _, page := b.ask(t, "/api/traces", `{"start":0,"end":200}`)
	for name, c := range map[string]struct{ body, want string }{
		"without a window":               {`{}`, "start and end"},
		"the wrong way round":            {`{"start":2,"end":1}`, "end lies before start"},
		"by a clock that is none":        {`{"start":0,"end":1,"clock":"noon"}`, "start, updated, end"},
		"fewer than none":                {`{"start":0,"end":1,"limit":-1}`, "limit"},
		"by a broken expression":         {`{"start":0,"end":1,"expression":"fault ="}`, "Invalid filter expression"},
		"with a token of another window": {fmt.Sprintf(`{"start":1,"end":200,"token":%q}`, page["token"]), "Invalid token"},
	} {
		status, _, got := b.ask(t, "/api/traces", c.body)
		if message, _ := got["Message"].(string); status != 400 || got["__type"] != "InvalidRequestException" || !strings.Contains(message, c.want) {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}

func TestEveryClockCanBeAskedFor(t *testing.T) {
	for name, clock := range map[string]roentgen.Clock{"": roentgen.ClockStart, "start": roentgen.ClockStart, "updated": roentgen.ClockUpdated, "end": roentgen.ClockEnd} {
		b := new(behind)
		b.ask(t, "/api/traces", fmt.Sprintf(`{"start":0,"end":1,"clock":%q}`, name))
		if len(b.asked) != 1 || b.asked[0].Window.Clock != clock {
			t.Errorf("clock %q: asked %+v", name, b.asked)
		}
	}
}

func TestLargeAnswersAreCompressedForThoseWhoTakeIt(t *testing.T) {
	b := &behind{}
	for n := range byte(2) {
		r := shop(n)
		r.Summary.Root.HTTP.URL = "http://shop/" + strings.Repeat("x", 1000)
		b.rows = append(b.rows, r)
	}
	for accept, want := range map[string]string{"gzip, br": "gzip", "br;q=1, GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip;q=0.000": "", "": "", "br": ""} {
		_, header, got := b.ask(t, "/api/traces", `{"start":0,"end":1}`, "Accept-Encoding", accept)
		if header.Get("Content-Encoding") != want || got["matched"] != 2.0 || header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accept, header)
		}
	}
	if _, header, _ := b.ask(t, "/api/about", "", "Accept-Encoding", "gzip"); header.Get("Content-Encoding") != "" {
		t.Error("a small answer is compressed")
	}
}

func TestExpressionsAreExplained(t *testing.T) {
	for name, c := range map[string]struct{ expression, want string }{
		"a sound one":  {`service("x"){FAULT}`, `{"normal":"service(\"x\") { fault }","offers":[]}`},
		"an empty one": {``, `{"normal":"","offers":[]}`},
		"a wrong one, behind characters of two units": {`user = "🚀" AND response_time > 5`,
			`{"error":{"from":16,"hint":"did you mean responsetime?","message":"unknown keyword \"response_time\"","to":29},"normal":"","offers":[]}`},
		"one that ends too early": {`fault AND`,
			`{"error":{"from":9,"hint":"a condition begins with a keyword, such as fault, responsetime or annotation.key","message":"expected a condition, found the end","to":9},"normal":"","offers":[]}`},
	} {
		_, _, got := new(behind).ask(t, "/api/filter", fmt.Sprintf(`{"expression":%s}`, text(t, c.expression)))
		if text(t, got) != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, text(t, got), c.want)
		}
	}
}

func TestTypesOfAnnotationsAreLookedUpForOffers(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1)}}
	_, _, got := b.ask(t, "/api/filter", `{"expression":"annotation.age = \"30\"","start":0,"end":200}`)
	if offers := got["offers"].([]any); len(offers) != 1 || offers[0].(map[string]any)["expression"] != "annotation.age = 30" {
		t.Errorf("offers %v", offers)
	}
	if _, _, got := b.ask(t, "/api/filter", `{"expression":"annotation.age = \"30\""}`); len(got["offers"].([]any)) != 0 {
		t.Errorf("without a window: %v", got)
	}
}

func TestCompletionOffersWordsAndNames(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1), shop(3), shop(2)}}
	for name, c := range map[string]struct {
		text string // | is the cursor
		want []string
	}{
		"a keyword":                   {"respo|", []string{"keyword responsetime responsetime"}},
		"services, by frequency":      {`service("|`, []string{`service orders "orders")`, `service web "web")`}},
		"what has begun":              {`service("we|`, []string{`service web "web")`}},
		"behind two-unit characters":  {`user = "🚀" AND service("we|`, []string{`service web "web")`}},
		"values, most frequent first": {`annotation.model_name = |`, []string{`value model-1 "model-1"`, `value model-0 "model-0"`, "value true true", "value false false"}},
		"values of a number":          {`annotation.age > |`, []string{"value 30 30"}},
		"no text for a number":        {`annotation.age CONTAINS |`, nil},
		"keys":                        {`annotation.mo|`, []string{"annotation annotation.model_name annotation.model_name"}},
		"statuses":                    {`http.status = |`, []string{"value 502 502"}},
		"types":                       {`service(id(type: |`, []string{`value AWS::ECS::Container "AWS::ECS::Container"`, `value client "client"`}},
		"accounts":                    {`service(id(account.id: |`, []string{`value 000000000000 "000000000000"`}},
		"groups":                      {`group.name = |`, []string{`group Default "Default"`, `group slow "slow"`}},
		"groups by ARN":               {`group.arn = "arn:s|`, []string{`group arn:slow "arn:slow"`}},
		"exceptions":                  {`rootcause.fault.exception { name = |`, []string{`value OutOfStock "OutOfStock"`}},
		"entities":                    {`rootcause.fault.entity { name = "o|`, []string{`value orders "orders"`}},
		"users":                       {`user = |`, []string{`value alice "alice"`}},
	} {
		before, after, _ := strings.Cut(c.text, "|")
		cursor := utf16Offset(before+after, len(before))
		_, _, got := b.ask(t, "/api/complete", fmt.Sprintf(`{"expression":%s,"cursor":%d,"start":0,"end":200}`, text(t, before+after), cursor))
		var list []string
		for _, item := range got["items"].([]any) {
			m := item.(map[string]any)
			if m["kind"] != "function" && m["kind"] != "operator" {
				list = append(list, fmt.Sprint(m["kind"], " ", m["label"], " ", m["insert"]))
			}
		}
		if !slices.Equal(list, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, list, c.want)
		}
	}
}

func TestNamesSayHowManyTracesHaveThem(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1), shop(3), shop(2)}}
	_, _, got := b.ask(t, "/api/complete", `{"expression":"annotation.model_name = ","cursor":24,"start":0,"end":200}`)
	if items := text(t, got["items"]); !strings.Contains(items, `"in 2 of 3 traces"`) || !strings.Contains(items, `"in 1 of 3 traces"`) {
		t.Errorf("items %s", items)
	}
	_, _, got = b.ask(t, "/api/complete", `{"expression":"annotation.a","cursor":12,"start":0,"end":200}`)
	if items := text(t, got["items"]); !strings.Contains(items, `"always 30"`) {
		t.Errorf("items %s", items)
	}
}

func TestTypingReadsNamesOnceInAWhile(t *testing.T) {
	b := &behind{rows: []*roentgen.Rows{shop(1)}}
	h := b.handler()
	ask := func(end int) {
		h.get("/api/complete", fmt.Sprintf(`{"expression":"service(","cursor":8,"start":0,"end":%d}`, end))
	}
	ask(121)
	ask(122)
	ask(179)
	if len(b.asked) != 1 {
		t.Errorf("read %d times within a minute of ends and no time", len(b.asked))
	}
	if w := b.asked[0].Window; w.From != 0 || w.To != 180e9 || b.asked[0].MaxExamined != namedTraces {
		t.Errorf("asked %+v", b.asked[0])
	}
	ask(181)
	b.now = b.now.Add(namesLast)
	ask(181)
	if len(b.asked) != 3 {
		t.Errorf("read %d times, want again for another window and when they are old", len(b.asked))
	}
}

func TestNamesAreBounded(t *testing.T) {
	n := newNames()
	for i := range maxDistinct + 100 {
		r := shop(1)
		r.Summary.Root.HTTP.URL = fmt.Sprint("http://shop/", i)
		n.add(r)
	}
	if got := len(n.field(filter.ScopeTrace, filter.KeywordHTTPURL)); got != maxDistinct {
		t.Errorf("%d URLs are remembered", got)
	}
}

func TestOffsetsInUTF16(t *testing.T) {
	const s = "aé🚀b"
	for b, u := range map[int]int{0: 0, 1: 1, 3: 2, 7: 4, 8: 5} {
		if got := utf16Offset(s, b); got != u {
			t.Errorf("byte %d is at %d units, want %d", b, got, u)
		}
		if got := byteOffset(s, u); got != b {
			t.Errorf("unit %d is at byte %d, want %d", u, got, b)
		}
	}
	if got := byteOffset(s, 3); got != 3 {
		t.Errorf("the middle of a character is at byte %d, want its begin", got)
	}
	if got := byteOffset(s, 99); got != len(s) {
		t.Errorf("beyond the end is at byte %d", got)
	}
}
