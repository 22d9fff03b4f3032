package api

import (
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
	Revision                        int
	MatchedEventTime                *epoch `json:",omitempty"`
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

type serviceID struct {
	Name      string
	Names     []string
	AccountID *string `json:"AccountId,omitempty"`
	Type      *string `json:",omitempty"`
}

type resourceARN struct{ ARN string }
type instanceID struct {
	ID string `json:"Id"`
}
type availabilityZone struct{ Name string }

func summaryOf(s *roentgen.Summary, clock roentgen.Clock) traceSummary {
	out := traceSummary{
		ID: s.Trace.String(), StartTime: epoch(s.Start),
		Duration: seconds(s.Duration()), ResponseTime: seconds(s.ResponseTime()),
		HasFault: s.Fault, HasError: s.Error, HasThrottle: s.Throttle, IsPartial: s.Partial,
		Annotations:       map[string][]annotationUse{},
		Users:             each(s.Users, func(u roentgen.UserUse) userUse { return userUse{u.Name, each(u.Services, serviceIDOf)} }),
		ServiceIDs:        each(s.Services, serviceIDOf),
		ResourceARNs:      each(s.ResourceARNs, func(v string) resourceARN { return resourceARN{v} }),
		InstanceIDs:       each(s.InstanceIDs, func(v string) instanceID { return instanceID{v} }),
		AvailabilityZones: each(s.Zones, func(v string) availabilityZone { return availabilityZone{v} }),
		Revision:          s.Revision,
	}
	for _, a := range s.Annotations {
		out.Annotations[a.Key] = append(out.Annotations[a.Key], annotationUse{annotationValueOf(a.Value), each(a.Services, serviceIDOf)})
	}
	if s.Root != nil {
		entry := serviceIDOf(s.Root.Service)
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

func serviceIDOf(s roentgen.ServiceID) serviceID {
	return serviceID{Name: s.Name, Names: []string{s.Name}, AccountID: optional(s.AccountID), Type: optional(s.Type)}
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
