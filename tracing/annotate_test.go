package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type celsius float64
type colour string

func TestAnnotationsHaveXRaysTypes(t *testing.T) {
	tr, a := start(t, Config{})
	values := map[string]any{
		"s": "x", "i": -3, "u": uint64(math.MaxUint64), "i64": int64(math.MinInt64), "f": 1.5, "f32": float32(0.1), "big": 1e22,
		"b": true, "named": celsius(21.5), "text": colour("red"), "d": time.Second, "whole": 1e6,
	}
	d := a.segment(tr, func(ctx context.Context) {
		for k, v := range values {
			Annotate(ctx, k, v)
		}
		Annotate(ctx, "s", "last one counts")
	})
	a.is(d, `{"b":true,"big":1e+22,"d":1000000000,"f":1.5,"f32":0.1,"i":-3,"i64":-9223372036854775808,"named":21.5,`+
		`"s":"last one counts","text":"red","u":18446744073709551615,"whole":1000000}`, "annotations")
}

func TestBadAnnotationsAreDroppedAndCounted(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		for _, key := range []string{"", "a-b", "a.b", "key with space", "नाम", strings.Repeat("k", 501)} {
			Annotate(ctx, key, 1)
		}
		for _, v := range []any{nil, []int{1}, map[string]int{}, math.NaN(), math.Inf(1), struct{}{}, errors.New("x"), new(int), float32(math.Inf(-1))} {
			Annotate(ctx, "k", v)
		}
		for i := range 60 {
			Annotate(ctx, "n"+string(rune('A'+i/26))+string(rune('a'+i%26)), i)
		}
	})
	if n := len(at(t, d, "annotations").(map[string]any)); n != 50 {
		t.Errorf("%d annotations, want 50", n)
	}
	if n := tr.Stats().AnnotationsLost; n != 6+9+10 {
		t.Errorf("%d lost, want 25", n)
	}
}

func TestLongAndBrokenTextBecomesBoundedUTF8(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		Annotate(ctx, "long", strings.Repeat("ख", 2000))
		Annotate(ctx, "bad", "a\xff\xc3b\x00")
		SetUser(ctx, strings.Repeat("u", 300))
	})
	if s := at(t, d, "annotations", "long").(string); utf8.RuneCountInString(s) != 1000 {
		t.Errorf("%d characters", utf8.RuneCountInString(s))
	}
	a.is(d, `"a`+"\uFFFD\uFFFD"+`b\u0000"`, "annotations", "bad")
	if s := at(t, d, "user").(string); len(s) != 250 {
		t.Errorf("user has %d characters", len(s))
	}
}

func TestAnnotateSegmentReachesTheTop(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		_ = Trace(ctx, "a", func(ctx context.Context) error {
			return Trace(ctx, "b", func(ctx context.Context) error {
				AnnotateSegment(ctx, "top", true)
				SetUser(ctx, "key-1")
				return nil
			})
		})
	})
	a.is(d, `{"top":true}`, "annotations")
	a.is(d, `"key-1"`, "user")
}

type angry struct{}

func (angry) MarshalJSON() ([]byte, error) { panic("no") }

type refusing struct{}

func (refusing) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

type node struct{ Next *node }

func TestMetadataThatCannotBeEncodedLeavesANote(t *testing.T) {
	tr, a := start(t, Config{})
	loop := &node{}
	loop.Next = loop
	d := a.segment(tr, func(ctx context.Context) {
		Metadata(ctx, "", "panic", angry{})
		Metadata(ctx, "", "error", refusing{})
		Metadata(ctx, "", "chan", make(chan int))
		Metadata(ctx, "", "cycle", loop)
		Metadata(ctx, "", "inf", math.Inf(1))
		Metadata(ctx, "", "nil", nil)
		Metadata(ctx, "", "raw", json.RawMessage("\"a\xffb\""))
	})
	a.is(d, `"value of type tracing.angry could not be encoded"`, "metadata", "default", "panic")
	a.is(d, `"value of type *tracing.node could not be encoded"`, "metadata", "default", "cycle")
	a.is(d, "\"a\uFFFDb\"", "metadata", "default", "raw")
	if n := tr.Stats().MetadataFailed; n != 5 {
		t.Errorf("%d failures counted, want 5", n)
	}
}

func TestMetadataIsWhatItWasWhenGiven(t *testing.T) {
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		m := map[string]int{"n": 1}
		Metadata(ctx, "debug", "m", m)
		m["n"] = 2
		Metadata(ctx, "debug", "again", "first")
		Metadata(ctx, "debug", "again", "second")
		Metadata(ctx, "weird \"ns\"\xff", "weird \"key\"", 1)
	})
	a.is(d, `{"again":"second","m":{"n":1}}`, "metadata", "debug")
	a.is(d, `{"weird \"key\"":1}`, "metadata", "weird \"ns\"\uFFFD")
}

func TestMetadataIsBounded(t *testing.T) {
	tr, a := start(t, Config{Limits: Limits{MetadataBytes: 100}})
	d := a.segment(tr, func(ctx context.Context) {
		Metadata(ctx, "", "small", "x")
		Metadata(ctx, "", "large", strings.Repeat("x", 100))
		Metadata(ctx, "", "small2", "x")
	})
	a.is(d, `{"small":"x","small2":"x"}`, "metadata", "default")
	if n := tr.Stats().MetadataTooBig; n != 1 {
		t.Errorf("%d counted", n)
	}
}

func TestTheLastMetadataOfAKeyCountsHoweverOftenItIsGiven(t *testing.T) {
	tr, a := start(t, Config{Limits: Limits{MetadataBytes: 100}})
	d := a.segment(tr, func(ctx context.Context) {
		for i := range 1000 {
			Metadata(ctx, "", "progress", i)
		}
	})
	a.is(d, `{"progress":999}`, "metadata", "default")
	if n := tr.Stats().MetadataTooBig; n != 0 {
		t.Errorf("%d counted as too big", n)
	}
}

func TestNamesAreMadeLegal(t *testing.T) {
	for in, want := range map[string]string{
		"GET /users/{id}":             "GET /users/id",
		"## UserModel.saveUser":       "## UserModel.saveUser",
		"a,b?c*d;e(f)!$~^<>":          "abcdef",
		"":                            "unnamed",
		"!!!":                         "unnamed",
		"  padded\t":                  "padded",
		"bad\xffutf8":                 "badutf8",
		"naïve सवल":                   "naïve सवल",
		`\back\slash@x=1%2&3+4-5_6:7`: `\back\slash@x=1%2&3+4-5_6:7`,
		strings.Repeat("é", 300):      strings.Repeat("é", 200),
		strings.Repeat("x", 201):      strings.Repeat("x", 200),
	} {
		if got, changed := cleanName(in); got != want || changed != (in != want) {
			t.Errorf("%q became %q (%v), want %q", in, got, changed, want)
		}
	}
	tr, a := start(t, Config{})
	d := a.segment(tr, func(ctx context.Context) {
		_ = Trace(ctx, "f(x)", func(context.Context) error { return nil })
	})
	a.is(d, `"fx"`, "subsegments", 0, "name")
	if tr.Stats().NamesCleaned != 1 {
		t.Error("the cleaning was not counted")
	}
}
