package applog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// examinedLog writes three records into one file and returns where they stand.
func examinedLog(t *testing.T) (*vfs.Fault, string, []Position) {
	t.Helper()
	fs := vfs.NewFault(1)
	l, err := Open(fs, "log", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var at []Position
	for i := range 3 {
		pos, err := l.Append(context.Background(), Record{Kind: byte(i + 1), Payload: []byte(fmt.Sprint("record ", i))})
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, pos)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return fs, segmentPath("log", 1), at
}

func TestExamineReadsOneFileAndChangesNothing(t *testing.T) {
	fs, path, at := examinedLog(t)
	lock, err := fs.Lock("log/LOCK") // nobody is in its way
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	var got []string
	e, err := Examine(fs, path, func(pos Position, kind byte, payload []byte) error {
		got = append(got, fmt.Sprint(pos, kind, string(payload)))
		return nil
	})
	want := fmt.Sprint([]string{fmt.Sprint(at[0], 1, "record 0"), fmt.Sprint(at[1], 2, "record 1"), fmt.Sprint(at[2], 3, "record 2")})
	if err != nil || fmt.Sprint(got) != want || e.Records != 3 || e.Number != 1 || len(e.Damage) != 0 || e.Last.Before(e.Created) {
		t.Errorf("%v, %+v, %v", got, e, err)
	}
	stop := errors.New("stop")
	if _, err := Examine(fs, path, func(Position, byte, []byte) error { return stop }); err != stop {
		t.Error(err)
	}
}

func TestExamineFindsDamageAndLeavesIt(t *testing.T) {
	fs, path, at := examinedLog(t)
	fs.Flip(path, at[1].Offset+frameHeaderSize, 1)
	before := string(fs.ReadFile(path))
	e, err := Examine(fs, path, nil)
	if err != nil || e.Records != 2 || len(e.Damage) != 1 || e.Damage[0].Offset != at[1].Offset {
		t.Errorf("%+v, %v", e, err)
	}
	fs.WriteFile(path, []byte(before[:len(before)-3]))
	if e, err = Examine(fs, path, nil); err != nil || e.Records != 1 || len(e.Damage) != 2 {
		t.Errorf("cut short: %+v, %v", e, err)
	}
	fs.WriteFile(path, []byte(before))
	fs.Flip(path, 9, 1)
	if e, err = Examine(fs, path, nil); err != nil || e.Records != 2 || !strings.Contains(e.Damage[0].Reason, "header is damaged") {
		t.Errorf("damaged header: %+v, %v", e, err)
	}
	var foreign *ForeignError
	fs.WriteFile(path, []byte("something else that is longer than a header of a log file, and is not one"))
	if _, err = Examine(fs, path, nil); !errors.As(err, &foreign) {
		t.Error(err)
	}
}
