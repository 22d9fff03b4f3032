//go:build !unix

package upstream

// alive cannot be told here: a request on a connection that is not fails, and is
// made again.
func (c *connection) alive() bool { return true }
