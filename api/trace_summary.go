package api

import (
	"slices"
	"time"

	"github.com/roentgen/roentgen"
)

// traceSummary is X-Ray's TraceSummary. Members without a value are left out;
// lists, Annotations and Http are always there, because readers look into
// them without asking.
type traceSummary struct {
	ID                              string `json:"Id"`
	StartTime                       epoch
	Duration, ResponseTime          *float64 `json:",omitempty"`
	HasFault, HasError, HasThrottle bool
	IsPartial                       bool
	HTTP                            summaryHTTP `json:"Http"`
	Annotations                     map[string][]annotationUse
	Users                           []userUse
	ServiceIDs                      []serviceID `json:"ServiceIds"`
	ResourceARNs                    []resourceARN
	InstanceIDs                     []instanceID `json:"InstanceIds"`
	AvailabilityZones               []availabilityZone
	EntryPoint                      *serviceID `json:",omitempty"`
	FaultRootCauses                 []rootCause
	ErrorRootCauses                 []rootCause
	ResponseTimeRootCauses          []rootCause
	Revision                        int
	MatchedEventTime                *epoch     `json:",omitempty"`
	RoentgenKeep                    *traceKeep `json:",omitempty"` // our addition
}

// traceKeep says why a trace is there, and for how many requests it stands in
// figures: 10 where every tenth was kept.
type traceKeep struct {
	Reason      string  // head, forced or trigger
	Probability float64 `json:",omitempty"` // as far as it was stated
	Weight      float64
}

// traceKeepOf returns nil where nobody said why the trace was kept.
func traceKeepOf(k roentgen.Keep) *traceKeep {
	if k.Reason == roentgen.KeepUnknown {
		return nil
	}
	return &traceKeep{k.Reason.String(), k.Probability, k.Weight()}
}

type summaryHTTP struct {
	HTTPURL    string `json:"HttpURL,omitempty"`
	HTTPStatus int    `json:"HttpStatus,omitempty"`
	HTTPMethod string `json:"HttpMethod,omitempty"`
	UserAgent  string `json:",omitempty"`
	ClientIP   string `json:"ClientIp,omitempty"`
}

type annotationUse struct {
	AnnotationValue annotationValue
	ServiceIDs      []serviceID `json:"ServiceIds"`
}

type annotationValue struct {
	StringValue  *string  `json:",omitempty"`
	NumberValue  *float64 `json:",omitempty"`
	BooleanValue *bool    `json:",omitempty"`
}

type userUse struct {
	UserName   string
	ServiceIDs []serviceID `json:"ServiceIds"`
}

type resourceARN struct{ ARN string }
type instanceID struct {
	ID string `json:"Id"`
}
type availabilityZone struct{ Name string }

func (a *API) summaryOf(r *roentgen.Rows, clock roentgen.Clock) traceSummary {
	s := r.Summary
	known := func(id roentgen.ServiceID) serviceID { return a.serviceIDIn(r, id) }
	out := traceSummary{
		ID: s.Trace.String(), StartTime: epoch(s.Start),
		Duration: seconds(s.Duration()), ResponseTime: seconds(s.ResponseTime()),
		HasFault: s.Fault, HasError: s.Error, HasThrottle: s.Throttle, IsPartial: s.Partial,
		Annotations:            map[string][]annotationUse{},
		Users:                  each(s.Users, func(u roentgen.UserUse) userUse { return userUse{u.Name, each(u.Services, known)} }),
		ServiceIDs:             each(r.Nodes, func(n roentgen.NodeRow) serviceID { return a.serviceID(n.ServiceID, n.Names) }),
		ResourceARNs:           each(s.ResourceARNs, func(v string) resourceARN { return resourceARN{v} }),
		InstanceIDs:            each(s.InstanceIDs, func(v string) instanceID { return instanceID{v} }),
		AvailabilityZones:      each(s.Zones, func(v string) availabilityZone { return availabilityZone{v} }),
		FaultRootCauses:        each(r.FaultCauses, a.failureCause),
		ErrorRootCauses:        each(r.ErrorCauses, a.failureCause),
		ResponseTimeRootCauses: each(r.ResponseTimeCauses, a.timeCause),
		Revision:               s.Revision,
		RoentgenKeep:           traceKeepOf(s.Keep),
	}
	for _, use := range s.Annotations {
		out.Annotations[use.Key] = append(out.Annotations[use.Key], annotationUse{annotationValueOf(use.Value), each(use.Services, known)})
	}
	if s.Root != nil {
		entry := known(s.Root.Service)
		out.EntryPoint = &entry
		out.HTTP = httpOf(s.Root.HTTP)
	}
	if clock != roentgen.ClockStart {
		at, _ := s.At(clock)
		matched := epoch(at)
		out.MatchedEventTime = &matched
	}
	return out
}

func httpOf(h *roentgen.HTTP) summaryHTTP {
	if h == nil {
		return summaryHTTP{}
	}
	return summaryHTTP{h.URL, h.Status, h.Method, h.UserAgent, h.ClientIP}
}

// serviceIDIn returns id with the names that its node has in the trace.
func (a *API) serviceIDIn(r *roentgen.Rows, id roentgen.ServiceID) serviceID {
	i := slices.IndexFunc(r.Nodes, func(n roentgen.NodeRow) bool { return n.ServiceID == id })
	if i < 0 {
		return a.serviceID(id, nil)
	}
	return a.serviceID(id, r.Nodes[i].Names)
}

func annotationValueOf(v roentgen.AnnotationValue) annotationValue {
	switch v.Kind {
	case roentgen.NumberValue:
		return annotationValue{NumberValue: &v.Number}
	case roentgen.BoolValue:
		return annotationValue{BooleanValue: &v.Bool}
	}
	return annotationValue{StringValue: &v.String}
}

// seconds returns a duration in seconds with microseconds, nil when unknown.
func seconds(d time.Duration, known bool) *float64 {
	if !known {
		return nil
	}
	s := float64(d.Microseconds()) / 1e6
	return &s
}

// each maps in; the result is never nil, so that it is [] on the wire.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// deref returns what p points to, the zero value for nil.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
