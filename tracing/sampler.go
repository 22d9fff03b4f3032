package tracing

import (
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// decision says whether a new trace is recorded, by which rule
// (aws.xray.sampling_rule_name), and how probable that was
// (aws.xray.sampling_probability, ours: from it a server estimates the rates
// of all requests; 0 where somebody else decided). The zero value is "not
// recorded".
type decision struct {
	sampled     bool
	undecided   bool // not sampled, but an agent that can hold the trace may still keep it
	rule        string
	probability float64
}

// request is what sampling rules can match. An empty field is not known, and
// matches everything.
type request struct {
	http                        *http.Request // nil: none at hand
	service, host, method, path string
}

// serverRequest describes r, which came in over HTTP.
func serverRequest(service string, r *http.Request) request {
	return request{http: r, service: service, host: r.Host, method: r.Method, path: r.URL.Path}
}

// attributeRequest describes a request by the attributes its span starts with.
func attributeRequest(service string, attrs []attribute.KeyValue) request {
	q, port := request{service: service}, ""
	for _, a := range attrs {
		switch a.Key {
		case "http.request.method", "http.method":
			q.method = a.Value.String()
		case "url.path":
			q.path = a.Value.String()
		case "http.target":
			q.path = bare(a.Value.String())
		case "server.address", "http.host", "net.host.name":
			q.host = a.Value.String()
		case "server.port", "net.host.port":
			port = a.Value.String()
		}
	}
	if q.host != "" && port != "" && port != "80" && port != "443" {
		q.host += ":" + port
	}
	return q
}

// decide settles whether a segment is recorded: by the caller if it said so,
// by a force header, by the program's own function, by the central rules if
// there are any, else by the configured rate.
func (tr *Tracing) decide(h header, q request, now time.Time) decision {
	switch {
	case h.sampled == '1':
		return decision{sampled: true}
	case h.sampled == '0':
		return decision{undecided: h.undecided}
	case q.http != nil && tr.forced(q.http, now):
		tr.count.forced.Add(1)
		return decision{sampled: true, rule: "Forced", probability: 1}
	}
	return tr.sampler.decide(q, now)
}

// sampler decides about traces that arrive without a decision.
type sampler struct {
	rate        float64 // without central rules: a plain probability, so that the rate configured is the rate seen
	requestRate func(*http.Request) (float64, bool)
	dice        *dice
	central     atomic.Pointer[ruleSet] // nil: no rules from the agent hold; the poller owns it
}

func (s *sampler) decide(q request, now time.Time) decision {
	if rate, ok := s.ask(q.http); ok {
		return decision{sampled: s.draw(rate), undecided: rate > 0, rule: defaultRule, probability: rate}
	}
	if rules := s.central.Load(); rules != nil {
		if r := rules.first(q); r != nil {
			return r.decide(now, s)
		}
	}
	return decision{sampled: s.draw(s.rate), undecided: true, rule: defaultRule, probability: s.rate}
}

func (s *sampler) draw(rate float64) bool { return rate > 0 && s.dice.chance(rate) }

// ask runs the program's function; if it panics, it has said nothing. Its 0
// means that the request is to be left out, failing or not.
func (s *sampler) ask(r *http.Request) (rate float64, ok bool) {
	if r == nil || s.requestRate == nil {
		return 0, false
	}
	defer func() {
		if recover() != nil {
			rate, ok = 0, false
		}
	}()
	return s.requestRate(r)
}
