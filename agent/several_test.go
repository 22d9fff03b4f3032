package agent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/redact"
	"github.com/roentgen/roentgen/wire"
)

// together is a datagram of several documents.
func together(members string, sender, before uint64, docs ...string) string {
	line := fmt.Sprintf(`{"format":"json","version":1,"documents":%d%s,"sender":"%016x","before":%d}`, len(docs), members, sender, before)
	return strings.Join(append([]string{line}, docs...), "\n") + "\n"
}

const markUndecided = `,"undecided":true`

// sendTogether sends a datagram, and waits until n documents were received.
func (r *running) sendTogether(t testing.TB, datagram string, n int64) {
	t.Helper()
	before := r.received("udp")
	c, err := net.Dial("udp", r.cfg.UDP.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(datagram)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if got := r.received("udp") - before; got != n {
			return fmt.Errorf("%d of %d documents were received", got, n)
		}
		return nil
	})
}

// TestDocumentsOfOneDatagramAreDecidedOneByOne has documents of a trace that
// fails among those of others, in datagrams of every mark.
func TestDocumentsOfOneDatagramAreDecidedOneByOne(t *testing.T) {
	h := newHouse(t)
	a := startAgent(t, h, t.TempDir(), func(c *Config) {
		var err error
		if c.Redact, err = redact.New(redact.Default()); err != nil {
			t.Fatal(err)
		}
	})
	good, bad, sampled, told := newTrace(), newTrace(), newTrace(), newTrace()
	a.sendTogether(t, together(markUndecided, 1, 0, document(good, ""), document(bad, `"metadata":{"d":{"mail":"asha@example.in"}}`), document(good, "")), 3)
	a.sendTogether(t, together(markUndecided, 1, 3, document(good, ""), document(bad, `"fault":true`)), 2)
	a.sendTogether(t, together("", 1, 5, document(sampled, "")), 1)
	a.sendTogether(t, together(`,"undecided":true,"kept":true`, 1, 6, document(told, ""), document(told, "")), 2)
	docs := h.await(t, bad, 2)
	for _, d := range docs {
		if strings.Contains(string(d.Segment.Document), "asha@") {
			t.Errorf("stored is %s", d.Segment.Document)
		}
	}
	h.await(t, sampled, 1)
	h.await(t, told, 2)
	s := a.balanced(t)
	if s.Received["udp"] != 8 || s.Stored != 5 || s.Waiting.Ring != 3 || s.Redacted["email"] != 1 || s.Missed != 0 || len(nonZero(s.Rejected)) > 0 {
		t.Errorf("%+v, %v redacted, %d missed", s.Books, s.Redacted, s.Missed)
	}
}

