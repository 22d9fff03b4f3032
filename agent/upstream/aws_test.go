package upstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/wire"
)

const (
	keyID  = "alice"
	secret = "a-secret-of-thirty-two-characters"
)

// service is X-Ray as far as a sender sees it. It takes what is signed.
type service struct {
	*httptest.Server
	mu struct {
		sync.Mutex
		requests []request
	}
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
}

type request struct {
	path   string
	header http.Header
	body   []byte
}

// newService starts one whose clock is ahead by skew.
func newService(t *testing.T, skew time.Duration) *service {
	t.Helper()
	s := &service{answer: func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
	}}
	ring, err := access.OpenKeyring("test", func() ([]byte, fs.FileMode, error) { return []byte(keyID + " " + secret), 0o600, nil })
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(skew) }
	guard := access.New(access.Config{Keyring: ring, Now: now})
	inside := guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.mu.requests = append(s.mu.requests, request{r.URL.Path, r.Header.Clone(), body})
		answer := s.answer
		s.mu.Unlock()
		answer(w, r, body)
	}))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		inside.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) set(answer func(w http.ResponseWriter, r *http.Request, body []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *service) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mu.requests)
}

// noEnv is an environment without anything.
func noEnv(string) string { return "" }

func (s *service) sender(t *testing.T, change func(*AWSConfig)) *AWS {
	t.Helper()
	cfg := AWSConfig{
		Region: "eu-west-1", Endpoint: s.URL, LocalMode: true, Version: "1.2", Getenv: noEnv,
		Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, ""),
	}
	if change != nil {
		change(&cfg)
	}
	a, err := NewAWS(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// batchOf is one of n documents, each with its id.
func batchOf(n int) *wire.Batch {
	b := &wire.Batch{Header: wire.BatchHeader{Agent: strings.Repeat("a", 32), Epoch: 7, Seq: 9}}
	for i := range n {
		b.Documents = append(b.Documents, wire.BatchDocument{Document: []byte(fmt.Sprintf(`{"id":"%016x","name":"shop \"é\"\n"}`, i))})
	}
	return b
}

func (s *service) documents(t *testing.T) (docs []string) {
	t.Helper()
	for _, r := range s.requests() {
		var in struct{ TraceSegmentDocuments []string }
		if err := json.Unmarshal(r.body, &in); err != nil {
			t.Fatalf("%s: %v", r.body, err)
		}
		if len(in.TraceSegmentDocuments) > 50 {
			t.Errorf("%d documents in one call", len(in.TraceSegmentDocuments))
		}
		docs = append(docs, in.TraceSegmentDocuments...)
	}
	return docs
}

func TestSegmentsGoToAWSSignedAsTheDaemonSendsThem(t *testing.T) {
	s := newService(t, 0)
	a := s.sender(t, nil)
	b := batchOf(120)
	answer, err := a.Send(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Seq != 9 || answer.Outcomes[wire.OutcomeStored] != 120 || len(answer.Rejected) != 0 {
		t.Errorf("%+v", answer)
	}
	docs := s.documents(t)
	if len(docs) != 120 || len(s.requests()) != 3 {
		t.Fatalf("%d documents in %d calls", len(docs), len(s.requests()))
	}
	for i, d := range b.Documents {
		if docs[i] != string(d.Document) {
			t.Fatalf("document %d arrived as %q", i, docs[i])
		}
	}
	r := s.requests()[0]
	stamp, err := strconv.ParseFloat(r.header.Get("X-Amzn-Xray-Timestamp"), 64)
	if r.path != "/TraceSegments" || err != nil || time.Since(time.UnixMilli(int64(stamp*1000))).Abs() > time.Hour {
		t.Errorf("%s with X-Amzn-Xray-Timestamp %q", r.path, r.header.Get("X-Amzn-Xray-Timestamp"))
	}
	if agent := r.header.Get("User-Agent"); !strings.Contains(agent, "xray-agent/xray-daemon/") || !strings.Contains(agent, "exec-env/UNKNOWN OS/") {
		t.Errorf("User-Agent is %q", agent)
	}
}

func TestDocumentsThatAWSDoesNotTakeAreRejectedByCause(t *testing.T) {
	s := newService(t, 0)
	s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		fmt.Fprint(w, `{"UnprocessedTraceSegments":[{"Id":"0000000000000002","ErrorCode":"InvalidTraceId","Message":"no"},{"Id":null,"ErrorCode":"InvalidSegment"}]}`)
	})
	b := batchOf(4)
	b.Documents[1].Document = bytes.Repeat([]byte("x"), 64<<10+1)
	answer, err := s.sender(t, nil).Send(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Outcomes[wire.OutcomeStored] != 1 || answer.Outcomes[wire.OutcomeRejected] != 3 || len(s.documents(t)) != 3 {
		t.Errorf("%+v", answer)
	}
	if answer.Codes["InvalidSegment"] != 2 || answer.Codes["InvalidTraceId"] != 1 {
		t.Errorf("rejections are booked as %v", answer.Codes)
	}
	want := []wire.RejectedDocument{
		{Index: 1, Code: "InvalidSegment"}, {Index: 2, ID: "0000000000000002", Code: "InvalidTraceId", Detail: "no"}, {Index: -1, Code: "InvalidSegment"},
	}
	for i, r := range answer.Rejected {
		if i == 0 {
			if !strings.Contains(r.Detail, "65537 bytes") {
				t.Errorf("detail %q", r.Detail)
			}
			r.Detail = ""
		}
		if r != want[i] {
			t.Errorf("rejected %+v, want %+v", r, want[i])
		}
	}
}

func TestAWSErrorsNameCauseAndRemedy(t *testing.T) {
	for _, c := range []struct {
		name            string
		status          int
		code, message   string
		header          http.Header
		permanent, slow bool
		category        Category
		after           time.Duration
		says            string
	}{
		{name: "throttled", status: 429, code: "ThrottledException", message: "Rate exceeded", category: Category4XX, says: "2,600 segments a second"},
		{name: "throttled with 400", status: 400, code: "ThrottlingException", message: "Rate exceeded", category: Category4XX, says: "more slowly"},
		{name: "unavailable", status: 503, code: "InternalFailure", message: "sorry", header: http.Header{"Retry-After": {"3"}}, category: Category5XX, after: 3 * time.Second, says: "sent again"},
		{name: "expired", status: 403, code: "ExpiredTokenException", message: "The security token included in the request is expired", slow: true, category: Category4XX, says: "renew"},
		{name: "denied", status: 403, code: "AccessDeniedException", slow: true, category: Category4XX,
			message: "User: arn:aws:iam::1:user/u is not authorized to perform: xray:PutTraceSegments on resource: * because no identity-based policy allows it",
			says:    "add xray:PutTraceSegments on * to the policy"},
		{name: "denied explicitly", status: 403, code: "AccessDeniedException", message: "with an explicit deny in a policy", slow: true, category: Category4XX, says: "take that out"},
		{name: "key unknown", status: 403, code: "UnrecognizedClientException", message: "The security token included in the request is invalid.", slow: true, category: Category4XX, says: "eu-west-1: was it deleted"},
		{name: "wrong region", status: 403, code: "InvalidSignatureException", message: "Credential should be scoped to a valid region, not 'eu-west-1'.", slow: true, category: Category4XX, says: "--region"},
		{name: "wrong secret", status: 403, code: "InvalidSignatureException", message: "The request signature we calculated does not match", slow: true, category: Category4XX, says: "does not belong to the access key id"},
		{name: "invalid request", status: 400, code: "com.amazonaws.xray#InvalidRequestException:http://x", message: "Exceeding maximum segment count: 50", permanent: true, category: Category4XX, says: "Exceeding maximum"},
		{name: "a proxy's page", status: 403, message: "<html>blocked</html>", slow: true, category: Category4XX, says: "no answer of X-Ray"},
		{name: "a proxy wants a user", status: 407, slow: true, category: Category4XX, says: "--proxy-address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t, 0)
			s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				for k, v := range c.header {
					w.Header()[k] = v
				}
				w.WriteHeader(c.status)
				if c.code == "" {
					fmt.Fprint(w, c.message)
					return
				}
				_ = json.NewEncoder(w).Encode(map[string]string{"__type": c.code, "Message": c.message})
			})
			_, err := s.sender(t, nil).Send(t.Context(), batchOf(1))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if e.Permanent != c.permanent || e.Config != c.slow || e.Category != c.category || e.RetryAfter != c.after || e.Status != c.status {
				t.Errorf("%+v", e)
			}
			if !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Error(), s.URL) {
				t.Errorf("%q does not say %q", e, c.says)
			}
		})
	}
}

