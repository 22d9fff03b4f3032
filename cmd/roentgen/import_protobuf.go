package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// protobufFirst is the first byte of a TracesData: field 1, of a length.
const protobufFirst = 0x0a

// readProtobuf reads a TracesData, which is a list of ResourceSpans, or any
// number of them one behind the other.
func readProtobuf(in *bufio.Reader, to traceTaker) error {
	for at := 0; ; {
		tag, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read it: %w", err)
		}
		if tag != protobufFirst {
			return fmt.Errorf("byte %d is 0x%02x where OTLP's protobuf has a resource's spans (0x0a): it is no TracesData", at, tag)
		}
		length, err := binary.ReadUvarint(in)
		if err != nil || length > largestPiece {
			return fmt.Errorf("at byte %d: the length of a resource's spans cannot be read, or is above %d MB", at, largestPiece>>20)
		}
		one, err := io.ReadAll(io.LimitReader(in, int64(length))) // grows with what is there, not with what is said
		if err != nil {
			return fmt.Errorf("read it: %w", err)
		}
		if uint64(len(one)) < length {
			return fmt.Errorf("it breaks off in the spans that begin at byte %d", at)
		}
		if err := to.spans(one); err != nil {
			return err
		}
		at += 1 + len(binary.AppendUvarint(nil, length)) + len(one)
	}
}
