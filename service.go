package roentgen

import "cmp"

// ServiceID names a node: what a segment's name, origin and account say.
type ServiceID struct {
	Name, Type, AccountID string
}

// Compare orders ids by name, type and account.
func (s ServiceID) Compare(t ServiceID) int {
	return cmp.Or(cmp.Compare(s.Name, t.Name), cmp.Compare(s.Type, t.Type), cmp.Compare(s.AccountID, t.AccountID))
}
