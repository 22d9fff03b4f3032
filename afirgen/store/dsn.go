package store

import (
	"errors"
	"net/url"
	"strings"
)

// errNoSource never quotes the DSN, which may hold a password.
var errNoSource = errors.New("opening the database: the DSN is none of sqlite:PATH, PATH, mysql://user:password@host:port/name " +
	"and user:password@tcp(host:port)/name")

// parse tells what a DSN means.
func parse(dsn string) (source, error) {
	switch path, isFile := strings.CutPrefix(dsn, "sqlite:"); {
	case isFile:
		if strings.HasPrefix(path, "///") {
			path = path[2:]
		}
		return sqliteSource(path)
	case strings.HasPrefix(dsn, "mysql://"):
		return urlSource(dsn)
	case driverForm(dsn):
		return driverSource(dsn, nil)
	case strings.Contains(dsn, "://"):
		return source{}, errNoSource
	}
	return sqliteSource(dsn)
}

// driverForm knows the driver's own form by its network: no path of a file has one.
func driverForm(dsn string) bool {
	for _, network := range []string{"tcp(", "unix("} {
		if strings.HasPrefix(dsn, network) || strings.Contains(dsn, "@"+network) {
			return true
		}
	}
	return false
}

// urlSource reads the form of other programs, in which user and password are escaped.
func urlSource(dsn string) (source, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return source{}, errNoSource
	}
	address := u.Host
	if u.Port() == "" {
		address = strings.TrimSuffix(address, ":") + ":3306"
	}
	form := "tcp(" + address + ")/" + url.PathEscape(strings.TrimPrefix(u.Path, "/"))
	if u.RawQuery != "" {
		form += "?" + u.RawQuery
	}
	return driverSource(form, u.User)
}
