// Package redact takes personal data out of segment documents before they leave a process.
package redact
