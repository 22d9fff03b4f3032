package tracing

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const (
	rootText   = "1-6a1b2c3d-0123456789abcdef01234567"
	parentText = "53995c3f42cd8ad8"
)

func TestHeadersAreReadAsLenientlyAsTheOfficialSDKs(t *testing.T) {
	cases := []struct {
		title, in string
		sound     bool
		want      string // root parent sampled self extra
	}{
		{"complete", "Root=" + rootText + ";Parent=" + parentText + ";Sampled=1", true, rootText + " " + parentText + " 1  "},
		{"any order, any case, spaces", " sampled = 0 ; PARENT=53995C3F42CD8AD8; root=1-6A1B2C3D-0123456789ABCDEF01234567", true, rootText + " " + parentText + " 0  "},
		{"W3C form of the id", "Root=6a1b2c3d0123456789abcdef01234567", true, rootText + " - -  "},
		{"asked to decide", "Root=" + rootText + ";Sampled=?", true, rootText + " - ?  "},
		{"load balancer's Self", "Self=1-67891234-12456789abcdef012345678a;Root=" + rootText, true, rootText + " - - 1-67891234-12456789abcdef012345678a "},
		{"Lineage and others are kept", "Root=" + rootText + ";Lineage=a87bd80c:1|68fd508a:5;team=fir=x", true, rootText + " - -  Lineage=a87bd80c:1|68fd508a:5;team=fir=x"},
		{"empty parts", ";;Root=" + rootText + ";", true, rootText + " - -  "},
		{"empty header", "", true, "- - -  "},
		{"part without =", "Root=" + rootText + ";nonsense", false, rootText + " - -  "},
		{"bad root", "Root=1-xyz-0;Parent=" + parentText, false, "- - -  "},
		{"root of zeros means no trace", "Root=1-00000000-000000000000000000000000;Sampled=0", true, "- - 0  "},
		{"version 2", "Root=2-6a1b2c3d-0123456789abcdef01234567", false, "- - -  "},
		{"parent without a trace", "Parent=" + parentText + ";Sampled=1", true, "- - 1  "},
		{"short parent", "Parent=1234", false, "- - -  "},
		{"zero parent", "Parent=0000000000000000", true, "- - -  "},
		{"sampled nonsense", "Sampled=yes", false, "- - -  "},
		{"extra field with a line break", "Root=" + rootText + ";x=a\r\nSet-Cookie: b", false, rootText + " - -  "},
		{"too long", strings.Repeat("a", maxHeader+1), false, "- - -  "},
		{"extra too long", "x=" + strings.Repeat("a", maxExtra), false, "- - -  "},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			h, sound := parseHeader(c.in)
			if got := show(h); got != c.want || sound != c.sound {
				t.Errorf("got %q, %v; want %q, %v", got, sound, c.want, c.sound)
			}
		})
	}
}

func show(h header) string {
	parts := []string{"-", "-", "-", h.self, h.extra}
	if h.hasRoot {
		parts[0] = string(appendTraceID(nil, h.root))
	}
	if h.parent.IsValid() {
		parts[1] = h.parent.String()
	}
	if h.sampled != 0 {
		parts[2] = string(h.sampled)
	}
	return strings.Join(parts, " ")
}

func FuzzHeader(f *testing.F) {
	f.Add("Root=" + rootText + ";Parent=" + parentText + ";Sampled=1;Self=a;Lineage=b:1")
	f.Add(";;=;Root=;x=\x00")
	f.Fuzz(func(t *testing.T, in string) {
		h, _ := parseHeader(in)
		if h.hasRoot != h.root.IsValid() {
			t.Fatalf("root %v, present %v", h.root, h.hasRoot)
		}
		out := formatHeader(h.root, h.parent, sampledOr(h.sampled == '1', sayUnsampled), h.extra)
		if strings.ContainsAny(out, "\r\n\x00") || len(out) > 200+maxExtra {
			t.Fatalf("made %q", out)
		}
		again, sound := parseHeader(out)
		if h.hasRoot && (!sound || again.root != h.root || again.parent != h.parent || again.extra != h.extra) {
			t.Fatalf("%q became %q (%v), which reads as %q", in, out, sound, show(again))
		}
	})
}

func TestThePropagatorCarriesTheDecision(t *testing.T) {
	tr, a := start(t, Config{SamplingRate: rate(0)})
	p := tr.Propagator()
	in := propagation.MapCarrier{HeaderName: "Root=" + rootText + ";Parent=" + parentText + ";Sampled=1;Lineage=x:1"}
	ctx := p.Extract(context.Background(), in)
	ctx, s := tr.Tracer("").Start(ctx, "consume")
	out := propagation.MapCarrier{}
	p.Inject(ctx, out)
	s.End()
	want := "Root=" + rootText + ";Parent=" + s.SpanContext().SpanID().String() + ";Sampled=1;Lineage=x:1"
	if out[HeaderName] != want {
		t.Errorf("injected %q, want %q", out[HeaderName], want)
	}
	d := a.wait(1)[0]
	a.is(d, `"`+parentText+`"`, "parent_id")
	a.is(d, `"`+rootText+`"`, "trace_id")
	a.is(d, `"consume"`, "name")
}

func TestThePropagatorHandsOnWhatItGotWithoutASpan(t *testing.T) {
	tr := startAt(t, Config{})
	p := tr.Propagator()
	text := "Root=" + rootText + ";Parent=" + parentText + ";Sampled=0;k=v"
	out := propagation.MapCarrier{}
	p.Inject(p.Extract(context.Background(), propagation.MapCarrier{HeaderName: text}), out)
	if out[HeaderName] != text {
		t.Errorf("handed on %q", out[HeaderName])
	}
	empty := propagation.MapCarrier{}
	p.Inject(context.Background(), empty)
	p.Inject(p.Extract(context.Background(), propagation.MapCarrier{HeaderName: "garbage"}), empty)
	if len(empty) > 0 || tr.Stats().BadHeaders != 1 {
		t.Errorf("injected %v, stats %+v", empty, tr.Stats())
	}
}

func TestAnUndecidedHeaderLeavesTheDecisionToTheSampler(t *testing.T) {
	for _, r := range []float64{0, 1} {
		tr := startAt(t, Config{SamplingRate: rate(r)})
		ctx := tr.Propagator().Extract(context.Background(), propagation.MapCarrier{HeaderName: "Root=" + rootText + ";Sampled=?"})
		_, s := tr.Tracer("").Start(ctx, "x")
		if s.IsRecording() != (r == 1) || string(appendTraceID(nil, s.SpanContext().TraceID())) != rootText {
			t.Errorf("rate %v: recording %v, trace %v", r, s.IsRecording(), s.SpanContext().TraceID())
		}
	}
}

func TestARemoteParentOfOtherMakersBinds(t *testing.T) {
	tr, a := start(t, Config{SamplingRate: rate(0)})
	for _, sampled := range []bool{false, true} {
		cfg := trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, Remote: true}
		if sampled {
			cfg.TraceFlags = trace.FlagsSampled
		}
		ctx := trace.ContextWithRemoteSpanContext(context.Background(), trace.NewSpanContext(cfg))
		_, s := tr.Tracer("").Start(ctx, "GET /x", trace.WithSpanKind(trace.SpanKindServer))
		if s.IsRecording() != sampled {
			t.Errorf("sampled %v: recording %v", sampled, s.IsRecording())
		}
		s.End()
	}
	d := a.wait(1)[0]
	a.is(d, `"0200000000000000"`, "parent_id")
	a.is(d, `"shop"`, "name")
	a.is(d, `"GET /x"`, "metadata", "otel", "span_name")
}
