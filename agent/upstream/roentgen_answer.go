package upstream

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/roentgen/roentgen/wire"
)

// serverError is the body of an answer that is no success, in X-Ray's shape,
// which Roentgen and AWS share.
type serverError struct {
	Type         string `json:"__type"`
	Message      string `json:"message"`
	OtherMessage string `json:"Message"`
}

func readServerError(b []byte) serverError {
	var e serverError
	if json.Unmarshal(b, &e) != nil {
		return serverError{Message: clip(string(b))}
	}
	if e.Message == "" {
		e.Message = e.OtherMessage
	}
	e.Message = clip(e.Message)
	return e
}

// readBatchAnswer reads what became of b.
func (r *Roentgen) readBatchAnswer(b *wire.Batch, body []byte) (wire.BatchAnswer, error) {
	var a wire.BatchAnswer
	err := json.Unmarshal(body, &a)
	if err == nil && a.Seq != b.Header.Seq {
		err = fmt.Errorf("it is for batch %d, sent was %d", a.Seq, b.Header.Seq)
	}
	if err != nil {
		return wire.BatchAnswer{}, &Error{Config: true, Status: http.StatusOK, Err: err,
			Text: fmt.Sprintf("send a batch to %s: the answer is not one to a batch (%v): is the URL that of a Roentgen server?", r.base.Redacted(), err)}
	}
	return a, nil
}

// refusal explains an answer that is no success.
func (r *Roentgen) refusal(c call, resp *http.Response, body []byte) *Error {
	said := readServerError(body)
	e := &Error{Category: Category4XX, Status: resp.StatusCode, Code: said.Type, RetryAfter: retryAfter(resp.Header, r.cfg.Now())}
	if resp.StatusCode >= 500 {
		e.Category = Category5XX
	}
	e.Text = fmt.Sprintf("%s to %s: %d %s: %s", c.doing, r.base.Redacted(), resp.StatusCode, http.StatusText(resp.StatusCode), r.advice(e, said))
	return e
}

// advice says what to do about it, and sets what becomes of the batch.
func (r *Roentgen) advice(e *Error, said serverError) string {
	switch e.Status {
	case http.StatusBadRequest:
		if said.Type == "" {
			e.Config = true
			return said.Message + ": that is no answer of a Roentgen server; what stands between?"
		}
		e.Permanent = true
		return said.Message
	case http.StatusRequestEntityTooLarge:
		if said.Type == "" {
			e.Config = true
			return "a proxy between takes no request as large as a batch: raise its bound"
		}
		e.Permanent = true
		return said.Message + ": the server takes smaller batches only; raise its bound"
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Config = true
		if r.cfg.Token == "" && r.cfg.TokenFile == "" {
			return "the server wants a token and none was given: put one of those in its --auth-file into a file, and name that with --token-file (or set ROENTGEN_TOKEN)"
		}
		where := "ROENTGEN_TOKEN"
		if r.cfg.TokenFile != "" {
			where = r.cfg.TokenFile
		}
		return fmt.Sprintf("%s: the token in %s is not in the server's --auth-file", said.Message, where)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		e.Config = true
		return "there are no agents' batches at this URL: is it a Roentgen server's, and is that new enough?"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return said.Message + "; it is sent again"
	}
	if e.Status < 400 {
		e.Config = true
		return "another place was named, which is not gone to: give the URL that answers itself"
	}
	e.Config = e.Status < 500
	return said.Message
}
