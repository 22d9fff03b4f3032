package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Capacity is what a server can hold.
type Capacity struct {
	Door     Door      `json:"door"`
	Best     *Attempt  `json:"best"` // nil: not even the lowest rate
	Attempts []Attempt `json:"attempts"`
	Spans    int64     `json:"spans"` // that it took in all
	Free     int64     `json:"free_bytes,omitempty"`
	Figures  Figures   `json:"figures"`
}

// Hold is how a server is searched for what it can hold. Of Trial.Model it
// takes seed, shape and share of failures: every try has traces of its own,
// whose starts are spread over the time for which it sends.
type Hold struct {
	Search Search
	Trial  Trial
	Step   time.Duration // how long each rate is tried
}

// Run searches, waits until the server is idle, and says what the search took.
func (h *Hold) Run(ctx context.Context, to *Target) (*Capacity, error) {
	c := newClient(to.HTTP, to.Token)
	defer c.close()
	start, err := to.used()
	if err != nil {
		return nil, err
	}
	out := &Capacity{Door: h.Trial.Door}
	out.Best, out.Attempts, err = h.Search.Run(ctx, func(ctx context.Context, rate float64) (Attempt, error) {
		a, err := h.try(ctx, to, c, rate)
		out.Spans += a.Spans
		h.Trial.Model.Seed++
		return a, err
	})
	if err != nil {
		return nil, err
	}
	if out.Spans == 0 {
		return nil, fmt.Errorf("the server took no span: %s", out.Attempts[0].Why)
	}
	sum := &Outcome{Spans: out.Spans}
	if err := h.Trial.settled(ctx, to, start, sum); err != nil {
		return nil, err
	}
	out.Figures = sum.Figures
	return out, h.disk(ctx, to, c, out)
}

// disk measures by what the server holds now, because it may have dropped what
// is old. Of a server that held other data before it is a figure of all of it.
func (h *Hold) disk(ctx context.Context, to *Target, c *client, out *Capacity) error {
	if to.Data == "" {
		return nil
	}
	held, err := c.held(ctx)
	if err != nil {
		return err
	}
	bytes, err := Allocated(to.Data)
	if err != nil {
		return err
	}
	if held.Traces > 0 {
		out.Figures.set(keyDisk, float64(bytes)/float64(held.Traces*SpansPerTrace))
	}
	out.Free, err = FreeBytes(to.Data)
	return err
}

// try sends at one rate.
func (h *Hold) try(ctx context.Context, to *Target, c *client, rate float64) (a Attempt, err error) {
	t := h.Trial
	t.Model.Traces = max(1, int(rate*h.Step.Seconds()/SpansPerTrace))
	t.Model.Window, t.Model.End = h.Step, time.Now()
	load, err := Prepare(t.Temp, t.Door, &t.Model, t.Batch, 0, t.Model.Traces)
	if err != nil {
		return a, err
	}
	defer load.Close() // a file without a name
	if err := h.room(to, load.Bytes); err != nil {
		return a, err
	}
	before, err := c.fromUDP(ctx)
	if err != nil {
		return a, err
	}
	s, err := to.sender(ctx, t.Door, t.Pace.Connections)
	if err != nil {
		return a, err
	}
	defer s.close()
	pace := t.Pace
	pace.Rate = rate
	pace.GiveUp = max(4*h.Search.Bound, time.Second)
	t.Say("%s spans a second for %s", grouped(int64(rate)), h.Step)
	sent, err := load.post(ctx, s, pace)
	if err != nil {
		return a, err
	}
	a = Attempt{
		Rate: rate, Taken: sent.Rate(), P50: sent.Quantile(0.5), P99: sent.Quantile(0.99), GaveUp: sent.GaveUp,
		Refused: sent.Refused + sent.Retries, Spans: sent.Spans - sent.Failed, FirstError: sent.FirstError,
	}
	if sent.Failed > 0 {
		a.Refused++
	}
	if t.Door == UDP { // nobody answers: what the times are of is the sender
		a.P50, a.P99 = 0, 0
		a.Missing, err = h.missing(ctx, c, before, t.Model.Traces*DocumentsPerTrace)
	}
	return a, err
}

// room refuses to fill the disk.
func (h *Hold) room(to *Target, load int64) error {
	if to.Data == "" {
		return nil
	}
	free, err := FreeBytes(to.Data)
	if err != nil {
		return err
	}
	if free < 4*load {
		return fmt.Errorf("%s has %s MB left, too little for the next try of %s MB: name another directory with --data", to.Data, grouped(free>>20), grouped(load>>20))
	}
	return nil
}

// missing waits until the server has what was sent in datagrams, as long as it
// gets more.
func (h *Hold) missing(ctx context.Context, c *client, before int64, documents int) (int64, error) {
	const every = 200 * time.Millisecond
	now := int64(-1)
	for {
		last := now
		var err error
		if now, err = c.fromUDP(ctx); err != nil {
			return 0, err
		}
		lost := int64(documents) - (now - before)
		if lost <= 0 || now == last {
			return lost, nil
		}
		if !sleepUntil(ctx, time.Now().Add(every)) {
			return 0, errors.Join(errors.New("wait for what was sent"), ctx.Err())
		}
	}
}

// PerDay is how many spans a day the best rate is.
func (c *Capacity) PerDay() float64 {
	if c.Best == nil {
		return 0
	}
	return c.Best.Taken * (24 * time.Hour).Seconds()
}

// Days is how many days of the best rate fit the disk; false where it is not
// known.
func (c *Capacity) Days() (float64, bool) {
	bytes, ok := c.Figures.Get(keyDisk)
	if !ok || c.Free == 0 || bytes == 0 || c.Best == nil {
		return 0, false
	}
	return float64(c.Free) / (c.PerDay() * bytes), true
}
