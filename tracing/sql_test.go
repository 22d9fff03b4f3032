package tracing

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	_ "modernc.org/sqlite"
)

func TestQueriesBecomeSubsegmentsWithoutTheirValues(t *testing.T) {
	tr, a := start(t, Config{})
	db, err := tr.OpenDB("sqlite", "file:"+filepath.Join(t.TempDir(), "fir.db")+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d := a.segment(tr, func(ctx context.Context) {
		must := func(_ sql.Result, err error) {
			if err != nil {
				t.Error(err)
			}
		}
		must(db.ExecContext(ctx, "CREATE TABLE t (id INTEGER, name TEXT)"))
		must(db.ExecContext(ctx, "INSERT INTO t VALUES (?, ?)", 7, "Ravi"))
		must(db.ExecContext(ctx, "INSERT INTO t VALUES (8, 'Sita') -- 98765"))
		st, err := db.PrepareContext(ctx, "SELECT name FROM t WHERE id = @id")
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		var name string
		if err := st.QueryRowContext(ctx, sql.Named("id", 7)).Scan(&name); err != nil || name != "Ravi" {
			t.Errorf("got %q, %v", name, err)
		}
		if err := db.PingContext(ctx); err != nil {
			t.Error(err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRowContext(ctx, "SELECT nothing FROM nowhere").Scan(&name); err == nil {
			t.Error("a wrong query worked")
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	})
	want := []string{"CREATE TABLE t (id INTEGER, name TEXT)", "INSERT INTO t VALUES (?, ?)", "INSERT INTO t VALUES (?, ?)",
		"SELECT name FROM t WHERE id = @id", "PING", "SELECT nothing FROM nowhere"}
	for i, q := range want {
		sub := at(t, d, "subsegments", i)
		a.is(sub, `"fir.db"`, "name")
		a.is(sub, `"remote"`, "namespace")
		a.is(sub, `"`+q+`"`, "sql", "sanitized_query")
		a.is(sub, `"SQLite"`, "sql", "database_type")
		a.is(sub, `"fir.db"`, "sql", "connection_string")
	}
	a.is(d, `"statement"`, "subsegments", 3, "sql", "preparation")
	a.is(d, `true`, "subsegments", 5, "fault")
	a.is(d, `null`, "subsegments", 6)
}

// old is a driver with none of the optional interfaces, and with faults to
// order.
type old struct {
	failing *error // what the next call returns, if not nil
	log     *[]string
}

func (o old) fail(call string) error {
	*o.log = append(*o.log, call)
	err := *o.failing
	*o.failing = nil
	return err
}

func (o old) Open(string) (driver.Conn, error) { return oldConn{o}, o.fail("open") }

type oldConn struct{ o old }

func (c oldConn) Prepare(q string) (driver.Stmt, error) { return oldStmt(c), c.o.fail("prepare") }
func (c oldConn) Close() error                          { return nil }
func (c oldConn) Begin() (driver.Tx, error)             { return oldTx{}, c.o.fail("begin") }

type oldTx struct{}

func (oldTx) Commit() error   { return nil }
func (oldTx) Rollback() error { return nil }

type oldStmt struct{ o old }

func (oldStmt) Close() error  { return nil }
func (oldStmt) NumInput() int { return -1 }
func (s oldStmt) Exec(a []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(len(a)), s.o.fail("exec")
}
func (s oldStmt) Query(a []driver.Value) (driver.Rows, error) { return oldRows{}, s.o.fail("query") }

type oldRows struct{}

func (oldRows) Columns() []string         { return []string{"x"} }
func (oldRows) Close() error              { return nil }
func (oldRows) Next([]driver.Value) error { return io.EOF }

// openOld opens an old driver through the wrapper.
func openOld(t *testing.T, tr *Tracing) (*sql.DB, old) {
	t.Helper()
	o := old{failing: new(error), log: new([]string)}
	name := fmt.Sprintf("old-%s-%p", t.Name(), o.log) // names can't be registered twice, tests can be run twice
	sql.Register(name, o)
	db, err := tr.OpenDB(name, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, o
}

func TestADriverWithoutOptionalInterfacesWorks(t *testing.T) {
	tr, a := start(t, Config{})
	db, o := openOld(t, tr)
	d := a.segment(tr, func(ctx context.Context) {
		res, err := db.ExecContext(ctx, "UPDATE t SET x = 1", 1, "two")
		if n, _ := res.RowsAffected(); n != 2 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		rows, err := db.QueryContext(ctx, "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		rows.Close()
		if err := db.PingContext(ctx); err != nil {
			t.Error(err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = tx.Commit()
		if _, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err == nil {
			t.Error("a read-only transaction began")
		}
		if _, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}); err == nil {
			t.Error("a serialisable transaction began")
		}
		if _, err := db.ExecContext(ctx, "UPDATE", sql.Named("n", 1)); err == nil || !strings.Contains(err.Error(), "Named") {
			t.Errorf("named argument gave %v", err)
		}
	})
	if got := fmt.Sprint(*o.log); got != "[open prepare exec prepare query begin prepare]" {
		t.Errorf("calls were %v", got)
	}
	a.is(d, `"UPDATE t SET x = ?"`, "subsegments", 0, "sql", "sanitized_query")
	a.is(d, `"Unknown"`, "subsegments", 0, "name")
	a.is(d, `null`, "subsegments", 3)
}

func TestDatabaseErrorsComeBackUnchanged(t *testing.T) {
	tr, a := start(t, Config{})
	db, o := openOld(t, tr)
	broken := errors.New("no route")
	d := a.segment(tr, func(ctx context.Context) {
		*o.failing = broken
		if _, err := db.ExecContext(ctx, "UPDATE a"); err != broken {
			t.Errorf("connecting gave %v", err)
		}
		// A dead connection is tried again on another; the caller sees nothing.
		if _, err := db.ExecContext(ctx, "UPDATE b"); err != nil {
			t.Error(err)
		}
		*o.log = nil
		st, err := db.PrepareContext(ctx, "UPDATE c")
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		*o.failing = driver.ErrBadConn
		if _, err := st.ExecContext(ctx); err != nil {
			t.Errorf("after a dead connection: %v", err)
		}
	})
	a.is(d, `"CONNECT"`, "subsegments", 0, "sql", "sanitized_query")
	a.is(d, `"no route"`, "subsegments", 0, "cause", "exceptions", 0, "message")
	a.is(d, `true`, "subsegments", 2, "fault")
	a.is(d, `"UPDATE c"`, "subsegments", 3, "sql", "sanitized_query")
	a.is(d, `null`, "subsegments", 3, "fault")
	if got := fmt.Sprint(*o.log); got != "[prepare exec open prepare exec]" && got != "[prepare exec prepare exec]" {
		t.Errorf("calls were %v", got)
	}
}

func TestDatabasesWorkWithoutASegment(t *testing.T) {
	tr := startAt(t, Config{ContextMissing: RuntimeError})
	db, _ := openOld(t, tr)
	if _, err := db.Exec("UPDATE"); err != nil {
		t.Error(err)
	}
	if tr.Stats().ContextMissing != 1 {
		t.Errorf("stats %+v", tr.Stats())
	}
	if _, err := tr.OpenDB("no such driver", ""); err == nil {
		t.Error("an unknown driver was opened")
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.Raw(func(c any) error {
		if _, ok := c.(interface{ Raw() driver.Conn }).Raw().(oldConn); !ok {
			t.Error("the driver's own connection cannot be had")
		}
		return nil
	})
}

func TestLiteralsAreReplaced(t *testing.T) {
	d := dialects()
	cases := []struct{ system, in, want string }{
		{"sqlite", "SELECT * FROM t WHERE a='x' AND b = 1.5e-3 AND c IN (1, 2,3)", "SELECT * FROM t WHERE a=? AND b = ? AND c IN (?, ?,?)"},
		{"sqlite", "SELECT 'it''s', \"Ravi Kumar\", [it's] FROM `t 1`", "SELECT ?, ?, [it's] FROM `t 1`"},
		{"sqlite", "INSERT INTO t1 VALUES (x'53514C', -0xFF, .5, :name, ?1, $x, @y)", "INSERT INTO t1 VALUES (?, -?, ?, :name, ?, $x, @y)"},
		{"postgresql", `SELECT "Name", E'a\'b', $1, $tag$it's$tag$, a::text FROM s.t2`, `SELECT "Name", ?, $1, ?, a::text FROM s.t2`},
		{"postgresql", `SELECT 'C:\', x FROM t`, `SELECT ?, x FROM t`},
		{"postgresql", "SELECT 1 /* a /* b */ 'c' */ + 2", "SELECT ? + ?"},
		{"mysql", `SELECT 'a\'b', "c\"d" FROM t # it's`, `SELECT ?, ? FROM t`},
		{"mysql", "SELECT 1 -- it's\n\n  FROM\tt /*! STRAIGHT_JOIN */ LIMIT 10", "SELECT ? FROM t LIMIT ?"},
		{"mssql", "SELECT [it's], N'x', @p1 FROM [dbo].[t]", "SELECT [it's], ?, @p1 FROM [dbo].[t]"},
		{"oracle", "SELECT q'[it's]', x FROM t WHERE y = 'z'", "SELECT ?"},
		{"oracle", "SELECT :1, \"X\" FROM dual", "SELECT :1, \"X\" FROM dual"},
		{"other_sql", `SELECT 'a\' , 'secret' FROM t`, "SELECT ?"},
		{"other_sql", "SELECT /* /* */ 'x' */ 1", "SELECT ?"},
		{"sqlite", "SELECT 'open", "SELECT ?"},
		{"sqlite", "SELECT 'नाम', naïve FROM तालिका", "SELECT ?, naïve FROM तालिका"},
		{"sqlite", "", ""},
	}
	for _, c := range cases {
		if got := sanitise(c.in, d[c.system]); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.system, c.in, got, c.want)
		}
	}
}

func FuzzSanitise(f *testing.F) {
	f.Add("SELECT * FROM t WHERE a = ", "secret'\\\"", " AND b = 1 -- x", 0)
	f.Add(`"a" [b] $$c$$ E`, "x", "/* */", 3)
	systems := []string{"sqlite", "postgresql", "mysql", "mssql", "oracle", "other_sql"}
	f.Fuzz(func(t *testing.T, before, value, after string, system int) {
		d := dialects()[systems[uint(system)%uint(len(systems))]]
		// Whatever comes in, the answer is bounded UTF-8 and stable.
		for _, q := range []string{before, before + value + after} {
			out := sanitise(q, d)
			if len(out) > maxQuery || !utf8.ValidString(out) {
				t.Fatalf("%q became %q", q, out)
			}
		}
		// A properly quoted value never shows, whatever its bytes.
		marker := "Q7Z" + value + "Q7Z"
		quoted := "'" + strings.ReplaceAll(marker, "'", "''") + "'"
		if d.backslash {
			quoted = "'" + strings.NewReplacer("'", `\'`, `\`, `\\`).Replace(marker) + "'"
		}
		if out := sanitise("SELECT a FROM t WHERE b = "+quoted+" AND c = "+quoted, d); strings.Contains(out, "Q7Z") {
			t.Fatalf("%s: %q shows in %q", d.title, marker, out)
		}
	})
}

func TestDataSourcesLoseTheirSecrets(t *testing.T) {
	cases := []struct{ driver, dsn, name, shown, user string }{
		{"pgx", "postgres://app:pa%3Ass@db.test:5432/fir?sslmode=require&password=x", "fir@db.test", "postgres://app@db.test:5432/fir", "app"},
		{"postgres", "host=db.test dbname=fir user=app password=secret sslmode=disable", "fir@db.test", "host=db.test dbname=fir user=app sslmode=disable", "app"},
		{"postgres", "host=db.test password='a b' dbname=fir", "Postgres", "", ""},
		{"mysql", "app:p@ss/wo:rd@tcp(db.test:3306)/fir?parseTime=true", "fir@db.test", "app@tcp(db.test:3306)/fir", "app"},
		{"mysql", "app:secret@unix(/run/mysqld.sock)/fir", "fir@localhost", "app@unix(/run/mysqld.sock)/fir", "app"},
		{"mysql", "/fir", "fir", "/fir", ""},
		{"sqlserver", "sqlserver://sa:pw@db.test:1433?database=fir", "fir@db.test", "sqlserver://sa@db.test:1433", "sa"},
		{"mssql", "Server=tcp:db.test,1433;Database=fir;User Id=sa;Password=pw;Pwd=pw2", "fir@db.test,1433", "Server=tcp:db.test,1433;Database=fir;User Id=sa", "sa"},
		{"sqlite", "file:/var/lib/afirgen/fir.db?_pragma=key('secret')", "fir.db", "fir.db", ""},
		{"sqlite", "file:///var/lib/fir.db", "fir.db", "fir.db", ""},
		{"sqlite", ":memory:", "memory", "memory", ""},
		{"other", "app/secret@db", "Unknown", "", ""},
		{"pgx", "postgres://[bad:secret@x/y", "Postgres", "", ""},
	}
	for _, c := range cases {
		d := dialectOf(c.driver)
		s := parseDSN(c.dsn, d)
		if got := s.name(d); got != c.name {
			t.Errorf("%s is named %q, want %q", c.dsn, got, c.name)
		}
		if s.url+s.connection != c.shown || s.user != c.user {
			t.Errorf("%s is shown as %q of %q, want %q of %q", c.dsn, s.url+s.connection, s.user, c.shown, c.user)
		}
	}
}
