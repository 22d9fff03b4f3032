package awssdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/roentgen/roentgen/tracing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden document anew")

// canned answers without a network.
func canned(status int, header http.Header, body string) aws.HTTPClient {
	return smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
		}
		return &http.Response{StatusCode: status, Header: header.Clone(), Request: r, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body))}, nil
	})
}

const denied = `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`

func TestTheDocumentIsByteForByteTheGoldenOne(t *testing.T) {
	a := start(t, func(c *tracing.Config) { c.Now, c.Rand, c.ServiceVersion = clock(), seeded(), "1.4.2" })
	body := a.raw(func(ctx context.Context) {
		ids := http.Header{"X-Amz-Request-Id": {"R1"}, "X-Amz-Id-2": {"host+1="}}
		put := func(status int, body string) error {
			cfg := configFor(canned(status, ids, body))
			InstrumentAWS(&cfg)
			_, err := s3.NewFromConfig(cfg).PutObject(ctx, &s3.PutObjectInput{
				Bucket: aws.String("reports"), Key: aws.String("firs/Asha Rao.pdf"), Body: strings.NewReader("%PDF")})
			return err
		}
		if err := put(200, ""); err != nil {
			t.Error(err)
		}
		if err := put(403, denied); err == nil {
			t.Error("a refusal was no error")
		}
		cfg := configFor(canned(200, http.Header{"X-Amzn-Requestid": {"R2"}}, `{"Name":"k","SecretString":"hunter2"}`))
		InstrumentAWS(&cfg)
		got, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("shop/keys")})
		if err != nil || aws.ToString(got.SecretString) != "hunter2" {
			t.Errorf("the secret came as %v, %v", got, err)
		}
	})
	for _, secret := range []string{"hunter2", "Asha", "AKID", "of-no-account"} {
		if bytes.Contains(body, []byte(secret)) {
			t.Errorf("%s shows in %s", secret, body)
		}
	}
	golden(t, "testdata/segment_aws.json", body)
}

func golden(t *testing.T, path string, body []byte) {
	t.Helper()
	// What changes with the Go release: its version, and the lines and frames of stacks.
	body = regexp.MustCompile(`"(runtime|compiler)_version":"[^"]*"`).ReplaceAll(body, []byte(`"${1}_version":"go"`))
	body = regexp.MustCompile(`"stack":\[(\{[^]}]*\})[^]]*\]`).ReplaceAll(body, []byte(`"stack":[$1]`))
	body = regexp.MustCompile(`"line":[0-9]+`).ReplaceAll(body, []byte(`"line":1`))
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", " "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *rewrite {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden document (make it with -rewrite): %v", err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("%s differs (renew it with -rewrite, and read the diff):\ngot  %s\nwant %s", path, pretty.Bytes(), want)
	}
}

func get(ctx context.Context, client *s3.Client) error {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("firs/1.json")})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, out.Body)
	return errors.Join(err, out.Body.Close())
}

func TestOneCallIsOneSubsegmentWhateverItsTransport(t *testing.T) {
	a := start(t)
	var header atomic.Value
	answer := func(w http.ResponseWriter, r *http.Request) {
		header.Store(r.Header.Get(tracing.HeaderName))
		_, _ = io.WriteString(w, "{}")
	}
	for name, change := range map[string]func(*aws.Config){
		"plain": func(*aws.Config) {},
		"tracing.Transport": func(c *aws.Config) {
			c.HTTPClient = &http.Client{Transport: a.Transport(c.HTTPClient.(*http.Client).Transport)}
		},
		"twice": func(c *aws.Config) { InstrumentAWS(c) },
	} {
		t.Run(name, func(t *testing.T) {
			client := bucket(t, answer, change)
			d := a.segment(func(ctx context.Context) {
				if err := get(ctx, client); err != nil {
					t.Error(err)
				}
			})
			s := a.only(d)
			a.is(s, `"S3"`, "name")
			a.is(s, `"aws"`, "namespace")
			a.is(s, `null`, "subsegments")
			a.is(s, `{"bucket_name":"reports","operation":"GetObject","region":"eu-west-1","retries":0}`, "aws")
			a.is(s, `{"content_length":2,"status":200}`, "http", "response")
			want := "Root=" + d["trace_id"].(string) + ";Parent=" + s["id"].(string) + ";Sampled=1"
			if got := header.Load(); got != want {
				t.Errorf("the service was told %q, want %q", got, want)
			}
		})
	}
}

func TestWorkAroundTheCallNestsAsItShould(t *testing.T) {
	a := start(t)
	client := bucket(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	d := a.segment(func(ctx context.Context) {
		_ = tracing.Trace(ctx, "archive", func(ctx context.Context) error { return get(ctx, client) })
	})
	outer := a.only(d)
	a.is(outer, `"archive"`, "name")
	a.is(a.only(outer), `"S3"`, "name")
}

func TestRetriesAreCounted(t *testing.T) {
	a := start(t)
	var calls atomic.Int32
	client := bucket(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "{}")
	})
	s := a.only(a.segment(func(ctx context.Context) {
		if err := get(ctx, client); err != nil {
			t.Error(err)
		}
	}))
	a.is(s, `2`, "aws", "retries")
	a.is(s, `200`, "http", "response", "status")
	a.is(s, `null`, "fault")
}

