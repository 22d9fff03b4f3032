package tracing

import (
	"context"
	"database/sql/driver"
	"errors"
)

// conn wraps a driver's connection. It has every optional interface; where
// the driver lacks one it does what database/sql would have done.
type conn struct {
	driver.Conn
	about *database
}

var (
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// Raw returns the driver's own connection.
func (c *conn) Raw() driver.Conn { return c.Conn }

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	run, ok := c.queryer()
	if !ok {
		return nil, driver.ErrSkip
	}
	s, ctx := c.about.begin(ctx, query, "")
	rows, err := run(ctx, query, args)
	c.about.end(s, err)
	return rows, err
}

type queryFunc = func(context.Context, string, []driver.NamedValue) (driver.Rows, error)

// queryer finds the newer or the older way to query without preparing.
func (c *conn) queryer() (queryFunc, bool) {
	if q, ok := c.Conn.(driver.QueryerContext); ok {
		return q.QueryContext, true
	}
	//lint:ignore SA1019 older drivers have nothing newer
	q, ok := c.Conn.(driver.Queryer)
	return func(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
		vs, err := plainValues(ctx, args)
		if err != nil {
			return nil, err
		}
		return q.Query(query, vs)
	}, ok
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	run, ok := c.execer()
	if !ok {
		return nil, driver.ErrSkip
	}
	s, ctx := c.about.begin(ctx, query, "")
	res, err := run(ctx, query, args)
	c.about.end(s, err)
	return res, err
}

type execFunc = func(context.Context, string, []driver.NamedValue) (driver.Result, error)

func (c *conn) execer() (execFunc, bool) {
	if e, ok := c.Conn.(driver.ExecerContext); ok {
		return e.ExecContext, true
	}
	//lint:ignore SA1019 older drivers have nothing newer
	e, ok := c.Conn.(driver.Execer)
	return func(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
		vs, err := plainValues(ctx, args)
		if err != nil {
			return nil, err
		}
		return e.Exec(query, vs)
	}, ok
}

// plainValues serves the older interfaces, which know neither names nor
// contexts.
func plainValues(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	vs := make([]driver.Value, len(args))
	for i, a := range args {
		if a.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		vs[i] = a.Value
	}
	return vs, ctx.Err()
}

// PrepareContext is not recorded, as in the official SDK; the statement's use is.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{Stmt: st, conn: c, query: query}, nil
}

func (c *conn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	st, err := c.Conn.Prepare(query)
	if err == nil && ctx.Err() != nil {
		st.Close()
		return nil, ctx.Err()
	}
	return st, err
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// BeginTx is not recorded. Transactions need no wrapper: their statements run
// on the connection.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	if opts.Isolation != 0 {
		return nil, errors.New("sql: driver does not support non-default isolation level")
	}
	if opts.ReadOnly {
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	tx, err := c.Conn.Begin() //lint:ignore SA1019 the driver has nothing newer
	if err == nil && ctx.Err() != nil {
		tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

func (c *conn) Ping(ctx context.Context) error {
	p, ok := c.Conn.(driver.Pinger)
	if !ok {
		return nil
	}
	s, ctx := c.about.begin(ctx, "PING", "")
	err := p.Ping(ctx)
	c.about.end(s, err)
	return err
}

func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// stmt wraps a prepared statement in the same way.
type stmt struct {
	driver.Stmt
	conn  *conn
	query string
}

var (
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
	//lint:ignore SA1019 database/sql still asks for it
	_ driver.ColumnConverter = (*stmt)(nil)
)

func (t *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	s, ctx := t.conn.about.begin(ctx, t.query, "statement")
	if q, ok := t.Stmt.(driver.StmtQueryContext); ok {
		rows, err = q.QueryContext(ctx, args)
	} else {
		var vs []driver.Value
		if vs, err = plainValues(ctx, args); err == nil {
			rows, err = t.Stmt.Query(vs) //lint:ignore SA1019 the driver has nothing newer
		}
	}
	t.conn.about.end(s, err)
	return rows, err
}

func (t *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (res driver.Result, err error) {
	s, ctx := t.conn.about.begin(ctx, t.query, "statement")
	if e, ok := t.Stmt.(driver.StmtExecContext); ok {
		res, err = e.ExecContext(ctx, args)
	} else {
		var vs []driver.Value
		if vs, err = plainValues(ctx, args); err == nil {
			res, err = t.Stmt.Exec(vs) //lint:ignore SA1019 the driver has nothing newer
		}
	}
	t.conn.about.end(s, err)
	return res, err
}

// CheckNamedValue asks the statement, then the connection, as database/sql
// does.
func (t *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := t.Stmt.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return t.conn.CheckNamedValue(v)
}

// ColumnConverter falls back to the conversion that database/sql uses.
func (t *stmt) ColumnConverter(i int) driver.ValueConverter {
	//lint:ignore SA1019 drivers still have it
	if c, ok := t.Stmt.(driver.ColumnConverter); ok {
		return c.ColumnConverter(i)
	}
	return driver.DefaultParameterConverter
}
