package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql" // the driver "mysql"
	"github.com/pressly/goose/v3/lock"
)

// minPacket is what the server has to take in one piece: MaxBody with room. It is MariaDB's default.
const minPacket = 16 << 20

func driverSource(dsn string, user *url.Userinfo) (source, error) {
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		return source{}, errNoSource
	}
	if user != nil {
		cfg.User = user.Username()
		cfg.Passwd, _ = user.Password()
	}
	if cfg.DBName == "" {
		return source{}, errors.New("opening the database: the DSN names no database: append it, as in mysql://user:password@host:3306/afirgen")
	}
	if err := settle(cfg); err != nil {
		return source{}, errNoSource
	}
	form := cfg.FormatDSN()
	return source{
		kind: MySQL, name: cfg.DBName + " at " + cfg.Addr, dsn: form, conns: 16, writers: 12,
		prepare: func() error { return nil },
		locker:  func(done history, _ int64) lock.SessionLocker { return mysqlMigration{done} },
		check:   func(ctx context.Context, open OpenDB) error { return checkServer(ctx, form, open) },
	}, nil
}

// settle sets what must not depend on the operator or on the server's own settings.
func settle(cfg *mysql.Config) error {
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.ClientFoundRows = true  // count the rows that an UPDATE has found
	cfg.RejectReadOnly = true   // after a failover, look for the new primary
	cfg.MultiStatements = false // one is enough for a mistake
	cfg.InterpolateParams = false
	cfg.Collation = "utf8mb4_bin"
	within := func(d *time.Duration, bound time.Duration) {
		if *d <= 0 {
			*d = bound
		}
	}
	within(&cfg.Timeout, 5*time.Second)
	within(&cfg.ReadTimeout, 10*time.Second) // above what the server waits for a lock
	within(&cfg.WriteTimeout, 10*time.Second)
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["sql_mode"] = "'TRADITIONAL'" // refuse what does not fit, never cut it
	cfg.Params["time_zone"] = "'+00:00'"
	cfg.Params["innodb_lock_wait_timeout"] = "5"
	return cfg.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin"))
}

func checkServer(ctx context.Context, dsn string, open OpenDB) error {
	db, err := open(MySQL, dsn)
	if err != nil {
		return err
	}
	return errors.Join(checkPacket(ctx, db), db.Close())
}

func checkPacket(ctx context.Context, db *sql.DB) error {
	var packet int64
	if err := db.QueryRowContext(ctx, "SELECT @@max_allowed_packet").Scan(&packet); err != nil {
		return err
	}
	if packet < minPacket {
		return fmt.Errorf("the server takes %d bytes in one piece: set its max_allowed_packet to %d or more", packet, minPacket)
	}
	return nil
}

// mysqlProblem tells what a server's error means for the caller.
func mysqlProblem(e *mysql.MySQLError) problem {
	switch e.Number {
	case 1062: // duplicate entry
		return taken
	case 1213, // deadlock
		1205, // lock wait timeout
		1020: // record has changed since it was read: MariaDB with snapshot isolation
		return again
	case 3, 1021, 1026, 1030, 1114, // disk or table full, storage engine out of order
		1040, 1203, 1226, // too many connections
		1044, 1045, 1049, 1698, // access denied, unknown database: somebody works on it
		1053, 1079, 1077, // shutting down
		1290, 1792, 1836, // read-only
		1317, 1927, 1969, 3024, // interrupted, killed, took too long
		1180: // error during commit
		return away
	}
	return broken
}

// silent is what an error of the server may say: its own message can quote a value of the statement.
func silent(e *mysql.MySQLError) string {
	return strings.TrimSpace(fmt.Sprintf("the server answers with error %d %s", e.Number, strings.TrimRight(string(e.SQLState[:]), "\x00")))
}
