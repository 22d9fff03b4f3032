package api

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// serviceID is how answers name a node.
type serviceID struct {
	Name      string
	Names     []string
	AccountID *string `json:"AccountId,omitempty"` // left out for the server's own
	Type      *string `json:",omitempty"`
}

func (a *API) serviceID(s roentgen.ServiceID, others []string) serviceID {
	return serviceID{Name: s.Name, Names: namesOf(s.Name, others), AccountID: a.foreign(s.AccountID), Type: optional(s.Type)}
}

// namesOf returns the name and the others that a node answers to.
func namesOf(name string, others []string) []string {
	names := []string{name}
	for _, n := range others {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// foreign returns an account that is not the server's; nil otherwise.
func (a *API) foreign(account string) *string {
	if account == a.cfg.Account {
		return nil
	}
	return optional(account)
}
