package tracing

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"

	"go.opentelemetry.io/otel/trace"
)

// OpenDB opens a database as sql.Open does, with each query, execution and
// ping inside a segment recorded as a subsegment. It is named "<db>@<host>", or
// after the file, has namespace remote, and a sql block with the query freed
// of literals (never arguments) and the data source freed of secrets. It ends
// when the driver returns the first row or the result. A connection that
// cannot be made is recorded too. The driver's behaviour does not change, but
// sql.Conn.Raw sees the wrapper; its Raw method returns the driver's own.
func (tr *Tracing) OpenDB(driverName, dsn string) (*sql.DB, error) {
	db, err := sql.Open(driverName, dsn)
	if err != nil || tr.set.disabled {
		return db, err
	}
	d := db.Driver()
	if err := db.Close(); err != nil { // it was opened for the driver behind the name; nothing is connected
		return nil, err
	}
	c, err := connectorOf(d, dsn)
	if err != nil {
		return nil, err
	}
	dia := dialectOf(driverName)
	src := parseDSN(dsn, dia)
	return sql.OpenDB(&connector{Connector: c, about: &database{tr: tr, dialect: dia, source: src, name: src.name(dia)}}), nil
}

func connectorOf(d driver.Driver, dsn string) (driver.Connector, error) {
	if dc, ok := d.(driver.DriverContext); ok {
		return dc.OpenConnector(dsn)
	}
	return plainConnector{d, dsn}, nil
}

// plainConnector serves drivers that know no connectors.
type plainConnector struct {
	driver driver.Driver
	dsn    string
}

func (p plainConnector) Connect(context.Context) (driver.Conn, error) { return p.driver.Open(p.dsn) }
func (p plainConnector) Driver() driver.Driver                        { return p.driver }

// connector records failing connections; the others are part of the query that
// needed them.
type connector struct {
	driver.Connector
	about *database
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	s, _ := c.about.begin(ctx, "CONNECT", "")
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		c.about.end(s, err)
		return nil, err
	}
	s.discard()
	return &conn{Conn: inner, about: c.about}, nil
}

// Close is called by sql.DB.Close on connectors that have it.
func (c *connector) Close() error {
	if closer, ok := c.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// database is what all connections share. It never changes.
type database struct {
	tr      *Tracing
	dialect dialect
	source  source
	name    string
}

// begin starts a subsegment, or returns nil outside of a recorded segment. A
// missing segment is counted and logged for statements only, and never panics:
// database/sql calls with locks held.
func (a *database) begin(ctx context.Context, query, preparation string) (*span, context.Context) {
	parent, idle := current(ctx)
	if parent == nil {
		if idle == nil && query != "CONNECT" && query != "PING" {
			a.tr.missing(ctx, "OpenDB", a.name)
		}
		return nil, ctx
	}
	s := parent.child(ctx, a.name)
	s.kind = trace.SpanKindClient
	info := &sqlInfo{
		url: a.source.url, connection: a.source.connection, dbType: a.dialect.title, user: a.source.user,
		preparation: preparation, query: sanitise(query, a.dialect),
	}
	s.seg.mu.Lock()
	s.detailsLocked().sql = info
	s.seg.mu.Unlock()
	return s, s.inContext()
}

// end finishes a subsegment. ErrSkip means that the driver did nothing, and
// database/sql will try another way.
func (a *database) end(s *span, err error) {
	switch {
	case s == nil:
	case err == driver.ErrSkip:
		s.discard()
	case err != nil:
		s.fail(err)
		s.end(s.seg.elapsed())
	default:
		s.end(s.seg.elapsed())
	}
}

// discard forgets a subsegment that turned out to be nothing.
func (s *span) discard() {
	if s != nil && s.touch() {
		s.ended = true
		s.release()
	}
}