func TestAnswersBecomeFlags(t *testing.T) {
	const said = `<Error><Code>%</Code><Message>so it is</Message></Error>`
	cases := []struct {
		status int
		code   string
		flags  string // error, throttle, fault
	}{
		{400, "InvalidRequest", "true null null"}, {403, "AccessDenied", "true null null"}, {429, "TooManyRequests", "true true null"},
		{400, "ThrottlingException", "true true null"}, {503, "SlowDown", "null true true"}, {500, "InternalError", "null null true"},
	}
	for _, c := range cases {
		t.Run(c.code, func(t *testing.T) {
			a := start(t)
			client := bucket(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, strings.Replace(said, "%", c.code, 1))
			})
			var err error
			s := a.only(a.segment(func(ctx context.Context) { err = get(ctx, client) }))
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != c.code {
				t.Errorf("the caller got %v", err)
			}
			flags := make([]string, 3)
			for i, key := range []string{"error", "throttle", "fault"} {
				b, _ := json.Marshal(s[key])
				flags[i] = string(b)
			}
			if got := strings.Join(flags, " "); got != c.flags {
				t.Errorf("error, throttle, fault are %s, want %s", got, c.flags)
			}
			x := s["cause"].(doc)["exceptions"].([]any)[0].(doc)
			a.is(x, `"smithy.GenericAPIError"`, "type")
			a.is(x, `"api error `+c.code+`: so it is"`, "message")
			a.is(x, `true`, "remote")
			if frame := x["stack"].([]any)[0].(doc); frame["label"] != "get" {
				t.Errorf("the stack begins at %v, want the caller of the client", frame)
			}
		})
	}
}

func TestAnEndpointThatIsAwayIsAFaultWithTheURL(t *testing.T) {
	a := start(t)
	client := bucket(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s := a.only(a.segment(func(ctx context.Context) {
		if err := get(ctx, client); err == nil {
			t.Error("no error")
		}
	}))
	a.is(s, `true`, "fault")
	a.is(s, `2`, "aws", "retries")
	a.is(s, `null`, "http", "response")
	x := s["cause"].(doc)["exceptions"].([]any)[0].(doc)
	a.is(x, `"EOF"`, "message") // and no URL with a key
	url, _ := s["http"].(doc)["request"].(doc)["url"].(string)
	if !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/reports") {
		t.Errorf("the URL is %q", url)
	}
}

func TestACancelledCallIsTheCallersDoing(t *testing.T) {
	a := start(t)
	client := bucket(t, func(http.ResponseWriter, *http.Request) { t.Error("the call went out") })
	s := a.only(a.segment(func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		if err := get(ctx, client); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	}))
	a.is(s, `true`, "error")
	a.is(s, `null`, "fault")
}

func TestNotModifiedIsNoFailure(t *testing.T) {
	a := start(t)
	client := bucket(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	s := a.only(a.segment(func(ctx context.Context) { _ = get(ctx, client) }))
	a.is(s, `null`, "fault")
	a.is(s, `null`, "error")
	a.is(s, `null`, "cause")
}

func TestAskedForKeysAreRecorded(t *testing.T) {
	a := start(t)
	cfg := configFor(canned(200, nil, "{}"))
	InstrumentAWS(&cfg, Parameter{"S3", "Key", "key"})
	s := a.only(a.segment(func(ctx context.Context) {
		if err := get(ctx, s3.NewFromConfig(cfg)); err != nil {
			t.Error(err)
		}
	}))
	a.is(s, `"firs/1.json"`, "aws", "key")
	a.is(s, `"https://reports.s3.eu-west-1.amazonaws.com/firs/1.json"`, "http", "request", "url")
}

func TestAnUnrecordedTraceOnlyHandsItsHeaderOn(t *testing.T) {
	none := 0.0
	a := start(t, func(c *tracing.Config) { c.SamplingRate = &none })
	var header atomic.Value
	client := bucket(t, func(w http.ResponseWriter, r *http.Request) {
		header.Store(r.Header.Get(tracing.HeaderName))
		_, _ = io.WriteString(w, "{}")
	})
	err := a.Segment(context.Background(), "", func(ctx context.Context) error { return get(ctx, client) })
	if got, _ := header.Load().(string); err != nil || !strings.HasSuffix(got, ";Sampled=0") {
		t.Errorf("the service was told %q, %v", got, err)
	}
	if st := a.Stats(); st.DocumentsSent != 0 || st.ContextMissing != 0 {
		t.Errorf("stats %+v", st)
	}
}

// Not even RUNTIME_ERROR may make a call of the AWS SDK panic.
func TestWithoutASegmentTheCallGoesOn(t *testing.T) {
	a := start(t, func(c *tracing.Config) { c.ContextMissing = tracing.RuntimeError })
	otel.SetTracerProvider(a.Tracing)
	defer otel.SetTracerProvider(noop.NewTracerProvider())
	client := bucket(t, func(w http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get(tracing.HeaderName); h != "" {
			t.Errorf("there is a header: %s", h)
		}
		_, _ = io.WriteString(w, "{}")
	})
	if err := get(context.Background(), client); err != nil {
		t.Error(err)
	}
	if n := a.Stats().ContextMissing; n != 1 {
		t.Errorf("%d missing contexts counted, want 1", n)
	}
}

func TestPresigningIsNoCall(t *testing.T) {
	a := start(t)
	client := bucket(t, func(http.ResponseWriter, *http.Request) { t.Error("a call went out") })
	d := a.segment(func(ctx context.Context) {
		r, err := s3.NewPresignClient(client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("k")})
		if err != nil || r.SignedHeader.Get(tracing.HeaderName) != "" {
			t.Errorf("presigned %v, %v", r, err)
		}
	})
	a.is(d, `null`, "subsegments")
}

