package mariadbtest

import (
	"database/sql"
	"testing"
	"time"
)

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func must(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestEachCallHasADatabaseOfItsOwn(t *testing.T) {
	a, b := open(t, Start(t)), open(t, Start(t))
	must(t, a, "CREATE TABLE complaint (text VARCHAR(100))")
	must(t, b, "CREATE TABLE complaint (text VARCHAR(100))")
	must(t, a, "INSERT INTO complaint VALUES (?)", "मेरी साइकिल चोरी हो गई 🚲")
	var text string
	if err := a.QueryRowContext(t.Context(), "SELECT text FROM complaint").Scan(&text); err != nil || text != "मेरी साइकिल चोरी हो गई 🚲" {
		t.Errorf("read back %q, %v", text, err)
	}
	if err := b.QueryRowContext(t.Context(), "SELECT text FROM complaint").Scan(&text); err != sql.ErrNoRows {
		t.Errorf("the neighbour's row is here: %q, %v", text, err)
	}
}

func TestADatabaseOutlivesAPowerCutAndARestart(t *testing.T) {
	server := New(t)
	db := open(t, server.Database(t))
	must(t, db, "CREATE TABLE fir (number VARCHAR(40) PRIMARY KEY) ENGINE=InnoDB")
	must(t, db, "INSERT INTO fir VALUES ('PS01/0001/2026')")
	server.Kill(t)
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("a killed server answers")
	}
	server.Start(t)
	must(t, db, "INSERT INTO fir VALUES ('PS01/0002/2026')")
	server.Stop(t)
	server.Start(t)
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM fir").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows are left, %v; want 2", n, err)
	}
}

func TestAFrozenServerAnswersOnceThawed(t *testing.T) {
	server := New(t)
	db := open(t, server.Database(t))
	must(t, db, "SELECT 1")
	server.Freeze(t)
	answered := make(chan error, 1)
	go func() { answered <- db.PingContext(t.Context()) }()
	select {
	case err := <-answered:
		t.Errorf("a frozen server answered: %v", err)
	case <-time.After(100 * time.Millisecond): // only ever fails when it is wrong
	}
	server.Thaw(t)
	if err := <-answered; err != nil {
		t.Error(err)
	}
}
