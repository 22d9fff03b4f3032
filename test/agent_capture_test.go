package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsxray "github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/xray"
)

// TestOldSDKsAreDecidedLater has AWS's SDK for Go ask for rules, be told to
// record everything, and trace requests over two services on two hosts. The
// agents keep a tenth of them, and each that failed, all of them whole.
func TestOldSDKsAreDecidedLater(t *testing.T) {
	const requests = 300
	s := startServer(t, t.TempDir())
	rule := anyRule("old")
	rule.FixedRate, rule.ReservoirSize, rule.URLPath = 0.1, 0, aws.String("*")
	if _, err := awsClient(s).CreateSamplingRule(t.Context(), &awsxray.CreateSamplingRuleInput{SamplingRule: rule}); err != nil {
		t.Fatal(err)
	}
	triggers := filepath.Join(t.TempDir(), "triggers.yaml")
	if err := os.WriteFile(triggers, []byte("version: 1\ntriggers:\n  - name: fault\n    when: fault\ncapture: [old]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	front, back := launchAgent(t, s, t.TempDir(), "--triggers", triggers), launchAgent(t, s, t.TempDir(), "--triggers", triggers)
	shop, atShop := capturedShop(t, front, back)

	failed := map[string]bool{}
	for i := range requests {
		resp, err := client.Get(fmt.Sprintf("%s/?fail=%v", shop, i%10 == 0))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		failed[*atShop] = i%10 == 0
	}
	for trace, bad := range failed {
		if bad {
			s.awaitSegments(t, trace, 2)
		}
	}
	for _, a := range []*agentProcess{front, back} {
		eventually(t, func() error {
			if n := a.metric(t, `roentgen_ledger_waiting{place="spool"}`); n != 0 {
				return fmt.Errorf("%v documents wait", n)
			}
			return nil
		})
	}
	kept := 0
	for trace, bad := range failed {
		if n := len(s.trace(t, trace)); n > 0 && !bad {
			s.awaitSegments(t, trace, 2) // the other host hears of it within the second
			kept++
		}
	}
	if kept < 5 || kept > 65 { // of 270 at 0.1, five deviations and more
		t.Errorf("%d of %d requests that did not fail are kept", kept, requests-requests/10)
	}
}

// capturedShop is a service that is told what to sample by the agent front, and
// calls another at the agent back. The trace of the last request is in trace.
func capturedShop(t *testing.T, front, back *agentProcess) (url string, trace *string) {
	t.Helper()
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "tcp:"+front.TCP+" udp:"+front.UDP)
	strategy, err := sampling.NewCentralizedStrategy()
	if err != nil {
		t.Fatal(err)
	}
	traced := func(a *agentProcess, name string, h http.HandlerFunc) (context.Context, *httptest.Server) {
		ctx, err := xray.ContextWithConfig(t.Context(), xray.Config{DaemonAddr: a.UDP, SamplingStrategy: strategy, Emitter: goEmitter(t, &server{Daemon: a.UDP})})
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(xray.HandlerWithContext(ctx, xray.NewFixedSegmentNamer(name), h))
		t.Cleanup(srv.Close)
		return ctx, srv
	}
	_, stock := traced(back, "stock", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("fail") == "true" { // the caller does not see it
			xray.Capture(r.Context(), "work", func(context.Context) error { return errors.New("not today") })
		}
	})
	calls := xray.Client(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	trace = new(string)
	ctx, shop := traced(front, "shop", func(w http.ResponseWriter, r *http.Request) {
		*trace = xray.TraceID(r.Context())
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, stock.URL+"/?"+r.URL.RawQuery, nil)
		if err != nil {
			t.Error(err)
			return
		}
		if resp, err := calls.Do(req); err == nil {
			resp.Body.Close()
		}
	})
	eventually(t, func() error {
		_, seg := xray.BeginSegmentWithSampling(ctx, "shop", httptest.NewRequest(http.MethodGet, "http://shop.test/", nil), nil)
		defer seg.Close(nil)
		if x, ok := seg.AWS["xray"].(xray.SDK); !ok || x.RuleName != "old" || !seg.Sampled {
			return errors.New("no request was sampled by the captured rule yet")
		}
		return nil
	})
	return shop.URL, trace
}
