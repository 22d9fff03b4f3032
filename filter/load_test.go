package filter

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
)

// loader makes Rows of the lines below a script's load command:
//
//	segment NAME DURATION …          a segment; the first one is the root
//	inferred NAME DURATION …         a node that only its callers know
//	client NAME                      a node of type client, without a segment
//	call FROM TO DURATION …          a call between nodes, each named NAME or NAME:TYPE
//	cause fault|error|responsetime   a root cause, for which services, entities and exceptions follow
//	service NAME …                   in the cause above
//	entity NAME …                    in the service above
//	exception NAME MESSAGE           of the entity above
//
// The words behind are error, fault, throttle, open (no end yet), orphan (its parent has not arrived), remote,
// inferred (of a service), impacting, and at= type= account= alias= status= method= url= agent= ip= user= zone= instance= arn= coverage=
// annotation.KEY= with a JSON value.
//
// The summary is made by the vocabulary from documents, as a store would make it.
type loader struct {
	rows     *roentgen.Rows
	nodes    []*roentgen.NodeRow
	segments []*roentgen.SegmentRow
	parts    roentgen.Partial
	root     roentgen.SegmentID
	path     *[]roentgen.CauseRow // the list that the cause being read is the last of
}

func load(lines []string) (*roentgen.Rows, error) {
	l := &loader{rows: &roentgen.Rows{Account: "999988887777"}}
	for _, line := range lines {
		w, err := cut(line)
		if err == nil {
			err = l.line(w)
		}
		if err != nil {
			return nil, fmt.Errorf("loading %q: %w", line, err)
		}
	}
	return l.finish(), nil
}

// finish gathers the rows. Nodes and segments are pointed to, so they are copied and the pointers moved.
func (l *loader) finish() *roentgen.Rows {
	s := l.parts.Summary()
	l.rows.Summary = &s
	node, segment := map[*roentgen.NodeRow]*roentgen.NodeRow{nil: nil}, map[*roentgen.SegmentRow]*roentgen.SegmentRow{nil: nil}
	l.rows.Nodes = make([]roentgen.NodeRow, len(l.nodes))
	for i, n := range l.nodes {
		l.rows.Nodes[i] = *n
		node[n] = &l.rows.Nodes[i]
	}
	l.rows.Segments = make([]roentgen.SegmentRow, len(l.segments))
	for i, s := range l.segments {
		l.rows.Segments[i] = *s
		l.rows.Segments[i].Node = node[s.Node]
		segment[s] = &l.rows.Segments[i]
	}
	for i := range l.rows.Calls {
		c := &l.rows.Calls[i]
		c.EdgeRow = roentgen.EdgeRow{Source: node[c.Source], Destination: node[c.Destination]}
		c.Caller, c.Callee = segment[c.Caller], segment[c.Callee]
		if !slices.Contains(l.rows.Edges, c.EdgeRow) {
			l.rows.Edges = append(l.rows.Edges, c.EdgeRow)
		}
	}
	return l.rows
}

// words are a line taken apart.
type words struct {
	plain  []string
	flags  map[string]bool
	values map[string]string
}

func cut(line string) (words, error) {
	w := words{flags: map[string]bool{}, values: map[string]string{}}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		n := strings.IndexAny(line+" ", " \"")
		word := line[:n]
		line = line[n:]
		if strings.HasPrefix(line, `"`) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return w, err
			}
			line = line[len(quoted):]
			text, _ := strconv.Unquote(quoted)
			if strings.Contains(word, "annotation.") {
				text = quoted
			}
			word += text
		}
		w.add(word)
	}
	return w, nil
}

func (w *words) add(word string) {
	key, value, pair := strings.Cut(word, "=")
	switch {
	case pair:
		w.values[key] = value
	case slices.Contains([]string{"error", "fault", "throttle", "open", "orphan", "remote", "impacting", "inferred"}, word) && len(w.plain) > 1:
		w.flags[word] = true
	default:
		w.plain = append(w.plain, word)
	}
}

