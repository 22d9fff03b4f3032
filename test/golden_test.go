package test

import (
	"bytes"
	"os"
	"testing"
)

// TestGoldenFilesAreShared holds the copies together that the SDK and the
// server each carry, so that each module tests alone and both mean the same:
// what the SDK writes is what the server's decoder is tested with.
func TestGoldenFilesAreShared(t *testing.T) {
	for sdk, server := range map[string]string{
		"../tracing/testdata/trace_header.json":       "../wire/testdata/trace_header.json",
		"../tracing/testdata/segment_plain.json":      "../wire/testdata/documents/roentgen_sdk_plain.json",
		"../tracing/testdata/segment_full.json":       "../wire/testdata/documents/roentgen_sdk_full.json",
		"../tracing/testdata/segment_otel.json":       "../wire/testdata/documents/roentgen_sdk_otel.json",
		"../tracing/awssdk/testdata/segment_aws.json": "../wire/testdata/documents/roentgen_sdk_aws.json",
	} {
		a, err := os.ReadFile(sdk)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(server)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s and %s differ; copy the one that is right over the other", sdk, server)
		}
	}
}
