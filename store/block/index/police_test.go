package index

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/wire"
)

// station draws traces as AFIRGen makes them: a request at the main backend, which asks a database and a bucket, has
// speech recognised and a text written by two other services. Three documents, twelve entities, annotations of which
// one is of its own in every trace.
type station struct {
	r    *rand.Rand
	at   roentgen.Time // start of the trace
	id   roentgen.TraceID
	docs []string
}

func newStation(seed uint64) *station {
	return &station{r: rand.New(rand.NewPCG(seed, 0xAF)), at: base}
}

var (
	stationModels    = []string{"mistral-7b-instruct-q4_k_m", "llama-3.1-8b-instruct-q5_k_m", "phi-3-mini-4k-q4", "qwen2.5-7b-q4_k_m", "gemma-2-9b-it-q4_k_s", "whisper-large-v3", "whisper-small", "dots-ocr-1.7b"}
	stationEndpoints = []string{"/process", "/validate", "/regenerate", "/transcribe", "/ocr", "/fir/status"}
	stationAgents    = []string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Firefox/130.0", "AFIRGen-Mobile/2.4.1 (Android 14)", "python-httpx/0.27.2"}
)

// some draws an element; the first are drawn more often.
func (s *station) some(list []string) string {
	return list[int(float64(len(list))*s.r.Float64()*s.r.Float64())]
}

func (s *station) seconds(t roentgen.Time) string {
	return fmt.Sprintf("%d.%06d", t/1e9, t%1e9/1000)
}

func (s *station) lasting(medianMS, sigma float64) roentgen.Time {
	return roentgen.Time(medianMS*1e3*math.Exp(sigma*s.r.NormFloat64())) * 1000
}

func (s *station) span() string {
	var id [8]byte
	for i := range id {
		id[i] = byte(s.r.IntN(256))
	}
	return hex.EncodeToString(id[:])
}

// next draws the trace that starts a little after the one before.
func (s *station) next() []roentgen.Stored {
	s.at += roentgen.Time(s.r.IntN(43_000)) * 1000
	sec := uint32(s.at / 1e9)
	for i := range s.id {
		s.id[i] = byte(s.r.IntN(256))
	}
	s.id[0], s.id[1], s.id[2], s.id[3] = byte(sec>>24), byte(sec>>16), byte(sec>>8), byte(sec)
	s.docs = s.docs[:0]
	s.trace()
	received := s.at + s.lasting(3000, 0.5) + roentgen.Time(s.r.IntN(1e9))
	stored := make([]roentgen.Stored, len(s.docs))
	for i, doc := range s.docs {
		segment, err := wire.ParseDocument([]byte(doc), wire.Limits{})
		if err != nil {
			panic(fmt.Sprintf("%v in %s", err, doc))
		}
		stored[i] = roentgen.Stored{Segment: segment, Received: received}
	}
	return stored
}