func TestAClockThatIsOffIsToldAndAllowedFor(t *testing.T) {
	s := newService(t, 37*time.Minute+30*time.Second)
	a := s.sender(t, nil)
	_, err := a.Send(t.Context(), batchOf(1))
	if err == nil || !strings.Contains(err.Error(), "37m") || !strings.Contains(err.Error(), "behind") {
		t.Fatalf("%v", err)
	}
	if _, err := a.Send(t.Context(), batchOf(1)); err != nil {
		t.Errorf("once the difference is known: %v", err)
	}
}

func TestAWrongSecretIsRefusedByTheSignature(t *testing.T) {
	s := newService(t, 0)
	a := s.sender(t, func(c *AWSConfig) {
		c.Credentials = credentials.NewStaticCredentialsProvider(keyID, "another-secret-of-the-same-length", "")
	})
	if _, err := a.Send(t.Context(), batchOf(1)); err == nil || len(s.requests()) != 0 {
		t.Errorf("%v, and %d requests came in", err, len(s.requests()))
	}
}

func TestWithoutCredentialsTheErrorSaysWhereFrom(t *testing.T) {
	s := newService(t, 0)
	a := s.sender(t, func(c *AWSConfig) {
		c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("no such provider")
		})
	})
	_, err := a.Send(t.Context(), batchOf(1))
	if err == nil || !strings.Contains(err.Error(), "no such provider") || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("%v", err)
	}
}