// TestWhatIsWrongWithADatagramOfSeveral has every sound document kept, and what
// is wrong refused by name.
func TestWhatIsWrongWithADatagramOfSeveral(t *testing.T) {
	one, two := document(newTrace(), ""), document(newTrace(), "")
	sound := together(markUndecided, 1, 0, one, two)
	line, docs, _ := strings.Cut(sound, "\n")
	many := strings.Repeat("x\n", documentsPerDatagram+5)
	cases := map[string]struct {
		datagram            string
		taken, form, others int64 // documents taken; refusals of the form and of documents
	}{
		"sound":                               {sound, 2, 0, 0},
		"without the last line feed":          {strings.TrimSuffix(sound, "\n"), 2, 0, 0},
		"it says more than there are":         {strings.Replace(sound, `"documents":2`, `"documents":3`, 1), 2, 1, 0},
		"it says far more":                    {strings.Replace(sound, `"documents":2`, `"documents":65536`, 1), 2, 1, 0},
		"it says fewer":                       {strings.Replace(sound, `"documents":2`, `"documents":1`, 1), 2, 1, 0},
		"it says none":                        {strings.Replace(sound, `"documents":2`, `"documents":0`, 1), 2, 1, 0},
		"a line feed between two is missing":  {line + "\n" + one + two + "\n", 0, 1, 1},
		"garbage among good ones":             {together(markUndecided, 1, 0, one, "nonsense", two), 2, 0, 1},
		"an empty line":                       {together(markUndecided, 1, 0, one, "", two), 2, 0, 1},
		"a document on two lines":             {together(markUndecided, 1, 0, one, strings.Replace(two, ",", ",\n", 1)), 1, 1, 2},
		"an array is no document":             {together(markUndecided, 1, 0, one, "["+two+"]"), 1, 0, 1},
		"nothing but the header line":         {line + "\n", 0, 1, 0},
		"no line feed at all":                 {line, 0, 1, 0},
		"a header line that is cut off":       {line[:len(line)-9] + "\n" + docs, 0, 1, 0},
		"no number":                           {strings.Replace(sound, `"documents":2`, `"documents":two`, 1), 0, 1, 0},
		"a number beyond all bounds":          {strings.Replace(sound, `"documents":2`, `"documents":99999999999999999999`, 1), 0, 1, 0},
		"kept without undecided":              {strings.Replace(sound, `"undecided"`, `"kept"`, 1), 0, 1, 0},
		"a sender that is no number":          {strings.Replace(sound, `"sender":"0000`, `"sender":"zzzz`, 1), 0, 1, 0},
		"more lines than anybody was told of": {strings.Replace(line, ":2,", ":64,", 1) + "\n" + many, 0, 1, documentsPerDatagram},
		"too large":                           {line + "\n" + strings.Repeat(one+"\n", 65536/len(one)+1), 0, 1, 0},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			a := still(t, "")
			if n := documentsIn([]byte(c.datagram)); int64(n) != c.taken+c.form+c.others {
				t.Errorf("it counts for %d documents", n)
			}
			datagram := []byte(c.datagram)
			a.desk.datagram(datagram, 0)
			s := a.Statement()
			if s.Difference != 0 || s.Received["udp"] != c.taken+c.form+c.others || s.Waiting.Ring != c.taken || s.Rejected["InvalidDatagram"] != c.form || total(s.Rejected) != c.form+c.others {
				t.Errorf("%+v", s.Books)
			}
		})
	}
}

func TestStrangersDocumentsAreCountedOneByOne(t *testing.T) {
	a := still(t, "")
	a.desk.datagram([]byte(together("", 1, 0, document(newTrace(), ""), "nonsense")), fromForeign)
	a.desk.datagram([]byte(together("", 1, 7, document(newTrace(), ""))), fromForeign)
	if s := a.Statement(); s.Difference != 0 || s.Received["udp"] != 3 || s.Lost["network"] != 3 || s.Missed != 0 {
		t.Errorf("%+v, %d missed", s.Books, s.Missed)
	}
}

// TestWhatSendersNumberedAndNeverCame leaves datagrams out.
func TestWhatSendersNumberedAndNeverCame(t *testing.T) {
	a := still(t, "")
	for _, d := range []struct{ sender, before, missed uint64 }{
		{1, 10, 0}, // who is not known begins anywhere
		{1, 11, 0}, {2, 0, 0}, {1, 15, 3}, {2, 1, 3}, {2, 3, 4}, {1, 16, 4},
		{1, 0, 4}, {1, 1, 4}, // it began anew
		{1, 1 << 40, 4}, // nobody believes that
		{1, 1<<40 + 2, 5},
	} {
		a.desk.datagram([]byte(together("", d.sender, d.before, document(newTrace(), ""))), 0)
		if got := a.Statement().Missed; got != int64(d.missed) {
			t.Errorf("after %d of sender %d: %d are missed, want %d", d.before, d.sender, got, d.missed)
		}
	}
	if s := a.Statement(); s.Difference != 0 {
		t.Errorf("%+v", s.Books)
	}
}

