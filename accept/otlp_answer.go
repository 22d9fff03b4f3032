package accept

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/roentgen/roentgen"
)

// retryAfter is how long a sender is asked to wait before it sends again, in
// seconds.
const retryAfter = 2

// codeOf says what an error means to a sender, in gRPC's words.
func codeOf(err error) codes.Code {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return codes.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return codes.Canceled
	}
	switch roentgen.KindOf(err) {
	case roentgen.Invalid:
		return codes.InvalidArgument
	case roentgen.Throttled:
		return codes.ResourceExhausted
	}
	// Whatever the store's trouble is, the spans are still the sender's.
	return codes.Unavailable
}

// reply is the ExportTraceServiceResponse, in protobuf.
func (v spanVerdict) reply() []byte {
	if v.rejected == 0 {
		return []byte{}
	}
	partial := protowire.AppendTag(nil, 1, protowire.VarintType)
	partial = protowire.AppendVarint(partial, uint64(v.rejected))
	partial = protowire.AppendTag(partial, 2, protowire.BytesType)
	partial = protowire.AppendString(partial, v.message)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
}
