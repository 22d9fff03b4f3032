package verify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

// Bounds of an overload.
const (
	maxFlood    = 256                    // letters at once
	floodBeyond = 24                     // more than the server says it takes
	floodTime   = 45 * time.Second       // for all of it
	floodPause  = 200 * time.Millisecond // of a sender that was refused
	floodTries  = 3                      // letters through the backend
)

// overload fills workers and queue of the ASR/OCR server with letters, not traced, and sends one through the backend
// meanwhile, which is then refused for a real cause. Closing the connections empties the queue at once.
func (r *run) overload(ctx context.Context) (receipt client.Receipt, err error) {
	size := r.capacity(ctx)
	if size == 0 {
		return receipt, errors.New("the ASR/OCR server does not say how much it takes at once")
	}
	if size += floodBeyond; size > maxFlood {
		return receipt, errors.New("the ASR/OCR server takes too many letters at once to fill it")
	}
	flood, stop := context.WithTimeout(ctx, floodTime)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer stop()
	full := make(chan struct{})
	var once sync.Once
	for range size {
		wait.Go(func() { r.pour(flood, func() { once.Do(func() { close(full) }) }) })
	}
	select {
	case <-full:
	case <-flood.Done():
		return receipt, errors.New("the ASR/OCR server could not be filled: it is too fast, or there are several")
	}
	for range floodTries {
		_, receipt, err = r.traced.Process(flood, client.Complaint{Field: client.Image, Data: samples.Letter()})
		if receipt.Status >= 500 || flood.Err() != nil {
			break
		}
	}
	return receipt, err
}

// capacity is how many letters the server works on or lets wait, as its /health says; 0 where it does not.
func (r *run) capacity(ctx context.Context) int {
	body, _, err := r.flood.Call(ctx, client.Call{Method: http.MethodGet, Path: "/health"})
	var said struct {
		Queue struct {
			Images struct {
				MaxRunning int `json:"max_running"`
				MaxWaiting int `json:"max_waiting"`
			} `json:"images"`
		} `json:"queue"`
	}
	if err != nil || json.Unmarshal(body, &said) != nil {
		return 0
	}
	return said.Queue.Images.MaxRunning + said.Queue.Images.MaxWaiting
}

// pour sends letters, one after the other, until ctx ends, and says when one was refused because the server is full.
func (r *run) pour(ctx context.Context, refused func()) {
	call := client.Complaint{Field: client.Image, Data: samples.Letter()}.Call()
	call.Path = "/ocr"
	for ctx.Err() == nil {
		_, receipt, err := r.flood.Call(ctx, call)
		if err == nil {
			continue
		}
		if receipt.Status == http.StatusServiceUnavailable {
			refused()
		}
		select {
		case <-r.cfg.After(floodPause):
		case <-ctx.Done():
		}
	}
}
