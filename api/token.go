package api

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
)

// A paging token is, in URL-safe base64: version (1 byte), 8 bytes of a hash
// over every other input of the call, so that a token is good for the
// question that it answers and no other, and the text of where the page ended.
const (
	tokenVersion = 2
	tokenHead    = 1 + 8
)

// question is what a token is bound to.
type question [8]byte

// questionOf hashes what a page of summaries answers. How long pages are may
// change between them.
func questionOf(q query.SummaryQuery) question {
	expression := ""
	if q.Filter != nil {
		expression = q.Filter.String()
	}
	return hashOf("summaries", q.Window.Clock, q.Window.From, q.Window.To, q.Share, expression)
}

// hashOf hashes inputs in an order that is always the same.
func hashOf(inputs ...any) question {
	var text []byte
	for _, in := range inputs {
		text = fmt.Appendf(text, "%q ", fmt.Sprint(in))
	}
	sum := sha256.Sum256(text)
	return question(sum[:8])
}

func formatToken(place string, of question) string {
	b := append(make([]byte, 0, tokenHead+len(place)), tokenVersion)
	b = append(append(b, of[:]...), place...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseToken returns the place.
func parseToken(token string, of question) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < tokenHead || b[0] != tokenVersion {
		return "", roentgen.Invalidf("Invalid token: it is not one that this server gave; start without NextToken")
	}
	if question(b[1:tokenHead]) != of {
		return "", roentgen.Invalidf("Invalid token: it belongs to a call with other parameters; repeat the parameters of the first page, or start without NextToken")
	}
	return string(b[tokenHead:]), nil
}

// continued puts the place of a token into q; an empty token begins.
func continued(q *query.SummaryQuery, token string) error {
	if token == "" {
		return nil
	}
	place, err := parseToken(token, questionOf(*q))
	if err != nil {
		return err
	}
	q.After = new(query.Cursor)
	return q.After.UnmarshalText([]byte(place))
}

// nextToken returns the token for the page behind this one; nil at the end.
func nextToken(q query.SummaryQuery, page query.SummaryPage) (*string, error) {
	if page.Next == nil {
		return nil, nil
	}
	place, err := page.Next.MarshalText()
	if err != nil {
		return nil, err
	}
	token := formatToken(string(place), questionOf(q))
	return &token, nil
}

// onePage refuses a token where everything comes in one page. message is
// X-Ray's.
func onePage(token *string, message string) error {
	if token != nil && *token != "" {
		return roentgen.Invalidf("%s: this action answers everything in one page; leave NextToken out", message)
	}
	return nil
}