func TestAPanicBelowGoesOnUp(t *testing.T) {
	a := start(t)
	cfg := configFor(smithyhttp.ClientDoFunc(func(*http.Request) (*http.Response, error) { panic("below") }))
	InstrumentAWS(&cfg)
	s := a.only(a.segment(func(ctx context.Context) {
		defer func() {
			if v := recover(); v != "below" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = get(ctx, s3.NewFromConfig(cfg))
	}))
	a.is(s, `true`, "fault")
}

func TestParametersAreReadByNameAndNothingElse(t *testing.T) {
	type kind string
	type input struct {
		TableName    *string
		RequestItems map[string][]string
		Kind         kind
		Limit        *int32
		Consistent   bool
		Nothing      *string
		Channel      chan int
		hidden       *string
	}
	in := &input{TableName: aws.String("carts"), RequestItems: map[string][]string{"b": {"secret"}, "a": nil}, Kind: "k",
		Limit: aws.Int32(7), Channel: make(chan int), hidden: aws.String("h")}
	fields := []Parameter{}
	for _, f := range []string{"TableName", "RequestItems", "Kind", "Limit", "Consistent", "Nothing", "Channel", "hidden", "Absent"} {
		fields = append(fields, Parameter{"X", f, strings.ToLower(f)})
	}
	var got []string
	for _, kv := range read(nil, in, fields) {
		got = append(got, string(kv.Key)+"="+kv.Value.String())
	}
	want := `aws.xray.aws.tablename=carts aws.xray.aws.requestitems=["a","b"] aws.xray.aws.kind=k aws.xray.aws.limit=7 aws.xray.aws.consistent=false aws.xray.aws.hidden=h`
	if strings.Join(got, " ") != want {
		t.Errorf("read %s, want %s", got, want)
	}
	for _, odd := range []any{nil, 7, (*input)(nil), "text", map[string]int{}} {
		if got := readQuietly(nil, odd, fields); len(got) != 0 {
			t.Errorf("of %T came %v", odd, got)
		}
	}
}

// BenchmarkCall is a call whose answer is there at once: what the SDK itself costs, and what recording adds.
func BenchmarkCall(b *testing.B) {
	for _, mode := range []string{"plain", "instrumented, no segment", "recorded"} {
		b.Run(mode, func(b *testing.B) {
			a := start(b, func(c *tracing.Config) { c.QueueSize = 1 << 16 })
			cfg := configFor(canned(200, http.Header{"X-Amz-Request-Id": {"R1"}}, "{}"))
			if mode != "plain" {
				InstrumentAWS(&cfg)
			}
			client := s3.NewFromConfig(cfg)
			once := func(ctx context.Context) error { return get(ctx, client) }
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if mode == "recorded" {
					err = a.Segment(context.Background(), "", once)
				} else {
					err = once(context.Background())
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The header must not spoil a signature: it is added when the request is signed.
func TestTheHeaderIsNotSigned(t *testing.T) {
	a := start(t)
	var auth atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth.Store(r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"SecretString":"x"}`)
	}))
	defer server.Close()
	defer server.Client().CloseIdleConnections()
	cfg := configFor(server.Client())
	cfg.BaseEndpoint = &server.URL
	InstrumentAWS(&cfg)
	a.segment(func(ctx context.Context) {
		if _, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("k")}); err != nil {
			t.Error(err)
		}
	})
	if got, _ := auth.Load().(string); !strings.Contains(got, "SignedHeaders=") || strings.Contains(got, "x-amzn-trace-id") {
		t.Errorf("authorised by %q", got)
	}
}

// A stack that somebody has filled with names like ours keeps working, unrecorded.
func TestAStackThatRefusesUsStaysWhole(t *testing.T) {
	a := start(t)
	cfg := configFor(canned(200, nil, "{}"))
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc(attempt{}.ID(), func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error) {
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
	})
	InstrumentAWS(&cfg)
	s := a.only(a.segment(func(ctx context.Context) {
		if err := get(ctx, s3.NewFromConfig(cfg)); err != nil {
			t.Error(err)
		}
	}))
	a.is(s, `"S3"`, "name")
}