func (l *loader) line(w words) error {
	want := map[string]int{"segment": 3, "inferred": 3, "client": 2, "call": 4, "cause": 2, "service": 2, "entity": 2, "exception": 3}[w.plain[0]]
	if len(w.plain) != want {
		return fmt.Errorf("%d words, not %d", len(w.plain), want)
	}
	switch w.plain[0] {
	case "segment":
		return l.segment(w)
	case "inferred":
		return l.inferred(w)
	case "client":
		l.node(roentgen.ServiceID{Name: w.plain[1], Type: "client"}, w)
		return nil
	case "call":
		return l.call(w)
	}
	return l.cause(w)
}

// node finds or adds a node.
func (l *loader) node(id roentgen.ServiceID, w words) *roentgen.NodeRow {
	for _, n := range l.nodes {
		if n.ServiceID == id {
			return n
		}
	}
	n := &roentgen.NodeRow{ServiceID: id}
	if alias := w.values["alias"]; alias != "" {
		n.Names = []string{id.Name, alias}
	}
	l.nodes = append(l.nodes, n)
	return n
}

// base is the time at which the traces of scripts begin.
const base = roentgen.Time(1_700_000_000_000_000_000)

func (l *loader) entity(w words) (*roentgen.Segment, error) {
	length, err := time.ParseDuration(w.plain[2])
	if err != nil {
		return nil, err
	}
	at, err := time.ParseDuration(orZero(w.values["at"], "0s"))
	if err != nil {
		return nil, err
	}
	status, err := strconv.Atoi(orZero(w.values["status"], "0"))
	if err != nil {
		return nil, err
	}
	s := &roentgen.Segment{
		Name: w.plain[1], Origin: w.values["type"],
		Start: base + roentgen.Time(at), End: base + roentgen.Time(at+length), InProgress: w.flags["open"],
		Error: w.flags["error"], Fault: w.flags["fault"], Throttle: w.flags["throttle"],
		User: w.values["user"], ResourceARN: w.values["arn"],
		HTTP: &roentgen.HTTP{Method: w.values["method"], URL: w.values["url"], UserAgent: w.values["agent"], ClientIP: w.values["ip"], Status: status},
		AWS:  &roentgen.AWS{AccountID: w.values["account"], InstanceID: w.values["instance"], AvailabilityZone: w.values["zone"]},
	}
	if s.InProgress {
		s.End = 0
	}
	if *s.HTTP == (roentgen.HTTP{}) {
		s.HTTP = nil
	}
	s.Annotations, err = annotations(w)
	return s, err
}

func orZero(s, zero string) string {
	if s == "" {
		return zero
	}
	return s
}

func annotations(w words) ([]roentgen.Annotation, error) {
	var list []roentgen.Annotation
	for word, value := range w.values {
		key, ok := strings.CutPrefix(word, "annotation.")
		if !ok {
			continue
		}
		a := roentgen.Annotation{Key: key}
		if text, err := strconv.Unquote(value); err == nil {
			a.Value = Text(text)
		} else if value == "true" || value == "false" {
			a.Value = Bool(value == "true")
		} else if n, err := strconv.ParseFloat(value, 64); err == nil {
			a.Value = Float(n)
		} else {
			return nil, fmt.Errorf("annotation %s is no JSON value: %s", key, value)
		}
		list = append(list, a)
	}
	return list, nil
}

func (l *loader) segment(w words) error {
	s, err := l.entity(w)
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint64(s.ID[:], uint64(len(l.parts.Parts)+1))
	s.Hash = uint64(len(l.parts.Parts) + 1)
	switch {
	case w.flags["orphan"]:
		s.Parent[0] = 0xff
	case !l.root.IsZero():
		s.Parent = l.root
	default:
		l.root = s.ID
	}
	part := roentgen.NewPartial(roentgen.Stored{Segment: s, Received: base})
	l.parts = l.parts.Merge(part)
	node := l.node(s.Service(), w)
	node.Root = node.Root || s.ID == l.root
	row := segmentRow(node, &part.Parts[0])
	l.segments = append(l.segments, &row)
	return nil
}

func (l *loader) inferred(w words) error {
	s, err := l.entity(w)
	if err != nil {
		return err
	}
	node := l.node(s.Service(), w)
	node.Inferred = true
	row := roentgen.SegmentRow{Node: node, Duration: roentgen.Seconds(s.End.Sub(s.Start), true), HTTP: s.HTTP, Annotations: s.Annotations}
	row.Error, row.Throttle, row.Fault = s.Failed()
	l.segments = append(l.segments, &row)
	return nil
}

