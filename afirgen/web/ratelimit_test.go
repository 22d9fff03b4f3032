package web

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// handClock is moved by hand; for several goroutines.
type handClock struct{ at atomic.Int64 }

func (c *handClock) now() time.Time          { return time.Unix(1_700_000_000, c.at.Load()) }
func (c *handClock) advance(d time.Duration) { c.at.Add(int64(d)) }

// The model remembers every visit there ever was, and counts anew each time.
func TestNoWindowLetsMoreInThanItMay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := RateLimit{
			Requests: rapid.IntRange(1, 20).Draw(t, "requests"),
			Window:   time.Duration(rapid.IntRange(1, 50).Draw(t, "window")) * time.Millisecond,
		}.orDefaults()
		clock := &handClock{}
		v := newVisits(limit, clock.now)
		admitted := map[byte][]int64{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			clock.advance(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "µs")) * time.Microsecond)
			who := rapid.ByteRange(1, 3).Draw(t, "who")
			now, n, oldest := clock.at.Load(), 0, int64(0)
			for _, at := range admitted[who] {
				if at > now-int64(limit.Window) {
					if n == 0 {
						oldest = at
					}
					n++
				}
			}
			got := v.admit(netip.AddrFrom4([4]byte{192, 0, 2, who}))
			want := verdict{ok: n < limit.Requests, clients: got.clients}
			if want.ok {
				admitted[who] = append(admitted[who], now)
				want.left = limit.Requests - n - 1
			} else {
				want.wait = time.Duration(oldest + int64(limit.Window) - now)
			}
			if got != want {
				t.Fatalf("%d in the window: got %+v, want %+v", n, got, want)
			}
		}
	})
}

func TestTheRestOfTheWaitIsTrue(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{Requests: 2, Window: time.Minute}.orDefaults(), clock.now)
	who := netip.MustParseAddr("192.0.2.1")
	v.admit(who)
	clock.advance(10 * time.Second)
	v.admit(who)
	clock.advance(15 * time.Second)
	refused := v.admit(who)
	if refused.ok || refused.wait != 35*time.Second {
		t.Fatalf("the third: %+v", refused)
	}
	clock.advance(refused.wait - 1)
	if early := v.admit(who); early.ok {
		t.Error("let in a nanosecond too early")
	}
	clock.advance(1)
	if due := v.admit(who); !due.ok {
		t.Error("not let in when it was due")
	}
}

func TestAClockThatGoesBackDoesNotLetMoreIn(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{Requests: 1, Window: time.Minute}.orDefaults(), clock.now)
	who := netip.MustParseAddr("192.0.2.1")
	clock.advance(time.Minute)
	v.admit(who)
	clock.advance(-30 * time.Second)
	if got := v.admit(who); got.ok || got.wait != time.Minute {
		t.Errorf("%+v", got)
	}
}

func TestTheLimitRemembersAsManyClientsAsItMay(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{Requests: 1, Window: time.Minute, Clients: 3}.orDefaults(), clock.now)
	addr := func(n byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, n}) }
	for n := byte(1); n <= 3; n++ {
		v.admit(addr(n))
	}
	v.admit(addr(1)) // refused, but heard of
	if got := v.admit(addr(4)); !got.ok || got.clients != 3 {
		t.Errorf("a fourth client: %+v", got)
	}
	if v.admit(addr(1)).ok || v.admit(addr(3)).ok {
		t.Error("a client was forgotten that was not the quietest")
	}
	if !v.admit(addr(2)).ok {
		t.Error("the quietest client was not forgotten")
	}
	clock.advance(time.Hour)
	for n := byte(10); n < 14; n++ {
		if got := v.admit(addr(n)); !got.ok || got.clients > 3 {
			t.Errorf("after an hour: %+v", got)
		}
	}
}

func TestTheIdleAreForgottenBeforeTheRoomIsFull(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{Requests: 5}.orDefaults(), clock.now)
	last := 0
	for i := range 5000 {
		clock.advance(time.Second)
		last = v.admit(nthAddr(i)).clients
	}
	if last > 62 { // one comes each second, and is idle after a minute
		t.Errorf("%d clients are remembered", last)
	}
	clock.advance(time.Hour)
	for i := range 200 {
		last = v.admit(nthAddr(10_000 + i)).clients
	}
	clock.advance(time.Hour)
	for i := range 100 {
		last = v.admit(nthAddr(20_000 + i)).clients
	}
	if last != 100 { // each who comes clears away two
		t.Errorf("%d clients are remembered, want those of now", last)
	}
}

func nthAddr(i int) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(i))
	return netip.AddrFrom4(b)
}

