package wire

import "github.com/roentgen/roentgen"

// sql reads the sql block; nil when it is no object.
func (p *Parser) sql() *roentgen.SQL {
	if !p.isObject() {
		return nil
	}
	q := next(&p.scratch.sqls)
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "url":
			q.URL = p.string()
		case "connection_string":
			q.ConnectionString = p.string()
		case "database_type":
			q.DatabaseType = p.string()
		case "sanitized_query":
			q.SanitizedQuery = p.string()
		case "user":
			q.User = p.string()
		default:
			p.skip()
		}
	}
	return q
}
