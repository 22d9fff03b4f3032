package upstream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// expiryWindow is how long before their end credentials are renewed.
const expiryWindow = time.Minute

// Send implements Sender: PutTraceSegments of at most 50 documents a call. What
// X-Ray never takes is rejected here. Notices, roll-ups and the statement have
// no place there.
func (a *AWS) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	answer := wire.BatchAnswer{Seq: b.Header.Seq, Outcomes: map[string]int64{}}
	var chunk []int
	for i, d := range b.Documents {
		if n := len(d.Document); n > awsDocumentBytes {
			reject(&answer, i, "", string(roentgen.InvalidSegment), fmt.Sprintf("the document has %d bytes; AWS X-Ray takes %d: send subsegments apart, or use a Roentgen server", n, awsDocumentBytes))
			continue
		}
		if chunk = append(chunk, i); len(chunk) == awsDocuments {
			if err := a.put(ctx, b, chunk, &answer); err != nil {
				return wire.BatchAnswer{}, err
			}
			chunk = chunk[:0]
		}
	}
	if len(chunk) > 0 {
		if err := a.put(ctx, b, chunk, &answer); err != nil {
			return wire.BatchAnswer{}, err
		}
	}
	return answer, nil
}

func reject(a *wire.BatchAnswer, index int, id, code, detail string) {
	a.Outcomes[wire.OutcomeRejected]++
	if a.Codes == nil {
		a.Codes = make(map[string]int64)
	}
	a.Codes[cmp.Or(code, "upstream")]++
	a.Rejected = append(a.Rejected, wire.RejectedDocument{Index: index, ID: id, Code: code, Detail: detail})
}

// unprocessed is one document that X-Ray did not take.
type unprocessed struct {
	ID        string `json:"Id"`
	ErrorCode string
	Message   string
}

// put sends the documents of b that chunk names.
func (a *AWS) put(ctx context.Context, b *wire.Batch, chunk []int, answer *wire.BatchAnswer) error {
	buf := a.buffers.get()
	defer a.buffers.put(buf)
	buf.body = append(buf.body[:0], `{"TraceSegmentDocuments":[`...)
	for i, at := range chunk {
		if i > 0 {
			buf.body = append(buf.body, ',')
		}
		buf.body = appendString(buf.body, b.Documents[at].Document)
	}
	buf.body = append(buf.body, ']', '}')
	resp, body, err := a.call(ctx, "send segments", pathSegments, buf.body, buf.answer)
	if err != nil {
		return err
	}
	buf.answer = body[:0]
	if resp.StatusCode != http.StatusOK {
		return a.refusal("send segments", pathSegments, resp, body)
	}
	var out struct{ UnprocessedTraceSegments []unprocessed }
	if err := json.Unmarshal(body, &out); err != nil {
		return &Error{Config: true, Status: resp.StatusCode, Err: err,
			Text: fmt.Sprintf("send segments to %s: the answer is not X-Ray's (%v): is the endpoint right, and is there a proxy in between?", a.endpoint.Redacted(), err)}
	}
	count(b, chunk, out.UnprocessedTraceSegments, answer)
	return nil
}

// count books what X-Ray answered.
func count(b *wire.Batch, chunk []int, lost []unprocessed, answer *wire.BatchAnswer) {
	lost = lost[:min(len(lost), len(chunk))]
	for _, u := range lost {
		reject(answer, indexOf(b, chunk, u.ID), u.ID, u.ErrorCode, u.Message)
	}
	answer.Outcomes[wire.OutcomeStored] += int64(len(chunk) - len(lost))
}

// indexOf finds the document that bears the id; below 0: none does.
func indexOf(b *wire.Batch, chunk []int, id string) int {
	if id == "" {
		return -1
	}
	quoted := []byte(`"` + id + `"`)
	for _, i := range chunk {
		if bytes.Contains(b.Documents[i].Document, quoted) {
			return i
		}
	}
	return -1
}

// Check implements Sender: PutTraceSegments without documents is answered with
// an error of its own by a service that would have taken some.
func (a *AWS) Check(ctx context.Context) error {
	resp, body, err := a.call(ctx, "ask", pathSegments, []byte(`{"TraceSegmentDocuments":[]}`), nil)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	if e := a.refusal("ask", pathSegments, resp, body); e.Code != "InvalidRequestException" && e.Code != "ValidationException" {
		return e
	}
	return nil
}

// Do signs a request of the sampling API, such as /GetSamplingRules, passes it
// on and returns the answer whatever its status.
func (a *AWS) Do(ctx context.Context, path string, body []byte) (*Answer, error) {
	resp, b, err := a.call(ctx, "pass "+path+" on", path, body, nil)
	if err != nil {
		return nil, err
	}
	answer := newAnswer(resp, b)
	if resp.StatusCode >= 400 { // this also learns of a clock that is off, and of credentials that are not good
		if e := a.refusal("pass "+path+" on", path, resp, b); e.Config {
			answer.Refusal = e
		}
	}
	return answer, nil
}

// call signs and makes one request. The answer's body is read into buf.
func (a *AWS) call(ctx context.Context, doing, path string, body, buf []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint.JoinPath(path).String(), nil)
	if err != nil {
		return nil, nil, &Error{Config: true, Err: err, Text: fmt.Sprintf("%s to %s: %v", doing, a.endpoint.Redacted(), err)}
	}
	req.ContentLength = int64(len(body)) // it is signed
	now := a.cfg.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", a.agent)
	req.Header.Set("X-Amzn-Xray-Timestamp", strconv.FormatFloat(float64(now.UnixNano())/1e9, 'f', 9, 64))
	if err := a.sign(ctx, doing, req, body, now); err != nil {
		return nil, nil, err
	}
	resp, b, err := a.connections.do(req, body, buf)
	if err != nil {
		return nil, nil, unreachable(doing, a.endpoint, a.cfg.Timeout, err)
	}
	return resp, b, nil
}

func (a *AWS) sign(ctx context.Context, doing string, req *http.Request, body []byte, now time.Time) error {
	credentials, err := a.credentials.Retrieve(ctx)
	if err != nil {
		return a.withoutCredentials(doing, err)
	}
	sum := sha256.Sum256(body)
	at := now.Add(time.Duration(a.skew.Load()))
	if err := a.signer.SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), awsService, a.region, at); err != nil {
		return &Error{Config: true, Err: err, Text: fmt.Sprintf("%s to %s: sign the request: %v", doing, a.endpoint.Redacted(), err)}
	}
	return nil
}