func (s *station) trace() {
	var session [16]byte
	for i := range session {
		session[i] = byte(s.r.IntN(256))
	}
	ses := fmt.Sprintf("%x-%x-%x-%x-%x", session[:4], session[4:6], session[6:8], session[8:10], session[10:])
	model, path := s.some(stationModels), s.some(stationEndpoints)
	failed := s.r.IntN(50) == 0
	status, fault, cause := 200, "", ""
	if failed {
		status, fault = 500, `,"fault":true`
		cause = fmt.Sprintf(`,"cause":{"working_directory":"/app","exceptions":[{"id":"%s","type":"ModelInferenceError","message":"llama_decode failed: n_tokens=%d"}]}`, s.span(), s.r.IntN(100000))
	}
	asrPath := []string{"/asr", "/ocr"}[s.r.IntN(2)]
	sel, s3, whisper, write, insert := s.lasting(2.5, 0.8), s.lasting(35, 0.6), s.lasting(600, 0.6), s.lasting(900, 0.7), s.lasting(4, 0.8)
	asr, gguf := s.span(), s.span()
	notes := func(endpoint, model string, failed bool) string {
		return fmt.Sprintf(`,"annotations":{"endpoint":"%s","model_name":"%s","session_id":"%s","error":%t}`, endpoint, model, ses, failed)
	}
	from := s.at
	sub := func(id, name, namespace string, last roentgen.Time, more string) string {
		defer func() { from += last }()
		if namespace != "" {
			namespace = `,"namespace":"` + namespace + `"`
		}
		return fmt.Sprintf(`{"name":"%s","id":"%s","start_time":%s,"end_time":%s%s%s}`, name, id, s.seconds(from), s.seconds(from+last), namespace, more)
	}
	call := func(path string, status int) string {
		return fmt.Sprintf(`,"http":{"request":{"method":"POST","url":"http://afirgen%s"},"response":{"status":%d,"content_length":%d}}`, path, status, s.r.IntN(8000))
	}
	sql := func(query string) string {
		return `,"sql":{"url":"mysql.internal:3306/fir_db","database_type":"mysql","user":"afirgen_app","sanitized_query":"` + query + `"}`
	}
	subs := []string{
		sub(s.span(), "validate_session", "", s.lasting(0.4, 0.5), ""),
		sub(s.span(), "fir_db@mysql.internal", "remote", sel, sql("SELECT 1")),
		sub(s.span(), "S3", "aws", s3, `,"aws":{"operation":"PutObject","region":"ap-south-1","bucket_name":"afirgen-uploads-prod"}`),
	}
	asrFrom := from
	subs = append(subs, sub(asr, "afirgen-asr-ocr-server", "remote", whisper+2_000_000, call(":8002"+asrPath, 200)))
	ggufFrom := from
	subs = append(subs, sub(gguf, "afirgen-gguf-server", "remote", write+2_000_000, call(":8001/inference", status)+fault),
		sub(s.span(), "fir_db@mysql.internal", "remote", insert, sql("INSERT")))
	end := from
	document := func(name, parent string, from, to roentgen.Time, more string, subs []string) {
		if parent != "" {
			parent = `,"parent_id":"` + parent + `"`
		}
		s.docs = append(s.docs, fmt.Sprintf(`{"name":"%s","id":"%s","trace_id":"%s"%s,"start_time":%s,"end_time":%s%s,"subsegments":[%s]}`,
			name, s.span(), s.id, parent, s.seconds(from), s.seconds(to), more, strings.Join(subs, ",")))
	}
	served := func(url, ip, agent string, status int) string {
		return fmt.Sprintf(`,"http":{"request":{"method":"POST","url":"https://afirgen.example.gov.in%s","client_ip":"%s","user_agent":"%s"},"response":{"status":%d}}`, url, ip, agent, status)
	}
	ip := fmt.Sprintf("10.%d.%d.%d", s.r.IntN(4), s.r.IntN(256), 1+s.r.IntN(254))
	document("afirgen-main-backend", "", s.at, end, fmt.Sprintf(`,"user":"officer-%04d"`, s.r.IntN(2000))+served(path, ip, s.some(stationAgents), status)+notes(path, model, failed)+fault, subs)
	from = asrFrom + 1_000_000
	work := sub(s.span(), "whisper.transcribe", "", whisper-1_000_000, "")
	document("afirgen-asr-ocr-server", asr, asrFrom+1_000_000, asrFrom+1_000_000+whisper, served(asrPath, "10.0.4.21", "python-httpx/0.27.2", 200)+notes(asrPath, stationModels[5+s.r.IntN(3)], false), []string{work})
	from = ggufFrom + 1_000_000
	subs = []string{sub(s.span(), "tokenize", "", 1_000_000, ""), sub(s.span(), "llm.generate", "", write-2_000_000, `,"annotations":{"model_name":"`+model+`"}`+fault+cause)}
	document("afirgen-gguf-server", gguf, ggufFrom+1_000_000, ggufFrom+1_000_000+write, served("/inference", "10.0.4.21", "python-httpx/0.27.2", status)+notes("/inference", model, failed)+fault, subs)
}

// fold makes the columns and rows of a trace.
func fold(docs []roentgen.Stored, now roentgen.Time, opt graph.Options) (Row, *roentgen.Rows) {
	t := &roentgen.Trace{ID: docs[0].Segment.Trace, Documents: docs, Revision: len(docs)}
	p := roentgen.Partial{Trace: t.ID}
	row := Row{ID: t.ID, First: docs[0].Received, Documents: len(docs), Revision: len(docs)}
	for _, d := range docs {
		p = p.Merge(roentgen.NewPartial(d))
		row.First = min(row.First, d.Received)
		row.Bytes += len(d.Segment.Document)
		d.Segment.Walk(func(s *roentgen.Segment) {
			e, t, f := s.Failed()
			row.Failing = row.Failing || e || t || f
		})
	}
	row.AllBytes = row.Bytes
	s := p.Summary()
	row.Start, row.End, row.Updated = s.Start, s.End, s.Updated
	rows := graph.Fold(t, &s, now, opt)
	row.Due = rows.Due
	return row, rows
}

// night folds so many traces of a station.
func night(tb testing.TB, traces int) ([]Row, []*roentgen.Rows) {
	tb.Helper()
	s := newStation(1)
	rows, folded := make([]Row, traces), make([]*roentgen.Rows, traces)
	for i := range rows {
		rows[i], folded[i] = fold(s.next(), base+roentgen.Time(time.Hour), graph.Options{})
	}
	sorted(rows, folded)
	return rows, folded
}
