package graph

import (
	"cmp"
	"strings"

	"github.com/roentgen/roentgen"
)

// database names the node of an SQL call: by the subsegment's name, which
// X-Ray's SDKs write as database@host, and where there is no host in it by
// what the connection says.
func database(c *roentgen.Segment) identity {
	name := c.Name
	if strings.Contains(name, "://") { // a whole connection, and perhaps a password in it
		name = cmp.Or(c.SQL.DatabaseType, "database")
	} else if strings.Contains(name, "@") || strings.EqualFold(c.SQL.DatabaseType, "sqlite") {
		return identity{ServiceID: roentgen.ServiceID{Name: name, Type: typeDatabase}}
	}
	id := roentgen.ServiceID{Name: name, Type: typeDatabase}
	for _, connection := range [...]string{c.SQL.URL, c.SQL.ConnectionString, c.Name} {
		if db, host := parseConnection(connection); host != "" {
			id.Name = cmp.Or(db, name) + "@" + host
			break
		}
	}
	// A name that is a statement or the like is none that one would look for.
	return identity{id, databaseOf(c.Name)}
}

// parseConnection finds database and host in the connection strings that
// drivers write. It returns nothing that could be a user or a password: what
// it is not sure of it leaves out. host is empty where there is none, in the
// path of a file for instance.
func parseConnection(s string) (db, host string) {
	s = strings.TrimSpace(s)
	switch {
	case strings.Contains(s, "://"): // postgres://user:password@host:5432/db?sslmode=off, jdbc:sqlserver://host;databaseName=db
		_, rest, _ := strings.Cut(s, "://")
		return parseURL(rest)
	case strings.HasPrefix(s, "jdbc:oracle:"): // jdbc:oracle:thin:@//host:1521/service
		_, rest, _ := strings.Cut(s, "@")
		return parsePath(strings.TrimPrefix(rest, "//"))
	case strings.Contains(s, "tcp("): // user:password@tcp(host:3306)/db?parseTime=true
		return parsePath(strings.Replace(s[strings.LastIndex(s, "tcp(")+len("tcp("):], ")", "", 1))
	case strings.Contains(s, "="): // host=… dbname=…, Server=…;Database=…
		return parsePairs(s)
	case strings.ContainsAny(authority(s), ".:"), strings.HasPrefix(s, "localhost/"): // host:5432/db; anything else may be a file
		return parsePath(s)
	}
	return "", ""
}

// parseURL reads what follows "://".
func parseURL(rest string) (db, host string) {
	db, host = parsePath(rest)
	if db == "" && host != "" {
		db, _ = parsePairs(rest[strings.IndexAny(rest+"/", "/?#;"):])
	}
	return db, host
}

// parsePath reads host:port/db, of which more may follow. An @ behind the host
// may belong to a password that was not escaped, so that the host would not be
// one.
func parsePath(s string) (db, host string) {
	end := strings.IndexAny(s+"/", "/?#;")
	if strings.Contains(s[end:], "@") {
		return "", ""
	}
	first, _, _ := strings.Cut(authority(s), ",")
	if host, _ = splitPort(first); host == "" {
		return "", ""
	}
	if strings.HasPrefix(s[end:], "/") {
		db = s[end+1:]
		db = db[:strings.IndexAny(db+"?", "/?#;")]
	}
	return databaseOf(db), host
}

// parsePairs reads key=value, separated by semicolons, by white space or by
// brackets.
func parsePairs(s string) (db, host string) {
	between := " \t\n"
	if strings.ContainsAny(s, ";()") {
		between = ";()"
	}
	for s != "" {
		var key, value string
		key, value, s = nextPair(s, between)
		switch key {
		case "host", "hostname", "server", "datasource", "addr", "address", "networkaddress":
			value = strings.TrimPrefix(value, "tcp:")
			value = value[:strings.IndexAny(value+",", `,\`)]
			name, _ := splitPort(value)
			host = cmp.Or(host, name)
		case "database", "dbname", "databasename", "initialcatalog", "servicename", "sid":
			db = cmp.Or(db, databaseOf(value))
		}
	}
	return db, host
}

// nextPair cuts one pair off s. The key comes in lower case and without
// spaces, the value without quotes.
func nextPair(s, between string) (key, value, rest string) {
	s = strings.TrimLeft(s, between)
	end := strings.IndexAny(s, "="+between)
	if end < 0 {
		return "", "", ""
	}
	key = strings.ToLower(strings.NewReplacer(" ", "", "_", "").Replace(s[:end]))
	if s[end] != '=' {
		return "", "", s[end+1:]
	}
	s = strings.TrimLeft(s[end+1:], " ")
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return key, value, rest
	}
	end = strings.IndexAny(s+between[:1], between)
	return key, strings.TrimSpace(s[:end]), s[end:]
}

// databaseOf returns name unless it could be something else.
func databaseOf(name string) string {
	if strings.ContainsAny(name, "=@:&;/ '\"") {
		return ""
	}
	return name
}
