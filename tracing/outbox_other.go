//go:build !linux || !(amd64 || arm64)

package tracing

const canBatch = false

type batchRoom struct{}

// sendBatch sends one datagram.
func (o *outbox) sendBatch(i int) (int, error) {
	if _, err := o.conn.Write(o.at(i)); err != nil {
		return 0, err
	}
	return 1, nil
}
