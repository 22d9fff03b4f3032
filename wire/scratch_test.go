package wire

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/roentgen/roentgen"
)

// testEntity is what a random document says of a segment or subsegment.
type testEntity struct {
	ID          string            `json:"id"`
	Trace       string            `json:"trace_id,omitempty"`
	Name        string            `json:"name"`
	Start       float64           `json:"start_time"`
	End         float64           `json:"end_time"`
	HTTP        *testHTTP         `json:"http,omitempty"`
	AWS         map[string]string `json:"aws,omitempty"`
	SQL         map[string]string `json:"sql,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Subsegments []testEntity      `json:"subsegments,omitempty"`
}

type testHTTP struct {
	Response struct {
		Status int `json:"status"`
	} `json:"response"`
}

// drawEntity draws an entity; every member is named after the entity's number,
// so that none can stand in the place of another unnoticed.
func drawEntity(rnd *rand.Rand, n *int, depth int) testEntity {
	*n++
	own := fmt.Sprint(*n)
	e := testEntity{ID: fmt.Sprintf("%016x", *n), Name: "name" + own, Start: float64(*n), End: float64(*n) + 1}
	if rnd.IntN(2) == 0 {
		e.HTTP = new(testHTTP)
		e.HTTP.Response.Status = *n
	}
	if rnd.IntN(3) == 0 {
		e.AWS = map[string]string{"region": own}
	}
	if rnd.IntN(3) == 0 {
		e.SQL = map[string]string{"user": own}
	}
	for range rnd.IntN(3) {
		e.Annotations = map[string]string{"a" + own: own, "b": own}
	}
	for range rnd.IntN(5 - depth) {
		e.Subsegments = append(e.Subsegments, drawEntity(rnd, n, depth+1))
	}
	return e
}

// check holds s against e and all that is in them.
func (e testEntity) check(t *testing.T, s *roentgen.Segment) {
	t.Helper()
	got := testEntity{ID: s.ID.String(), Trace: e.Trace, Name: s.Name, Start: s.Start.Seconds(), End: s.End.Seconds()}
	if s.HTTP != nil {
		got.HTTP = new(testHTTP)
		got.HTTP.Response.Status = s.HTTP.Status
	}
	if s.AWS != nil {
		got.AWS = map[string]string{"region": s.AWS.Region}
	}
	if s.SQL != nil {
		got.SQL = map[string]string{"user": s.SQL.User}
	}
	for _, a := range s.Annotations {
		if got.Annotations == nil {
			got.Annotations = map[string]string{}
		}
		got.Annotations[a.Key] = a.Value.String
	}
	want := e
	want.Subsegments = nil
	if !reflect.DeepEqual(got, want) || len(s.Subsegments) != len(e.Subsegments) {
		t.Fatalf("got %+v with %d subsegments, want %+v with %d", got, len(s.Subsegments), want, len(e.Subsegments))
	}
	for i := range e.Subsegments {
		e.Subsegments[i].check(t, &s.Subsegments[i])
	}
}

func TestEverythingIsFoundAgainInTheEntityItStoodIn(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	own, lending := NewParser(Limits{MaxAnnotations: -1, MaxDocumentBytes: -1}), NewParser(Limits{MaxAnnotations: -1, MaxDocumentBytes: -1})
	lending.Lend()
	readAndCheck(t, rnd, own)
	for range 3 {
		readAndCheck(t, rnd, lending)
		lending.Reclaim()
	}
}

// readAndCheck reads random documents and then looks whether all is there.
func readAndCheck(t *testing.T, rnd *rand.Rand, p *Parser) {
	t.Helper()
	var kept []*roentgen.Segment
	var drawn []testEntity
	for range 200 {
		n := 0
		e := drawEntity(rnd, &n, 0)
		e.Trace = "1-6a1b2c3d-0123456789abcdef01234567"
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		kept, drawn = append(kept, s), append(drawn, e)
	}
	for i, s := range kept { // none was spoilt by those that were read after it
		drawn[i].check(t, s)
	}
}

// A parser that is used now and then must not hold the last document, nor what
// was made of it.
func TestAParserHoldsOnToNoDocument(t *testing.T) {
	p := NewParser(Limits{})
	holdsNone(t, p)
	p.Lend()
	holdsNone(t, p)
}

func holdsNone(t *testing.T, p *Parser) {
	t.Helper()
	for name, in := range map[string]string{
		"a sound document":   doc(`"http":{"request":{"method":"GET"}},"aws":{"region":"here"},"sql":{"user":"u"},"annotations":{"a":"b","\u0063":1},"subsegments":[{` + okInner + `}]`),
		"one with two names": doc(`"annotations":{"a":"b"},"name":"last","metadata":{"\u0061":{"a":1,"b":"` + strings.Repeat("x", 100) + `"}}`),
	} {
		s, err := p.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		entity, text := weak.Make(s), weak.Make(&s.Document[0])
		s = nil
		p.Reclaim()
		runtime.GC()
		if p.lent == nil && entity.Value() != nil || text.Value() != nil {
			t.Errorf("%s is held: entity %t, text %t", name, entity.Value() != nil, text.Value() != nil)
		}
	}
	runtime.KeepAlive(p)
}

func TestWhatIsLentIsOneAllocation(t *testing.T) {
	p := NewParser(Limits{})
	p.Lend()
	inner := `{` + okInner + `,"http":{"response":{"status":200}},"sql":{"user":"u"},"aws":{"region":"r"},"annotations":{"a":1}}`
	text := []byte(doc(`"subsegments":[` + strings.Repeat(inner+",", 9) + inner + `]`))
	n := testing.AllocsPerRun(100, func() {
		for range 5 {
			if _, err := p.Parse(text); err != nil {
				t.Fatal(err)
			}
		}
		p.Reclaim()
	})
	if n > 5 { // the texts
		t.Errorf("%v allocations, want 5", n)
	}
}

func TestADocumentIsFewAllocations(t *testing.T) {
	p := NewParser(Limits{})
	inner := `{` + okInner + `,"http":{"response":{"status":200}},"sql":{"user":"u"},"aws":{"region":"r"},"annotations":{"a":1}}`
	text := []byte(doc(`"subsegments":[` + strings.Repeat(inner+",", 9) + inner + `]`))
	n := testing.AllocsPerRun(100, func() {
		if _, err := p.Parse(text); err != nil {
			t.Fatal(err)
		}
	})
	// Text, entities, http, aws, sql, annotations.
	if n > 6 {
		t.Errorf("%v allocations, want 6", n)
	}
}
