package access

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// rebound reports whether a page under a name that is not this server's asks,
// through a DNS server that says the name is this machine: to the browser that
// is one site (DNS rebinding). It matters where nobody has to show a token,
// because a stranger's page has none to show. Addresses and localhost are no
// names that somebody else's DNS server answers for.
func (g *Guard) rebound(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if g.cfg.Keyring != nil || origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	if err != nil {
		return true
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	return name != "localhost" && !strings.HasSuffix(name, ".localhost") && !slices.Contains(g.cfg.Hosts, name)
}