func TestCheckAsksWithoutSending(t *testing.T) {
	s := newService(t, 0)
	a := s.sender(t, nil)
	if err := a.Check(t.Context()); err != nil {
		t.Error(err)
	}
	s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("X-Amzn-Errortype", "InvalidRequestException")
		w.WriteHeader(400)
	})
	if err := a.Check(t.Context()); err != nil {
		t.Errorf("a service that misses documents has let us in: %v", err)
	}
	s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
		w.WriteHeader(403)
	})
	if err := a.Check(t.Context()); err == nil {
		t.Error("a denied action was not told")
	}
}

func deniedAction(w http.ResponseWriter, _ *http.Request, _ []byte) {
	w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
	w.WriteHeader(403)
}

func TestSamplingCallsArePassedOnSigned(t *testing.T) {
	s := newService(t, 0)
	s.set(func(w http.ResponseWriter, r *http.Request, body []byte) {
		w.Header().Set("X-Amzn-Requestid", "r1")
		w.WriteHeader(418)
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	})
	a := s.sender(t, nil)
	got, err := a.Do(t.Context(), "/GetSamplingRules", []byte(`{"NextToken": null}`))
	if err != nil || got.Status != 418 || string(got.Body) != `/GetSamplingRules {"NextToken": null}` || got.Header.Get("X-Amzn-Requestid") != "r1" {
		t.Errorf("%+v, %v", got, err)
	}
	s.set(deniedAction)
	got, err = a.Do(t.Context(), "/GetSamplingRules", []byte("{}"))
	if err != nil || got.Status != 403 || got.Refusal == nil || !strings.Contains(got.Refusal.Text, "add xray:GetSamplingRules on *") {
		t.Errorf("%+v, %v", got, err)
	}
	s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("X-Amzn-Errortype", "InvalidRequestException")
		w.WriteHeader(400)
	})
	if got, err = a.Do(t.Context(), "/SamplingTargets", []byte("{}")); err != nil || got.Status != 400 || got.Refusal != nil {
		t.Errorf("a question that is not liked is no refusal of who asks: %+v, %v", got, err)
	}
}

