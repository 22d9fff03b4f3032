package graph_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
)

// morning is when the traces of scripts begin.
const morning = roentgen.Time(1_780_165_693_000_000_000)

var thisTrace = roentgen.TraceID{15: 1}

// loader makes documents of the lines below a script's load command, one for
// each entity:
//
//	segment ID NAME FROM..TO …             a segment; times in milliseconds
//	local|remote|aws ID NAME FROM..TO …    a subsegment of that namespace
//
// Without TO it is in progress. A line that is indented further is embedded in
// the one above it; a subsegment that is not is sent on its own. An ID is a
// word of up to 8 characters. The words behind are set by loader.word.
type loader struct {
	docs []*roentgen.Segment
	open []*roentgen.Segment // the line above and those it is embedded in
}

func load(lines []string) ([]*roentgen.Segment, error) {
	l := &loader{}
	for _, line := range lines {
		if err := l.line(line); err != nil {
			return nil, fmt.Errorf("loading %q: %w", line, err)
		}
	}
	return l.docs, nil
}

func (l *loader) line(line string) error {
	depth := len(line) - len(strings.TrimLeft(line, "\t"))
	words, err := cut(line[depth:])
	if err != nil || len(words) < 4 {
		return fmt.Errorf("a line is KIND ID NAME FROM..TO …: %w", err)
	}
	s := &roentgen.Segment{Kind: roentgen.KindSubsegment, ID: idOf(words[1]), Name: words[2]}
	switch words[0] {
	case "segment":
		s.Kind = roentgen.KindSegment
	case "local":
	case "remote":
		s.Namespace = roentgen.NamespaceRemote
	case "aws":
		s.Namespace = roentgen.NamespaceAWS
	default:
		return fmt.Errorf("no such kind of entity")
	}
	if err := times(s, words[3]); err != nil {
		return err
	}
	for _, w := range words[4:] {
		if err := set(s, w); err != nil {
			return err
		}
	}
	return l.put(depth, s)
}

// put puts s where the indentation says. Embedded ones are copied, so the
// place in the parent is what is open.
func (l *loader) put(depth int, s *roentgen.Segment) error {
	if depth > len(l.open) {
		return fmt.Errorf("indented too far")
	}
	if depth == 0 {
		s.Trace = thisTrace
		l.docs = append(l.docs, s)
		l.open = []*roentgen.Segment{s}
		return nil
	}
	in := l.open[depth-1]
	in.Subsegments = append(in.Subsegments, *s)
	l.open = append(l.open[:depth], &in.Subsegments[len(in.Subsegments)-1])
	return nil
}

// cut splits at spaces that are not within quotes, and drops the quotes.
func cut(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		n := strings.IndexAny(line+" ", " \"")
		word := line[:n]
		if line = line[n:]; strings.HasPrefix(line, `"`) {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			text, _ := strconv.Unquote(quoted)
			word, line = word+text, line[len(quoted):]
		}
		words = append(words, word)
	}
	return words, nil
}

func idOf(word string) (id roentgen.SegmentID) {
	copy(id[:], word)
	return id
}

func times(s *roentgen.Segment, word string) error {
	from, to, ok := strings.Cut(word, "..")
	if !ok {
		return fmt.Errorf("%q is not FROM..TO", word)
	}
	var err error
	if s.Start, err = at(from); err != nil {
		return err
	}
	if s.InProgress = to == ""; !s.InProgress {
		s.End, err = at(to)
	}
	return err
}

func at(ms string) (roentgen.Time, error) {
	n, err := strconv.Atoi(ms)
	return morning + roentgen.Time(n)*roentgen.Time(time.Millisecond), err
}

func set(s *roentgen.Segment, word string) error {
	key, value, _ := strings.Cut(word, "=")
	if note, ok := strings.CutPrefix(key, "annotation."); ok {
		s.Annotations = append(s.Annotations, roentgen.Annotation{Key: note, Value: roentgen.AnnotationValue{String: value}})
		return nil
	}
	if s.HTTP == nil {
		s.HTTP = &roentgen.HTTP{}
	}
	if s.AWS == nil {
		s.AWS = &roentgen.AWS{}
	}
	if s.SQL == nil {
		s.SQL = &roentgen.SQL{}
	}
	err := setMember(s, key, value)
	if *s.HTTP == (roentgen.HTTP{}) {
		s.HTTP = nil
	}
	if *s.SQL == (roentgen.SQL{}) {
		s.SQL = nil
	}
	return err
}

func setMember(s *roentgen.Segment, key, value string) error {
	texts := map[string]*string{
		"origin": &s.Origin, "user": &s.User, "arn": &s.ResourceARN,
		"url": &s.HTTP.URL, "method": &s.HTTP.Method,
		"account": &s.AWS.AccountID, "op": &s.AWS.Operation, "queue": &s.AWS.QueueURL, "table": &s.AWS.TableName,
		"topic": &s.AWS.TopicARN, "bucket": &s.AWS.BucketName, "function": &s.AWS.FunctionName,
		"instance": &s.AWS.InstanceID, "zone": &s.AWS.AvailabilityZone, "alb": &s.AWS.ALBSelf,
		"functionarn": &s.AWS.FunctionARN, "containerarn": &s.AWS.ContainerARN,
		"dburl": &s.SQL.URL, "dsn": &s.SQL.ConnectionString, "dbtype": &s.SQL.DatabaseType,
	}
	if text, ok := texts[key]; ok {
		*text = value
		return nil
	}
	switch key {
	case "parent":
		s.Parent = idOf(value)
	case "status":
		var err error
		s.HTTP.Status, err = strconv.Atoi(value)
		return err
	case "traced":
		s.HTTP.Traced = true
	case "error":
		s.Error = true
	case "throttle":
		s.Throttle = true
	case "fault":
		s.Fault = true
	case "sql":
		s.SQL.DatabaseType = "sql"
	case "link":
		s.Links = append(s.Links, roentgen.Link{Trace: thisTrace, ID: idOf(value)})
	case "elsewhere":
		s.Links = append(s.Links, roentgen.Link{Trace: roentgen.TraceID{15: 2}, ID: idOf(value)})
	case "ref":
		s.Cause = &roentgen.Cause{Ref: value}
	case "exception":
		throw(s, value)
	default:
		return fmt.Errorf("no such word: %s", key)
	}
	return nil
}

// throw adds an exception, written ID:TYPE:MESSAGE.
func throw(s *roentgen.Segment, value string) {
	id, rest, _ := strings.Cut(value, ":")
	kind, message, _ := strings.Cut(rest, ":")
	if s.Cause == nil {
		s.Cause = &roentgen.Cause{}
	}
	s.Cause.Exceptions = append(s.Cause.Exceptions, roentgen.Exception{ID: id, Type: kind, Message: message})
}

// traceOf makes a trace and its summary, as a store would.
func traceOf(docs []*roentgen.Segment) (*roentgen.Trace, *roentgen.Summary) {
	t := &roentgen.Trace{ID: thisTrace}
	for _, s := range docs {
		t.Documents = append(t.Documents, roentgen.Stored{Segment: s, Received: morning})
	}
	sum := partial(t.Documents).Summary()
	return t, &sum
}

// partial merges by halves, so that large traces take no square of time.
func partial(docs []roentgen.Stored) roentgen.Partial {
	switch n := len(docs); n {
	case 0:
		return roentgen.Partial{Trace: thisTrace}
	case 1:
		return roentgen.NewPartial(docs[0])
	default:
		return partial(docs[:n/2]).Merge(partial(docs[n/2:]))
	}
}