func (l *loader) call(w words) error {
	from, to := l.named(w.plain[1]), l.named(w.plain[2])
	if from == nil || to == nil {
		return fmt.Errorf("a call between nodes that are not there")
	}
	s, err := l.entity(words{append([]string{""}, w.plain[2:]...), w.flags, w.values})
	if err != nil {
		return err
	}
	c := roentgen.CallRow{EdgeRow: roentgen.EdgeRow{Source: from, Destination: to}, Duration: roentgen.Seconds(s.End.Sub(s.Start), !s.InProgress), HTTP: s.HTTP,
		Annotations: s.Annotations, Caller: l.of(from), Callee: l.of(to)}
	c.Error, c.Throttle, c.Fault = s.Failed()
	l.rows.Calls = append(l.rows.Calls, c)
	return nil
}

func (l *loader) named(label string) *roentgen.NodeRow {
	for _, n := range l.nodes {
		if n.Name == label || n.Name+":"+n.Type == label {
			return n
		}
	}
	return nil
}

func (l *loader) of(n *roentgen.NodeRow) *roentgen.SegmentRow {
	for _, s := range l.segments {
		if s.Node == n {
			return s
		}
	}
	return nil
}

func (l *loader) cause(w words) error {
	switch w.plain[0] {
	case "cause":
		return l.openCause(w)
	case "service":
		if l.path == nil {
			return fmt.Errorf("a service without a cause")
		}
		id := roentgen.ServiceID{Name: w.plain[1], Type: w.values["type"], AccountID: w.values["account"]}
		service := roentgen.CauseServiceRow{ServiceID: id, Inferred: w.flags["inferred"]}
		if alias := w.values["alias"]; alias != "" {
			service.Names = []string{id.Name, alias}
		}
		of := &(*l.path)[len(*l.path)-1]
		of.Services = append(of.Services, service)
		return nil
	}
	return l.causeEntity(w)
}

func (l *loader) openCause(w words) error {
	l.path = map[string]*[]roentgen.CauseRow{
		"fault": &l.rows.FaultCauses, "error": &l.rows.ErrorCauses, "responsetime": &l.rows.ResponseTimeCauses,
	}[w.plain[1]]
	if l.path == nil {
		return fmt.Errorf("there are no causes of %s", w.plain[1])
	}
	*l.path = append(*l.path, roentgen.CauseRow{ClientImpacting: w.flags["impacting"]})
	return nil
}

func (l *loader) causeEntity(w words) error {
	if l.path == nil || len((*l.path)[len(*l.path)-1].Services) == 0 {
		return fmt.Errorf("an entity without a service")
	}
	services := (*l.path)[len(*l.path)-1].Services
	entities := &services[len(services)-1].Entities
	if w.plain[0] == "exception" {
		if len(*entities) == 0 {
			return fmt.Errorf("an exception without an entity")
		}
		of := &(*entities)[len(*entities)-1]
		of.Exceptions = append(of.Exceptions, roentgen.CauseExceptionRow{Name: w.plain[1], Message: w.plain[2]})
		return nil
	}
	row := roentgen.CauseEntityRow{Name: w.plain[1], Remote: w.flags["remote"]}
	if share := w.values["coverage"]; share != "" {
		n, err := strconv.ParseFloat(share, 64)
		if err != nil {
			return err
		}
		row.Coverage = roentgen.Known(n)
	}
	*entities = append(*entities, row)
	return nil
}

// segmentRow returns the row of the segment that p is.
func segmentRow(node *roentgen.NodeRow, p *roentgen.Part) roentgen.SegmentRow {
	row := roentgen.SegmentRow{
		Node:     node,
		Flags:    roentgen.Flags{Error: p.Error, Throttle: p.Throttle, Fault: p.Fault},
		Duration: roentgen.Seconds(max(0, p.End.Sub(p.Start)), !p.InProgress),
		HTTP:     p.HTTP,
		User:     p.User, Zone: p.Zone, InstanceID: p.InstanceID,
		Annotations: p.Annotations,
	}
	if p.ResourceARN != "" {
		row.ResourceARNs = []string{p.ResourceARN}
	}
	return row
}