func TestTheRegionIsFoundAsTheDaemonFindsIt(t *testing.T) {
	task := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v4/abc/task" {
			fmt.Fprint(w, `{"TaskARN":"arn:aws:ecs:ap-south-1:123:task/c/1"}`)
		}
	}))
	defer task.Close()
	file := filepath.Join(t.TempDir(), "metadata.json")
	if err := os.WriteFile(file, []byte(`{"TaskARN":"arn:aws:ecs:us-east-2:123:task/c/1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	for _, c := range []struct {
		name           string
		cfg            AWSConfig
		env            map[string]string
		region, source string
	}{
		{"the flag wins", AWSConfig{Region: "eu-west-1"}, map[string]string{"AWS_REGION": "us-east-1"}, "eu-west-1", "the configuration"},
		{"the environment", AWSConfig{}, map[string]string{"AWS_REGION": "us-east-1"}, "us-east-1", "AWS_REGION"},
		{"the task's file", AWSConfig{}, map[string]string{"ECS_ENABLE_CONTAINER_METADATA": "true", "ECS_CONTAINER_METADATA_FILE": file}, "us-east-2", "ECS metadata"},
		{"the task's endpoint", AWSConfig{}, map[string]string{"ECS_CONTAINER_METADATA_URI_V4": task.URL + "/v4/abc"}, "ap-south-1", "ECS metadata"},
		{"nowhere", AWSConfig{LocalMode: true}, map[string]string{"ECS_CONTAINER_METADATA_URI_V4": task.URL + "/v4/abc"}, "", "AWS_REGION"},
		{"no region at all", AWSConfig{Region: "evil.example/?"}, nil, "", "has not the form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.cfg.Getenv = func(name string) string { return c.env[name] }
			c.cfg.Credentials = credentials.NewStaticCredentialsProvider(keyID, secret, "")
			a, err := NewAWS(c.cfg)
			if c.region == "" {
				if err == nil || !strings.Contains(err.Error(), c.source) {
					t.Errorf("%v does not say %q", err, c.source)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if region, source := a.Region(); region != c.region || source != c.source {
				t.Errorf("%s from %s, want %s from %s", region, source, c.region, c.source)
			}
			_ = a.Close()
		})
	}
}

func TestEachPartitionHasItsEndpoint(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "https://xray.eu-west-1.amazonaws.com", "us-gov-west-1": "https://xray.us-gov-west-1.amazonaws.com",
		"cn-north-1": "https://xray.cn-north-1.amazonaws.com.cn", "us-iso-east-1": "https://xray.us-iso-east-1.c2s.ic.gov",
		"us-isob-east-1": "https://xray.us-isob-east-1.sc2s.sgov.gov",
	} {
		if u, err := findEndpoint(AWSConfig{Getenv: noEnv}, region); err != nil || u.String() != want {
			t.Errorf("%s: %v, %v; want %s", region, u, err, want)
		}
	}
	u, err := findEndpoint(AWSConfig{Getenv: func(name string) string {
		return map[string]string{"AWS_ENDPOINT_URL_XRAY": "http://localhost:1"}[name]
	}}, "eu-west-1")
	if err != nil || u.String() != "http://localhost:1" {
		t.Errorf("%v, %v", u, err)
	}
	if _, err := findEndpoint(AWSConfig{Endpoint: "https://", Getenv: noEnv}, "eu-west-1"); err == nil {
		t.Error("an endpoint without a host was taken")
	}
}

// assume is STS for one role.
func TestARoleIsAssumed(t *testing.T) {
	denied := false
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("RoleArn") != "arn:aws:iam::1:role/xray" || r.Form.Get("RoleSessionName") != "xray-daemon" {
			t.Errorf("STS was asked with %v (%v)", r.Form, err)
		}
		if denied {
			w.WriteHeader(403)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for you</Message></Error></ErrorResponse>`)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			keyID, secret, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	s := newService(t, 0)
	role := func(c *AWSConfig) {
		c.RoleARN = "arn:aws:iam::1:role/xray"
		c.Credentials = credentials.NewStaticCredentialsProvider("someone", "else", "")
	}
	if _, err := s.sender(t, role).Send(t.Context(), batchOf(1)); err != nil {
		t.Fatal(err)
	}
	if got := s.requests()[0].header.Get("X-Amz-Security-Token"); got != "t" {
		t.Errorf("the session token is %q", got)
	}
	denied = true
	_, err := s.sender(t, role).Send(t.Context(), batchOf(1))
	if err == nil || !strings.Contains(err.Error(), "arn:aws:iam::1:role/xray cannot be assumed") {
		t.Errorf("%v", err)
	}
}

