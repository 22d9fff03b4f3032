package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/local/sigv4"
)

// verify gives what is wrong with a signature AWS's name.
func (s server) verify(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	err := sigv4.Checker{Keys: s.keys, Now: s.now}.Check(r, hex.EncodeToString(sum[:]))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sigv4.ErrNone):
		return problem{"MissingAuthenticationTokenException", "The request has no signature."}
	case errors.Is(err, sigv4.ErrKey):
		return problem{"UnrecognizedClientException", "The security token included in the request is invalid."}
	case errors.Is(err, sigv4.ErrTime):
		return problem{"InvalidSignatureException", "Signature expired, or from the future: X-Amz-Date is more than 15 minutes off."}
	}
	return problem{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided."}
}
