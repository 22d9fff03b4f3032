package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/xray"
)

// TestOfficialGoSDK traces a request over two services with AWS's SDK for Go,
// sent over UDP as it sends to the daemon.
func TestOfficialGoSDK(t *testing.T) {
	s := startServer(t, t.TempDir())
	ctx := officialGo(t, s, `{"version":2,"rules":[],"default":{"fixed_target":1,"rate":1}}`)

	inner := httptest.NewServer(xray.HandlerWithContext(ctx, xray.NewFixedSegmentNamer("go-callee"),
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			xray.AddAnnotation(r.Context(), "stock", 7)
			http.Error(w, "out of stock", http.StatusTooManyRequests)
		})))
	defer inner.Close()
	calls := xray.Client(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	var trace string
	outer := httptest.NewServer(xray.HandlerWithContext(ctx, xray.NewFixedSegmentNamer("go-caller"),
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			trace = xray.TraceID(r.Context())
			xray.Capture(r.Context(), "work", func(ctx context.Context) error {
				xray.AddMetadata(ctx, "big", uint64(1<<63))
				return errors.New("not today")
			})
			req, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, inner.URL+"/stock?secret=1", nil)
			if resp, err := calls.Do(req); err == nil {
				resp.Body.Close()
			}
			w.WriteHeader(http.StatusInternalServerError)
		})))
	defer outer.Close()
	resp, err := client.Get(outer.URL + "/cart")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()

	docs := s.awaitSegments(t, trace, 2)
	caller, callee := named(t, docs, "go-caller"), named(t, docs, "go-callee")
	if !caller.Fault || caller.HTTP.Response.Status != 500 || caller.ParentID != "" {
		t.Errorf("caller %+v", caller)
	}
	if !callee.Error || !callee.Throttle || callee.Annotations["stock"] != 7.0 {
		t.Errorf("callee %+v", callee)
	}
	call := caller.find(inner.Listener.Addr().String())
	if call == nil || callee.ParentID != call.ID || call.Namespace != "remote" {
		t.Errorf("the callee's parent is %s, the call is %+v", callee.ParentID, call)
	}
	work := caller.find("work")
	if work == nil || !work.Fault || work.Cause == nil || work.Metadata["default"]["big"] != float64(1<<63) {
		t.Errorf("work %+v", work)
	}
}

// TestOfficialGoSDKWithCentralSampling lets the SDK fetch rules and targets
// over TCP: its first request falls to the reservoir of Default.
func TestOfficialGoSDKWithCentralSampling(t *testing.T) {
	s := startServer(t, t.TempDir())
	emitter := goEmitter(t, s)
	strategy, err := sampling.NewCentralizedStrategy()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", s.Daemon)
	ctx, err := xray.ContextWithConfig(t.Context(), xray.Config{DaemonAddr: s.Daemon, SamplingStrategy: strategy, Emitter: emitter})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		req := httptest.NewRequest(http.MethodGet, "http://shop.test/", nil)
		_, seg := xray.BeginSegmentWithSampling(ctx, "central", req, nil)
		rule := ""
		if seg.AWS != nil {
			if x, ok := seg.AWS["xray"].(xray.SDK); ok {
				rule = x.RuleName
			}
		}
		trace, sampled := seg.TraceID, seg.Sampled
		seg.Close(nil)
		if !sampled || rule != "Default" {
			return errors.New("no request was sampled by the central rule Default yet")
		}
		s.awaitSegments(t, trace, 1)
		return nil
	})
}

func officialGo(t *testing.T, s *server, rules string) context.Context {
	t.Helper()
	strategy, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := xray.ContextWithConfig(t.Context(), xray.Config{DaemonAddr: s.Daemon, SamplingStrategy: strategy, Emitter: goEmitter(t, s), ServiceVersion: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

func named(t *testing.T, docs []document, name string) *document {
	t.Helper()
	for i := range docs {
		if docs[i].Name == name {
			return &docs[i]
		}
	}
	t.Fatalf("no segment %q among %d", name, len(docs))
	return nil
}
