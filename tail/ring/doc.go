// Package ring holds documents in arrival order until they are taken or overwritten.
package ring
