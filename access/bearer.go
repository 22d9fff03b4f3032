package access

import (
	"errors"
	"net/http"
)

// Bearer decides as Wrap does for who shows a token, by the values of the
// header Authorization; it is for doors that are no HTTP handlers. The error
// is for the caller to read: what is wrong and what to do.
func (g *Guard) Bearer(authorization []string) error {
	if g.cfg.Keyring == nil {
		return nil
	}
	no := g.bearer(&http.Request{Header: http.Header{"Authorization": authorization}})
	if no != nil {
		g.cfg.Observer.Refused(no.way, no.reason)
		return errors.New(no.message)
	}
	g.cfg.Observer.Accepted(WayBearer)
	return nil
}

func (g *Guard) bearer(r *http.Request) *refusal {
	switch {
	case len(r.Header.Values("Authorization")) == 0:
		return refuse(WayNone, ReasonMissing, "this server wants to know who sends: give the header authorization with Bearer and a token, as with OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%%20TOKEN")
	case wayOf(r) != WayBearer:
		return refuse(WayNone, ReasonMalformed, "the header authorization is of no kind that is taken here: give Bearer and a token")
	}
	_, no := g.checkBearer(r)
	return no
}
