package web

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// CheckOrigins says what is wrong with a list of CORS origins before a service starts with it. An origin is a scheme
// and a host, https://desk.example; * is none, because callers send keys along. In the environment "production" an
// origin of the caller's own machine is refused too: any program there could serve it. An empty list is fine, where the
// only page is the service's own.
func CheckOrigins(origins []string, environment string) error {
	for _, origin := range origins {
		if err := checkOrigin(origin, environment == "production"); err != nil {
			return fmt.Errorf("reading the CORS origin %q: %w", origin, err)
		}
	}
	return nil
}

func checkOrigin(origin string, production bool) error {
	if strings.Contains(origin, "*") {
		return fmt.Errorf("name each origin: callers send keys along, so * would lend them to every page")
	}
	u, err := url.Parse(strings.TrimSuffix(origin, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Scheme+"://"+u.Host != strings.TrimSuffix(origin, "/") {
		return fmt.Errorf("an origin is a scheme and a host, such as https://desk.example")
	}
	if production && isLocal(u.Hostname()) {
		return fmt.Errorf("it is on the caller's own machine, which has no place in production: leave it out of CORS_ORIGINS")
	}
	return nil
}

func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && (addr.Unmap().IsLoopback() || addr.IsUnspecified())
}
