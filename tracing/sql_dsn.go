package tracing

import (
	"net/url"
	"path"
	"strings"
)

// source is what a data source name says, without its secrets.
type source struct {
	db, host, user  string
	url, connection string // one of them, or none if the form is unknown
}

// name is X-Ray's for a database: "<db>@<host>", or "<db>" for a file.
func (s source) name(d dialect) string {
	switch {
	case s.db != "" && s.host != "":
		return s.db + "@" + s.host
	case s.db != "":
		return s.db
	case s.host != "":
		return d.title + "@" + s.host
	}
	return d.title
}

// parseDSN knows URLs, the form of go-sql-driver/mysql, key=value lists with
// spaces or semicolons, and file names. Of any other form it keeps nothing,
// because it could not tell where the password is.
func parseDSN(dsn string, d dialect) source {
	switch {
	case strings.Contains(dsn, "://"):
		return urlSource(dsn)
	case d.title == "MySQL":
		return mysqlSource(dsn)
	case d.title == "SQLite":
		return fileSource(dsn)
	case strings.Contains(dsn, "="):
		return listSource(dsn)
	}
	return source{}
}

func urlSource(dsn string) source {
	u, err := url.Parse(dsn)
	if err != nil {
		return source{}
	}
	if u.Scheme == "file" || u.Host == "" && u.User == nil {
		return fileSource(dsn)
	}
	s := source{host: u.Hostname(), db: strings.Trim(u.Path, "/"), user: u.User.Username()}
	if db := u.Query().Get("database"); db != "" {
		s.db = db
	}
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if s.user != "" {
		clean.User = url.User(s.user)
	}
	s.url = clean.String() // parameters may hold passwords and tokens under many names
	return s
}

// mysqlSource reads [user[:password]@][net[(addr)]]/dbname[?params].
func mysqlSource(dsn string) source {
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return source{}
	}
	var s source
	s.db, _, _ = strings.Cut(dsn[slash+1:], "?")
	front := dsn[:slash]
	at := strings.LastIndexByte(front, '@')
	if at >= 0 {
		s.user, _, _ = strings.Cut(front[:at], ":")
	}
	network := front[at+1:]
	if open := strings.IndexByte(network, '('); open >= 0 && strings.HasSuffix(network, ")") {
		s.host = hostOnly(network[open+1 : len(network)-1])
	}
	s.connection = network + "/" + s.db
	if s.user != "" {
		s.connection = s.user + "@" + s.connection
	}
	return s
}

func hostOnly(addr string) string {
	if strings.HasPrefix(addr, "/") {
		return "localhost" // a socket file
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(addr, "["), "]")
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.Count(host, ":") == 1 {
		host = host[:i]
	}
	return host
}

// listSource reads key=value pairs: host=db dbname=x, or Server=db;Database=x.
func listSource(dsn string) source {
	separator := " "
	if strings.Contains(dsn, ";") {
		separator = ";"
	}
	if strings.ContainsAny(dsn, `'"`) {
		return source{} // quoted values may hold separators
	}
	var s source
	var kept []string
	for part := range strings.SplitSeq(dsn, separator) {
		k, v, ok := strings.Cut(strings.TrimSpace(part), "=")
		if key := strings.ToLower(strings.TrimSpace(k)); ok && s.take(key, strings.TrimSpace(v)) {
			kept = append(kept, strings.TrimSpace(part))
		}
	}
	s.connection = strings.Join(kept, separator)
	return s
}

// take keeps the fields that are known to be harmless, and only those.
func (s *source) take(key, v string) bool {
	switch key {
	case "host", "hostaddr", "server", "data source", "address", "addr":
		s.host = hostOnly(strings.TrimPrefix(v, "tcp:"))
	case "dbname", "database", "initial catalog":
		s.db = v
	case "user", "user id", "uid", "username":
		s.user = v
	case "port", "sslmode", "encrypt":
	default:
		return false
	}
	return true
}

// fileSource names a file's database after the file; the directory stays private.
func fileSource(dsn string) source {
	p := strings.TrimPrefix(dsn, "file:")
	p, _, _ = strings.Cut(p, "?")
	if p == "" || strings.HasPrefix(p, ":memory:") {
		return source{db: "memory", connection: "memory"}
	}
	base := path.Base(strings.ReplaceAll(p, `\`, "/"))
	return source{db: base, connection: base}
}

// cleanDSN describes a database of which only OpenTelemetry attributes are known.
func cleanDSN(connection, db, host string) string {
	if connection != "" && strings.Contains(connection, "://") {
		if s := urlSource(strings.TrimPrefix(connection, "jdbc:")); s.url != "" {
			return s.url
		}
	}
	if host == "" {
		return db
	}
	return host + "/" + db
}
