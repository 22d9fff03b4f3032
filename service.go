package roentgen

import "strings"

// ServiceID names a node: what a segment's name, origin and account say.
type ServiceID struct {
	Name, Type, AccountID string
}

// Compare orders ids by name, type and account.
func (s ServiceID) Compare(t ServiceID) int {
	if c := strings.Compare(s.Name, t.Name); c != 0 {
		return c
	}
	if c := strings.Compare(s.Type, t.Type); c != 0 {
		return c
	}
	return strings.Compare(s.AccountID, t.AccountID)
}
