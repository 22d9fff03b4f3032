package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/roentgen/roentgen/tracing"
)

func Example() {
	ctx := context.Background()
	tr, shutdown, err := tracing.Setup(ctx, tracing.Config{ServiceName: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer shutdown(ctx)
	otel.SetTracerProvider(tr) // all OpenTelemetry instrumentation nests from here on

	client := &http.Client{Transport: tr.Transport(nil)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cart/{id}", func(w http.ResponseWriter, r *http.Request) {
		tracing.Annotate(r.Context(), "endpoint", "/cart/{id}")
		req, _ := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://prices.test/", nil)
		_ = client
		_ = req // resp, err := client.Do(req)
	})
	w := httptest.NewRecorder()
	tr.Middleware(mux).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/cart/7", nil))
	fmt.Println(w.Code, w.Header().Get(tracing.HeaderName) != "")
	// Output: 200 true
}

func ExampleTrace() {
	tr, shutdown, _ := tracing.Setup(context.Background(), tracing.Config{})
	defer shutdown(context.Background())

	err := tr.Segment(context.Background(), "nightly", func(ctx context.Context) error {
		return tracing.Trace(ctx, "cleanup", func(ctx context.Context) error {
			tracing.Annotate(ctx, "rows", 12)
			tracing.Metadata(ctx, "debug", "tables", []string{"sessions", "uploads"})
			return errors.New("disk is full")
		})
	})
	fmt.Println(err)
	// Output: disk is full
}

func ExampleDo() {
	price, err := tracing.Do(context.Background(), "price", func(context.Context) (int, error) {
		return 42, nil // is called once, segment or not
	})
	fmt.Println(price, err)
	// Output: 42 <nil>
}

func ExampleSetup_badValue() {
	rate := 2.0
	_, _, err := tracing.Setup(context.Background(), tracing.Config{SamplingRate: &rate})
	fmt.Println(err)
	// Output: setting up tracing: Config.SamplingRate is "2": use a number from 0 to 1, such as 0.1
}

func ExampleLogHandler() {
	log := slog.New(tracing.LogHandler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
	log.Info("outside of a trace")
	// Output: level=INFO msg="outside of a trace"
}

func ExampleForceSampling() {
	req, _ := http.NewRequest(http.MethodPost, "http://shop.test/process?x=1", nil)
	tracing.ForceSampling(req, "secret", time.Unix(1780165693, 0))
	fmt.Println(req.Header.Get(tracing.ForceHeaderName))
	// Output: t=1780165693,v1=d98000cc3c31801d903e8b0309f5c8d6967a2b4ac26ce7d826ecdccce21b3c3c
}
