package agent

import (
	"encoding/json"
	"net/http"

	"github.com/roentgen/roentgen/wire"
)

const (
	// requestBytes bounds one request with documents, unless a single document
	// may be larger: X-Ray's own bound, 50 documents of 64 KB, is 3.2 MB.
	requestBytes = 16 << 20
	// bodyBytes bounds what all requests hold at once.
	bodyBytes = 2 * requestBytes
)

// maxRequestBytes has room for one document, each byte of it escaped.
func (a *Agent) maxRequestBytes() int64 {
	return max(requestBytes, 2*int64(a.cfg.Limits.MaxDocumentBytes)+1024)
}

// Headers by which our SDK marks the documents of a request; 1 says yes.
const (
	headerUndecided = "X-Roentgen-Undecided"
	headerKept      = "X-Roentgen-Kept"
)

type putRequest struct{ TraceSegmentDocuments []string }

type putResponse struct{ UnprocessedTraceSegments []unprocessed }

type unprocessed struct{ Id, ErrorCode, Message string }

// putSegments takes documents of any size, in the form of PutTraceSegments.
// They are in the ring or the spool when it answers.
func (a *Agent) putSegments(w http.ResponseWriter, r *http.Request) {
	if !a.desk.room() {
		unavailable(w, "the spool of this agent is full, and the upstream does not answer; send the documents again later")
		return
	}
	text, done, ok := a.body(w, r, a.maxRequestBytes())
	if !ok {
		return
	}
	defer done()
	var request putRequest
	if err := json.Unmarshal(text, &request); err != nil || request.TraceSegmentDocuments == nil {
		fail(w, http.StatusBadRequest, "InvalidRequestException", `send {"TraceSegmentDocuments":["…"]}, each document as a string`)
		return
	}
	header := wire.Header{Undecided: r.Header.Get(headerUndecided) == "1", Kept: r.Header.Get(headerKept) == "1"}
	answer(w, putResponse{a.desk.documents(request.TraceSegmentDocuments, header)})
}

// documents decides about the documents of a request and returns those that
// were not taken.
func (d *desk) documents(docs []string, header wire.Header) []unprocessed {
	d.mu.Lock()
	defer d.mu.Unlock()
	refused := []unprocessed{}
	for _, doc := range docs {
		if r := d.text(doorTCP, []byte(doc), header); r != nil {
			refused = append(refused, unprocessed{r.ID, string(r.Code), r.Message()})
		}
	}
	return refused
}
