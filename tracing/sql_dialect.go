package tracing

import "strings"

// sqlInfo is the sql block of a document.
type sqlInfo struct {
	url, connection, dbType, user, preparation, query string
}

// dialect is what the sanitiser must know of a database to find where its
// literals end. A wrong guess could show the inside of a string.
type dialect struct {
	title     string // database_type, in the words of the official SDK where it has one
	backslash bool   // \' does not end a string
	ident     bool   // "…" is a name, not a string
	dollar    bool   // $tag$…$tag$ is a string, E'…' has backslashes
	nested    bool   // comments nest
	hash      bool   // # starts a comment
	bracket   bool   // […] is a name
	guess     bool   // unknown database: give up where it matters
}

// dialects returns the known databases by OpenTelemetry's db.system.
func dialects() map[string]dialect {
	postgres := dialect{title: "Postgres", ident: true, dollar: true, nested: true}
	mysql := dialect{title: "MySQL", backslash: true, hash: true}
	mssql := dialect{title: "MS SQL", ident: true, nested: true, bracket: true}
	oracle := dialect{title: "Oracle", ident: true}
	other := func(title string) dialect { return dialect{title: title, guess: true} }
	return map[string]dialect{
		"postgresql": postgres, "mysql": mysql, "mariadb": mysql,
		"mssql": mssql, "microsoft.sql_server": mssql, "oracle": oracle, "oracle.db": oracle,
		"sqlite": {title: "SQLite", bracket: true}, "other_sql": other("Unknown"), "db2": other("DB2"), "ibm.db2": other("DB2"),
		"derby": other("Derby"), "hive": other("Hive"), "teradata": other("Teradata"),
	}
}

// dialectOf guesses the database from the name of a database/sql driver.
func dialectOf(driver string) dialect {
	guesses := []struct{ part, system string }{
		{"postgres", "postgresql"}, {"pgx", "postgresql"}, {"pq", "postgresql"}, {"cockroach", "postgresql"},
		{"mysql", "mysql"}, {"maria", "mysql"}, {"sqlite", "sqlite"}, {"libsql", "sqlite"},
		{"sqlserver", "mssql"}, {"mssql", "mssql"}, {"azuresql", "mssql"},
		{"oracle", "oracle"}, {"godror", "oracle"}, {"oci8", "oracle"},
	}
	d := dialects()
	for _, g := range guesses {
		if strings.Contains(strings.ToLower(driver), g.part) {
			return d[g.system]
		}
	}
	return d["other_sql"]
}