func TestTelemetryIsTheDaemons(t *testing.T) {
	s := newService(t, 0)
	var log bytes.Buffer
	a := s.sender(t, func(c *AWSConfig) {
		c.ResourceARN = "arn:aws:ecs:x"
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c.Getenv = func(name string) string {
			return map[string]string{"AWS_HOSTNAME": "host1", "AWS_INSTANCE_ID": "i-1"}[name]
		}
	})
	var counts Counts
	tel := &Telemetry{AWS: a, Counts: func() Counts { return counts }}
	tel.record()
	if len(tel.waiting) != 0 {
		t.Error("a record was made before anything was received")
	}
	tel.id = instanceID(t.Context(), a.cfg, a.connections.client)
	for i := range 35 {
		counts.Received += 10
		counts.Sent += int64(i)
		counts.Errors[CategoryTimeout]++
		tel.record()
	}
	if len(tel.waiting) != 30 {
		t.Errorf("%d records wait, want 30", len(tel.waiting))
	}
	s.set(func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(500) })
	tel.flush(t.Context())
	if len(tel.waiting) != 30 {
		t.Errorf("%d records wait after a failure, want 30", len(tel.waiting))
	}
	s.set(deniedAction)
	for range 2 {
		tel.flush(t.Context())
	}
	if said := log.String(); strings.Count(said, "level=WARN") != 1 || !strings.Contains(said, "add xray:PutTelemetryRecords on *") {
		t.Errorf("of two refusals the log says %s", said)
	}
	s.set(func(http.ResponseWriter, *http.Request, []byte) {})
	tel.flush(t.Context())
	if requests := s.requests(); len(tel.waiting) != 0 || len(requests) != 6 {
		t.Fatalf("%d records wait after %d requests, want none after 1, 2 and 3", len(tel.waiting), len(requests))
	}
	var in struct {
		TelemetryRecords []struct {
			Timestamp                                float64
			SegmentsReceivedCount, SegmentsSentCount int64
			BackendConnectionErrors                  struct{ TimeoutCount int64 }
		}
		EC2InstanceId, Hostname, ResourceARN string
	}
	r := s.requests()[5]
	if err := json.Unmarshal(r.body, &in); err != nil || r.path != "/TelemetryRecords" {
		t.Fatalf("%s: %v", r.path, err)
	}
	last := in.TelemetryRecords[9]
	if len(in.TelemetryRecords) != 10 || last.SegmentsReceivedCount != 10 || last.SegmentsSentCount != 34 || last.BackendConnectionErrors.TimeoutCount != 1 ||
		in.EC2InstanceId != "i-1" || in.Hostname != "host1" || in.ResourceARN != "arn:aws:ecs:x" {
		t.Errorf("%+v", in)
	}
}
