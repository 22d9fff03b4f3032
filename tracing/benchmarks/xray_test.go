package benchmarks

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/xray"
	"github.com/aws/aws-xray-sdk-go/xraylog"
)

func xrayDescribe(s *xray.Segment, m *payload) {
	_ = s.AddAnnotation("model_name", model)
	_ = s.AddAnnotation("tokens", 812)
	_ = s.AddAnnotation("cached", true)
	_ = s.AddMetadata("prompt", m)
	_ = s.AddMetadata("session", session)
}

func xrayContext(b *testing.B, rate string) context.Context {
	xray.SetLogger(xraylog.NullLogger)
	s, err := sampling.NewLocalizedStrategyFromJSONBytes([]byte(`{"version":2,"rules":[],"default":{"fixed_target":0,"rate":` + rate + `}}`))
	if err != nil {
		b.Fatal(err)
	}
	addr, err := net.ResolveUDPAddr("udp", theSink.udp)
	if err != nil {
		b.Fatal(err)
	}
	emitter, err := xray.NewDefaultEmitter(addr)
	if err != nil {
		b.Fatal(err)
	}
	ctx, err := xray.ContextWithConfig(context.Background(), xray.Config{SamplingStrategy: s, ServiceVersion: "1", Emitter: emitter, DaemonAddr: theSink.udp})
	if err != nil {
		b.Fatal(err)
	}
	return ctx
}

func xrayBench(b *testing.B, rate string) {
	ctx, names, m := xrayContext(b, rate), children(), meta()
	r, err := http.NewRequest(http.MethodPost, "http://afirgen.example/process", nil)
	if err != nil {
		b.Fatal(err)
	}
	request := func() {
		ctx, seg := xray.BeginSegmentWithSampling(ctx, service, r, nil)
		xrayDescribe(seg, m)
		for i, name := range names {
			_, sub := xray.BeginSubsegment(ctx, name)
			if i == 4 {
				xrayDescribe(sub, m)
			}
			sub.Close(nil)
		}
		seg.Close(nil)
	}
	// It sends on the request's goroutine; only goroutines that wait for contexts remain.
	measure(b, request, func() { time.Sleep(50 * time.Millisecond) }, func() int64 { return 6 * arrived(b) })
}

func BenchmarkXRaySampledUDP(b *testing.B) { xrayBench(b, "1") }
func BenchmarkXRayUnsampled(b *testing.B)  { xrayBench(b, "0") }
