// Package mariadb runs Debian's MariaDB on a folder, a port and a socket of its own, so that a whole station fits on one
// machine and an instance of the system is never touched: no configuration file of the machine is read, and nothing is
// written outside the folder. It listens on loopback only. Whoever starts the program also stops it, with SIGTERM: then
// MariaDB writes what is left and ends cleanly.
package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// Server says where MariaDB keeps its files and who may enter. All fields but Args are needed.
type Server struct {
	Dir      string // made where it is missing; whoever reads it reads the database
	Addr     string // 127.0.0.1:port
	User     string // letters, digits and underscores, as Database
	Password string
	Database string   // made where it is missing; User may do anything in it, and in those named Database_…
	Args     []string // more options of mariadbd
}

var plainName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,31}$`)

// Prepare makes the folder ready for the program of Program. The first time it takes about a second.
func (s Server) Prepare(ctx context.Context) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("preparing MariaDB in %s: %w", s.Dir, err)
	}
	if err := os.MkdirAll(s.path("tmp"), 0o700); err != nil {
		return fmt.Errorf("preparing MariaDB: %w", err)
	}
	if err := s.install(ctx); err != nil {
		return fmt.Errorf("preparing MariaDB in %s: %w", s.Dir, err)
	}
	if err := os.WriteFile(s.path("init.sql"), []byte(s.initial()), 0o600); err != nil {
		return fmt.Errorf("preparing MariaDB: %w", err)
	}
	return nil
}

func (s Server) check() error {
	host, _, err := net.SplitHostPort(s.Addr)
	switch {
	case err != nil:
		return fmt.Errorf("the address: %w", err)
	case !net.ParseIP(host).IsLoopback():
		return fmt.Errorf("the address %s is not on loopback; use 127.0.0.1", s.Addr)
	case !plainName.MatchString(s.User), !plainName.MatchString(s.Database):
		return errors.New("the names of user and database are letters, digits and underscores, 32 at most")
	case s.Password == "" || strings.ContainsAny(s.Password, "\x00\r\n"):
		return errors.New("the password is empty or has line breaks")
	}
	return nil
}

func (s Server) path(name string) string { return filepath.Join(s.Dir, name) }

// install makes the system tables, beside their final place: a folder named data is always a whole one.
func (s Server) install(ctx context.Context) error {
	if _, err := os.Stat(s.path("data")); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	program, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return err
	}
	me, err := user.Current()
	if err != nil {
		return fmt.Errorf("asking who runs this: %w", err)
	}
	unfinished := s.path("data.unfinished")
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	dir, err := filepath.Abs(unfinished)
	if err != nil {
		return err
	}
	// root of the database enters over the socket only, and only as the one who owns the folder.
	cmd := exec.CommandContext(ctx, program, append([]string{"--no-defaults", "--datadir=" + dir, "--user=" + me.Username,
		"--skip-test-db", "--force", // which only says: also where the machine's own name cannot be looked up
		"--auth-root-authentication-method=socket", "--auth-root-socket-user=" + me.Username}, sizes()...)...)
	cmd.Env = environment()
	proc.Lead(cmd) // it is a script: a cancelled context has to end what it has started too
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; it said: %s", program, err, lastLines(out, 5))
	}
	return os.Rename(unfinished, s.path("data"))
}

// initial is what MariaDB does each time before it takes connections: one statement a line.
func (s Server) initial() string {
	account := fmt.Sprintf("'%s'@'127.0.0.1'", s.User)
	password := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.Password)
	pattern := strings.ReplaceAll(s.Database, "_", `\_`) // else an underscore is any letter
	return strings.Join([]string{
		"CREATE DATABASE IF NOT EXISTS `" + s.Database + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
		"CREATE USER IF NOT EXISTS " + account + ";",
		"ALTER USER " + account + " IDENTIFIED BY '" + password + "';",
		"GRANT ALL PRIVILEGES ON `" + pattern + "`.* TO " + account + ";",
		"GRANT ALL PRIVILEGES ON `" + pattern + `\_%` + "`.* TO " + account + ";",
		"",
	}, "\n")
}

// Program is what to run after Prepare. It writes its log to standard error, and ends cleanly on SIGTERM.
func (s Server) Program() (path string, args, env []string, err error) {
	path, err = find("mariadbd", "mysqld")
	if err != nil {
		return "", nil, nil, err
	}
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return "", nil, nil, err
	}
	me, err := user.Current()
	if err != nil {
		return "", nil, nil, fmt.Errorf("asking who runs this: %w", err)
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return "", nil, nil, err
	}
	args = []string{
		"--no-defaults", // first, or the machine's own files are read
		"--user=" + me.Username,
		"--datadir=" + filepath.Join(dir, "data"),
		"--tmpdir=" + filepath.Join(dir, "tmp"),
		"--init-file=" + filepath.Join(dir, "init.sql"),
		// Below the data: the path of a socket has 107 bytes at most, and this one stays short.
		"--socket=mariadb.sock", "--pid-file=mariadb.pid",
		"--bind-address=" + host, "--port=" + port, "--skip-name-resolve", "--skip-log-bin",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci",
		// As large as the largest parameter that a service writes, with room.
		"--max-allowed-packet=64M",
	}
	return path, append(append(args, sizes()...), s.Args...), environment(), nil
}

// sizes fit one station beside the services on one machine.
func sizes() []string {
	return []string{"--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M"}
}

// environment is all that MariaDB sees of ours: MYSQL_… variables, and the secrets among them, stay out.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// DSN is how database/sql reaches the database with the driver mysql.
func (s Server) DSN() string { return s.config(s.Database).FormatDSN() }

func (s Server) config(database string) *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = s.User, s.Password, "tcp", s.Addr, database
	return cfg
}

// AwaitReady returns when User can enter Database, or with ctx's cause and what the last attempt said.
func (s Server) AwaitReady(ctx context.Context, after func(time.Duration) <-chan time.Time) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it only looked
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-after(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for MariaDB on %s: %w (%w)", s.Addr, context.Cause(ctx), err)
		}
	}
}

// open leaves the driver's own complaints out: a server that is still starting is no news.
func (s Server) open() (*sql.DB, error) {
	cfg := s.config(s.Database)
	cfg.Timeout = 2 * time.Second
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("reaching MariaDB on %s: %w", s.Addr, err)
	}
	return sql.OpenDB(connector), nil
}

// find looks where Debian puts it as well: /usr/sbin is not on everybody's PATH.
func find(names ...string) (string, error) {
	for _, name := range names {
		for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
			if path, err := exec.LookPath(candidate); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("this machine has no %s; install Debian's package mariadb-server", names[0])
}

func lastLines(out []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
