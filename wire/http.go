package wire

import "github.com/roentgen/roentgen"

// http reads the http block; nil when it is no object.
func (p *Parser) http() *roentgen.HTTP {
	if !p.isObject() {
		return nil
	}
	h := next(&p.scratch.https)
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "request":
			p.httpRequest(h)
		case "response":
			p.httpResponse(h)
		default:
			p.skip()
		}
	}
	return h
}

func (p *Parser) httpRequest(h *roentgen.HTTP) {
	if !p.isObject() {
		return
	}
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "method":
			h.Method = p.string()
		case "url":
			h.URL = p.string()
		case "user_agent":
			h.UserAgent = p.string()
		case "client_ip":
			h.ClientIP = p.string()
		case "x_forwarded_for":
			h.XForwardedFor = p.flag()
		case "traced":
			h.Traced = p.flag()
		default:
			p.skip()
		}
	}
}

// maxStatus is the greatest status that three digits can write.
const maxStatus = 999

func (p *Parser) httpResponse(h *roentgen.HTTP) {
	if !p.isObject() {
		return
	}
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "status":
			if v := p.int(); v > 0 && v <= maxStatus {
				h.Status = int(v)
			}
		case "content_length":
			h.ContentLength = p.int()
		default:
			p.skip()
		}
	}
}
