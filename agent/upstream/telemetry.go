package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// Counts are totals since the start, from which records of telemetry are made.
type Counts struct {
	Received, Sent, Spillover, Rejected int64
	Errors                              [categories]int64 // by Category
}

// Telemetry sends the daemon's records, one a minute, to AWS. Without a segment
// received it sends nothing.
type Telemetry struct {
	AWS    *AWS
	Counts func() Counts
	Every  time.Duration // default 60 s

	last    Counts
	waiting []telemetryRecord
	id      string // of the instance
	told    string // what was last said of being refused
}

const (
	telemetryEvery  = time.Minute
	waitingRecords  = 30 // older ones are forgotten
	recordsAtOnce   = 10
	lastRecordLimit = 2 * time.Second
	maxInstanceID   = 20
	maxHostname     = 255
)

// telemetryRecord is one of PutTelemetryRecords: counts since the one before.
type telemetryRecord struct {
	Timestamp               float64
	SegmentsReceivedCount   int64
	SegmentsSentCount       int64
	SegmentsSpilloverCount  int64
	SegmentsRejectedCount   int64
	BackendConnectionErrors struct {
		TimeoutCount           int64
		ConnectionRefusedCount int64
		HTTPCode4XXCount       int64
		HTTPCode5XXCount       int64
		UnknownHostCount       int64
		OtherCount             int64
	}
}

// Run sends until ctx ends, and then the last record. Telemetry is of use to
// nobody but AWS: what goes wrong with it is said at the level debug, but for
// a refusal that somebody can end, which is said once.
func (t *Telemetry) Run(ctx context.Context) error {
	if t.Every <= 0 {
		t.Every = telemetryEvery
	}
	t.id = instanceID(ctx, t.AWS.cfg, t.AWS.connections.client)
	tick := time.NewTicker(t.Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			t.record()
			t.flush(ctx)
		case <-ctx.Done():
			t.record()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRecordLimit)
			defer cancel()
			t.flush(last)
			return nil
		}
	}
}

// record adds what has happened since the last one.
func (t *Telemetry) record() {
	now := t.Counts()
	if now.Received == 0 {
		return
	}
	d := difference(now, t.last)
	t.last = now
	r := telemetryRecord{
		Timestamp:             float64(t.AWS.cfg.Now().UnixMilli()) / 1000,
		SegmentsReceivedCount: d.Received, SegmentsSentCount: d.Sent, SegmentsSpilloverCount: d.Spillover, SegmentsRejectedCount: d.Rejected,
	}
	e := &r.BackendConnectionErrors
	e.TimeoutCount, e.ConnectionRefusedCount = d.Errors[CategoryTimeout], d.Errors[CategoryRefused]
	e.HTTPCode4XXCount, e.HTTPCode5XXCount = d.Errors[Category4XX], d.Errors[Category5XX]
	e.UnknownHostCount, e.OtherCount = d.Errors[CategoryUnknownHost], d.Errors[CategoryOther]
	t.waiting = append(t.waiting, r)
	if over := len(t.waiting) - waitingRecords; over > 0 {
		t.waiting = t.waiting[over:]
	}
}

func difference(now, then Counts) Counts {
	d := Counts{Received: now.Received - then.Received, Sent: now.Sent - then.Sent,
		Spillover: now.Spillover - then.Spillover, Rejected: now.Rejected - then.Rejected}
	for i := range d.Errors {
		d.Errors[i] = now.Errors[i] - then.Errors[i]
	}
	return d
}

// flush sends what waits; what does not get through waits on.
func (t *Telemetry) flush(ctx context.Context) {
	for len(t.waiting) > 0 {
		n := min(len(t.waiting), recordsAtOnce)
		if err := t.put(ctx, t.waiting[:n]); err != nil {
			t.tell(err)
			return
		}
		t.waiting, t.told = t.waiting[n:], ""
	}
}

func (t *Telemetry) tell(err error) {
	var e *Error
	if !errors.As(err, &e) || !e.Config || e.Code == t.told {
		t.AWS.cfg.Logger.Debug("telemetry was not sent: " + err.Error())
		return
	}
	t.told = e.Code
	t.AWS.cfg.Logger.Warn("telemetry is refused; segments are not affected", "error", err)
}

func (t *Telemetry) put(ctx context.Context, records []telemetryRecord) error {
	body, err := json.Marshal(struct {
		TelemetryRecords []telemetryRecord
		EC2InstanceID    string `json:"EC2InstanceId,omitempty"`
		Hostname         string `json:",omitempty"`
		ResourceARN      string `json:",omitempty"`
	}{records, t.id, t.hostname(), t.AWS.cfg.ResourceARN})
	if err != nil {
		return err
	}
	resp, answer, err := t.AWS.call(ctx, "send telemetry", pathTelemetry, body, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return t.AWS.refusal("send telemetry", pathTelemetry, resp, answer)
	}
	return nil
}

func (t *Telemetry) hostname() string {
	name := t.AWS.cfg.Getenv("AWS_HOSTNAME")
	if name == "" {
		name, _ = os.Hostname() // unknown is empty
	}
	return name[:min(len(name), maxHostname)]
}

// instanceID asks the environment, and the instance unless that is not wanted.
func instanceID(ctx context.Context, cfg AWSConfig, client *http.Client) string {
	id := cfg.Getenv("AWS_INSTANCE_ID")
	if id == "" && !cfg.LocalMode {
		ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
		defer cancel()
		out, err := imds.New(imds.Options{HTTPClient: client, Retryer: aws.NopRetryer{}}).GetMetadata(ctx, &imds.GetMetadataInput{Path: "instance-id"})
		if err == nil {
			b, _ := io.ReadAll(io.LimitReader(out.Content, maxInstanceID)) // what came is enough
			id = string(b)
			_ = out.Content.Close()
		}
	}
	return id[:min(len(id), maxInstanceID)]
}