func TestAHouseholdIsOneClient(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
	} {
		if same := limitKey(netip.MustParseAddr(c.a)) == limitKey(netip.MustParseAddr(c.b)); same != c.same {
			t.Errorf("%s and %s are one client: %t", c.a, c.b, same)
		}
	}
	if limitKey(netip.Addr{}) != (netip.Addr{}) {
		t.Error("callers without an address are not one client")
	}
}

func TestManyAtOnceAreLetInExactlyAsOftenAsTheyMay(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{Requests: 50}.orDefaults(), clock.now)
	var in atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 100 {
				if v.admit(nthAddr(1)).ok {
					in.Add(1)
				}
			}
		})
	}
	wait.Wait()
	if in.Load() != 50 {
		t.Errorf("%d were let in, want 50", in.Load())
	}
}

func TestARefusedVisitCostsNoMemory(t *testing.T) {
	clock := &handClock{}
	v := newVisits(RateLimit{}.orDefaults(), clock.now)
	who := nthAddr(1)
	for range 200 {
		v.admit(who)
	}
	if n := testing.AllocsPerRun(100, func() { v.admit(who) }); n != 0 {
		t.Errorf("%v allocations for one who is refused", n)
	}
	if n := testing.AllocsPerRun(100, func() { clock.advance(time.Second); v.admit(who) }); n != 0 {
		t.Errorf("%v allocations for one who is let in", n)
	}
}

func TestTheRateLimitOverHTTP(t *testing.T) {
	clock := &handClock{}
	h := buildWith(t, func(c *Config) {
		c.Now = clock.now
		c.RateLimit = &RateLimit{Requests: 2, Window: 90 * time.Second,
			Exempt: func(r *http.Request) bool { return Endpoint(r.Context()) == "/panic" }}
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := func(ip, key string) *http.Response {
		return h.do(t, "GET", "/thing/1", "", "X-API-Key", key, "X-Forwarded-For", ip)
	}
	want := func(resp *http.Response, status int, left string) {
		t.Helper()
		if resp.StatusCode != status || resp.Header.Get("X-RateLimit-Remaining") != left ||
			resp.Header.Get("X-RateLimit-Limit") != "2" || resp.Header.Get("X-RateLimit-Window") != "90" {
			t.Errorf("got %d %v, want %d with %s left", resp.StatusCode, resp.Header, status, left)
		}
	}
	want(from("192.0.2.1", key), 200, "1")
	clock.advance(500 * time.Millisecond)
	want(from("192.0.2.1", "guess"), 401, "0") // guesses count
	over := from("192.0.2.1", key)
	want(over, 429, "0")
	if got := over.Header.Get("Retry-After"); got != "90" { // 89.5, rounded up
		t.Errorf("Retry-After %q", got)
	}
	var body map[string]any
	decodeBody(t, over, &body)
	if body["error"] != "too_many_requests" || body["error_type"] != string(contract.RateLimited) || body["detail"] == "" {
		t.Errorf("the body is %v", body)
	}
	root := wantTraceHeader(t, over, "1")
	d := h.collector.Await(t, contract.Backend, func(d tracetest.Document) bool { return d.TraceID == root })
	d.WantAnnotations(t, map[string]any{
		contract.ErrorKind: string(contract.RateLimited), contract.StatusCode: 429.0, contract.ClientIP: "192.0.2.1",
	})
	if !d.Error || !d.Throttle || d.Fault {
		t.Errorf("error %t, throttle %t, fault %t", d.Error, d.Throttle, d.Fault)
	}

	want(from("192.0.2.2", key), 200, "1")
	if probe := h.do(t, "GET", Livez, "", "X-Forwarded-For", "192.0.2.1"); probe.StatusCode != 200 || probe.Header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("a probe got %d %v", probe.StatusCode, probe.Header)
	}
	if exempt := h.do(t, "GET", "/panic", "", "X-API-Key", key, "X-Forwarded-For", "192.0.2.1"); exempt.StatusCode != 500 {
		t.Errorf("what is exempt got %d", exempt.StatusCode)
	}
	clock.advance(89500 * time.Millisecond)
	want(from("192.0.2.1", key), 200, "0")
}

func BenchmarkRateLimit(b *testing.B) {
	b.Run("one client", func(b *testing.B) {
		v := newVisits(RateLimit{}.orDefaults(), time.Now)
		b.ReportAllocs()
		for b.Loop() {
			v.admit(nthAddr(1))
		}
	})
	b.Run("10,000 clients on every processor", func(b *testing.B) {
		v := newVisits(RateLimit{}.orDefaults(), time.Now)
		for i := range 10_000 * 120 {
			v.admit(nthAddr(i % 10_000))
		}
		var next atomic.Int64
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				v.admit(nthAddr(int(next.Add(1) % 10_000)))
			}
		})
	})
	b.Run("new clients for ever", func(b *testing.B) {
		v := newVisits(RateLimit{}.orDefaults(), time.Now)
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			i++
			v.admit(nthAddr(i))
		}
	})
}
