package client

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/tracing"
)

// Forced returns a Config.Sign that has every request traced, whatever the sampling rate, by the key that the services
// hold as XRAY_FORCE_KEY. The backend makes the trace ids.
func Forced(key string, now func() time.Time) func(*http.Request) {
	return func(req *http.Request) { tracing.ForceSampling(req, key, now()) }
}

// Sampled returns a Config.Sign that sends X-Amzn-Trace-Id with a new trace id each time and the decision, 1 or 0. A
// backend believes it from its host and from trusted peers alone. random is crypto/rand.Reader or a seeded source. There
// is no Parent: the caller sends no segment of its own, and a parent that never comes would leave the trace without a
// root.
func Sampled(decision bool, random io.Reader, now func() time.Time) func(*http.Request) {
	return func(req *http.Request) {
		root, err := NewTraceID(random, now())
		if err != nil {
			return // without random bytes the backend makes the id, and samples as it likes
		}
		flag := "0"
		if decision {
			flag = "1"
		}
		req.Header.Set(traceHeader, "Root="+root+";Sampled="+flag)
	}
}

// NewTraceID makes an X-Ray trace id: version 1, the second in hex, 96 random bits.
func NewTraceID(random io.Reader, now time.Time) (string, error) {
	var b [12]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making a trace id: %w", err)
	}
	return fmt.Sprintf("1-%08x-%s", uint32(now.Unix()), hex.EncodeToString(b[:])), nil
}
