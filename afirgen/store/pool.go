package store

import "database/sql"

// Pool says how many connections there are, how many are in use, and how long was waited for one.
func (s *Store) Pool() sql.DBStats { return s.db.Stats() }
