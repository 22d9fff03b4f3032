package api

import "github.com/roentgen/roentgen"

// rootCause is X-Ray's FaultRootCause, ErrorRootCause and
// ResponseTimeRootCause.
type rootCause struct {
	Services        []causeService
	ClientImpacting bool
}

// causeService always has Name, Names and Type: readers look into them
// without asking.
type causeService struct {
	Name       string
	Names      []string
	Type       string
	AccountID  *string `json:"AccountId,omitempty"`
	EntityPath []causeEntity
	Inferred   bool
}

// causeEntity has Exceptions in causes of failures and Coverage in those of
// response times.
type causeEntity struct {
	Name       string
	Coverage   *float64          `json:",omitempty"`
	Exceptions *[]causeException `json:",omitempty"`
	Remote     bool
}

type causeException struct{ Name, Message string }

func (a *API) failureCause(c roentgen.CauseRow) rootCause {
	return a.rootCause(c, func(e roentgen.CauseEntityRow) causeEntity {
		exceptions := each(e.Exceptions, func(x roentgen.CauseExceptionRow) causeException { return causeException(x) })
		return causeEntity{Name: e.Name, Remote: e.Remote, Exceptions: &exceptions}
	})
}

func (a *API) timeCause(c roentgen.CauseRow) rootCause {
	return a.rootCause(c, func(e roentgen.CauseEntityRow) causeEntity {
		out := causeEntity{Name: e.Name, Remote: e.Remote}
		if e.Coverage.Known {
			out.Coverage = &e.Coverage.Value
		}
		return out
	})
}

func (a *API) rootCause(c roentgen.CauseRow, entity func(roentgen.CauseEntityRow) causeEntity) rootCause {
	return rootCause{
		ClientImpacting: c.ClientImpacting,
		Services: each(c.Services, func(s roentgen.CauseServiceRow) causeService {
			return causeService{
				Name: s.Name, Names: namesOf(s.Name, s.Names), Type: s.Type, AccountID: a.foreign(s.AccountID),
				Inferred: s.Inferred, EntityPath: each(s.Entities, entity),
			}
		}),
	}
}
