package agent

import "time"

// spell is a trouble that goes on. It is told when it begins and once a minute.
type spell struct {
	cause string // "": there is none
	told  time.Time
}

// begins reports whether the trouble is to be told now.
func (s *spell) begins(now time.Time, cause string) bool {
	if s.cause == cause && now.Sub(s.told) < time.Minute {
		return false
	}
	s.cause, s.told = cause, now
	return true
}

// ends reports whether there was a trouble.
func (s *spell) ends() bool {
	was := s.cause != ""
	s.cause = ""
	return was
}
