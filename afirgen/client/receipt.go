package client

import (
	"net/http"
	"regexp"
	"time"
)

const traceHeader = "X-Amzn-Trace-Id"

// Receipt says of one answer how it can be found again.
type Receipt struct {
	Status    int           // of HTTP; 0 where no answer came
	TraceID   string        // 1-8hex-24hex; empty where the answer has no X-Amzn-Trace-Id
	Sampled   bool          // the answer says that the trace is recorded
	RequestID string        // X-Request-Id
	Took      time.Duration // from sending to the last byte of the answer
}

func receiptOf(resp *http.Response, took time.Duration) Receipt {
	header := resp.Header.Get(traceHeader)
	return Receipt{
		Status: resp.StatusCode, TraceID: RootOf(header), Sampled: sampledPattern.MatchString(header),
		RequestID: resp.Header.Get("X-Request-Id"), Took: took,
	}
}

var (
	rootPattern    = regexp.MustCompile(`(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})\s*(?:;|$)`)
	sampledPattern = regexp.MustCompile(`(?:^|;)\s*Sampled=1\s*(?:;|$)`)
)

// RootOf returns the trace id of an X-Amzn-Trace-Id header, or "".
func RootOf(header string) string {
	m := rootPattern.FindStringSubmatch(header)
	if m == nil {
		return ""
	}
	return m[1]
}