// TestSendersThatAreSilentAreForgotten has many of them, and few that go on.
func TestSendersThatAreSilentAreForgotten(t *testing.T) {
	var s senders
	s.next(1, 0, 1)
	s.next(2, 0, 1)
	for i := range uint64(5 * mostSenders) {
		s.next(100+i, 0, 1)
		if i%100 == 0 {
			if missed := s.next(1, 1+i/100*3, 1); i > 0 && missed != 2 {
				t.Fatalf("after %d others: %d missed of one that goes on", i, missed)
			}
		}
	}
	if n := len(s.young) + len(s.old); n > 2*mostSenders {
		t.Errorf("%d are remembered", n)
	}
	if missed := s.next(2, 100, 1); missed != 0 {
		t.Errorf("%d missed of one that was forgotten", missed)
	}
}

// FuzzSeveral wants that any datagram counts for as many documents before it is
// decided as after, and for none when it is.
func FuzzSeveral(f *testing.F) {
	doc := document(newTrace(), "")
	f.Add([]byte(together("", 1, 0, doc, doc)))
	f.Add([]byte(together(`,"undecided":true,"kept":true`, 1, 0, "", "\x00", doc)))
	f.Add([]byte(severalStart + "2}\n\n\n"))
	books := still(f, "")
	f.Fuzz(func(t *testing.T, datagram []byte) {
		before := books.Statement().Received["udp"]
		datagram = append([]byte(severalStart), datagram...)
		want := documentsIn(datagram)
		if want > documentsPerDatagram+1 {
			t.Fatalf("it counts for %d", want)
		}
		books.desk.datagram(datagram, 0)
		if s := books.Statement(); s.Difference != 0 || s.Received["udp"]-before != int64(want) {
			t.Fatalf("%d wait and %d were received: %+v", want, s.Received["udp"]-before, s.Books)
		}
		// An empty line has no byte that could say so; a form that is wrong stays so.
		empty := strings.Count("\n"+string(datagram)+"\n", "\n\n")
		if again := documentsIn(datagram); again > empty+1 {
			t.Fatalf("%d wait again", again)
		}
	})
}

// TestADatagramOfOurSDK is as tracing writes it.
func TestADatagramOfOurSDK(t *testing.T) {
	datagram, err := os.ReadFile("../tracing/testdata/several.datagram")
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := splitSeveral(datagram)
	if want := (severalHeader{documents: 3, mark: wire.Header{Undecided: true}, sender: 0xc0ffee0123456789, before: 4711}); err != nil || h != want {
		t.Errorf("its header line says %+v, %v", h, err)
	}
	a := still(t, "")
	a.desk.datagram(datagram, 0)
	if s := a.Statement(); s.Received["udp"] != 3 || len(nonZero(s.Rejected)) > 0 || s.Waiting.Ring+s.Waiting.Spool != 3 {
		t.Errorf("%+v", s.Books)
	}
}

// TestDocumentsTogetherAreReadAsAlone has documents of all producers behind one
// another, where what is behind one is not the end.
func TestDocumentsTogetherAreReadAsAlone(t *testing.T) {
	files, err := filepath.Glob("../wire/testdata/documents/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d documents: %v", len(files), err)
	}
	var docs []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var line bytes.Buffer
		if err := json.Compact(&line, text); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, line.String(), line.String()[:line.Len()-1]) // the second lacks its last bracket
	}
	redacting := func() *Agent {
		a := still(t, "")
		var err error
		if a.desk.redactor, err = redact.New(redact.Default()); err != nil {
			t.Fatal(err)
		}
		return a
	}
	alone, joined := redacting(), redacting()
	for i, doc := range docs {
		alone.desk.datagram([]byte(undecided+"\n"+doc), 0)
		some := docs[i:min(i+4, len(docs))]
		joined.desk.datagram([]byte(together(markUndecided, uint64(i), 0, some...)), 0)
		for _, doc := range some[1:] {
			alone.desk.datagram([]byte(undecided+"\n"+doc), 0)
		}
		if want, got := alone.Statement(), joined.Statement(); !reflect.DeepEqual(got.Books, want.Books) || !reflect.DeepEqual(got.Redacted, want.Redacted) {
			t.Fatalf("%.300q together: %+v %v\nalone: %+v %v", some, got.Books, got.Redacted, want.Books, want.Redacted)
		}
	}
}
