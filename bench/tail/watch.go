package tail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// view is what an agent said of itself at one moment, by the names of its metrics; sums go over all labels.
type view struct {
	at       time.Time
	ok       bool // it answered
	received float64
	kernel   float64 // datagrams that the kernel dropped
	over     float64 // matches that found no quota
	shed     float64 // documents dropped because there was too much
	policy   float64 // documents that nobody kept
	horizon  float64 // seconds
	ring     float64 // bytes
	capacity float64
	waiting  float64 // in spool and queue
	differs  float64
	lost     map[string]float64 // by cause
}

// watcher asks the agents once a second. What it has seen is read when it has ended.
type watcher struct {
	urls  []string // of their metrics, by host
	views [][]view // by host
	looks []*program
}

func newWatcher(urls []string, looks []*program) *watcher {
	return &watcher{urls: urls, views: make([][]view, len(urls)), looks: looks}
}

// run asks until ctx ends, and once more.
func (w *watcher) run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		w.ask(context.WithoutCancel(ctx))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *watcher) ask(ctx context.Context) {
	for host, url := range w.urls {
		v, err := readView(ctx, url)
		v.at, v.ok = time.Now(), err == nil
		w.views[host] = append(w.views[host], v)
	}
	for _, p := range w.looks {
		p.look()
	}
}

// readView reads an agent's metrics.
func readView(ctx context.Context, url string) (v view, err error) {
	text, err := readMetrics(ctx, url)
	if err != nil {
		return v, err
	}
	v.lost = map[string]float64{}
	for line := range bytes.Lines(text) {
		name, labels, value := parseMetric(strings.TrimSpace(string(line)))
		switch name {
		case "roentgen_ledger_received_total":
			if !strings.Contains(labels, `"again"`) { // what a kill let come twice was read once
				v.received += value
			}
		case "roentgen_agent_kernel_drops_total":
			v.kernel += value
		case "roentgen_agent_trigger_over_quota_total":
			v.over += value
		case "roentgen_ledger_dropped_total":
			if strings.Contains(labels, `"unsampled"`) {
				v.policy += value
			} else {
				v.shed += value
			}
		case "roentgen_ledger_lost_total":
			v.lost[strings.TrimSuffix(strings.TrimPrefix(labels, `cause="`), `"`)] += value
		case "roentgen_agent_ring_horizon_seconds":
			v.horizon = value
		case "roentgen_agent_ring_bytes":
			v.ring = value
		case "roentgen_agent_ring_capacity_bytes":
			v.capacity = value
		case "roentgen_ledger_waiting":
			if !strings.Contains(labels, `"ring"`) {
				v.waiting += value
			}
		case "roentgen_ledger_difference":
			v.differs = value
		}
	}
	return v, nil
}

func readMetrics(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 700*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := quick.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", url, err)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if resp.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("ask %s: it answers %s", url, resp.Status))
	}
	return text, errors.Join(err, resp.Body.Close())
}

// parseMetric takes a line of Prometheus's text form apart.
func parseMetric(line string) (name, labels string, value float64) {
	if line == "" || line[0] == '#' {
		return "", "", 0
	}
	at := strings.LastIndexByte(line, ' ')
	if at < 0 {
		return "", "", 0
	}
	value, err := strconv.ParseFloat(line[at+1:], 64)
	if err != nil {
		return "", "", 0
	}
	name, labels, _ = strings.Cut(line[:at], "{")
	return name, strings.TrimSuffix(labels, "}"), value
}

// rose says whether a figure of the host rose around the while from..to (Unix nanoseconds), as seen by whoever asked once a second.
func (w *watcher) rose(host int, from, to int64, of func(view) float64) bool {
	const slack = int64(2 * time.Second)
	first, last := -1.0, -1.0
	for _, v := range w.of(host) {
		if !v.ok {
			continue
		}
		at := v.at.UnixNano()
		if at <= from-slack || first < 0 {
			first = of(v)
		}
		last = of(v)
		if at >= to+slack {
			break
		}
	}
	return last > first && first >= 0
}

// horizonAt is the least horizon that the host spoke of around a moment, or the last one before that it spoke of, where it was dead or
// frozen and said nothing.
func (w *watcher) horizonAt(host int, at int64) time.Duration {
	const around = int64(3 * time.Second)
	least, before := -1.0, -1.0
	for _, v := range w.of(host) {
		if !v.ok || v.horizon <= 0 {
			continue
		}
		switch d := v.at.UnixNano() - at; {
		case d <= -around:
			before = v.horizon
		case d < around && (least < 0 || v.horizon < least):
			least = v.horizon
		}
	}
	if least < 0 {
		least = before
	}
	if least < 0 {
		return time.Hour // nobody said, and an empty ring says an hour
	}
	return time.Duration(least * float64(time.Second))
}

// lastView is the last that the host answered.
func (w *watcher) lastView(host int) (v view) {
	for _, x := range w.of(host) {
		if x.ok {
			v = x
		}
	}
	return v
}

// of are the views of a host; none where there is no agent.
func (w *watcher) of(host int) []view {
	if host >= len(w.views) {
		return nil
	}
	return w.views[host]
}
