//go:build !unix

package upstream

import "time"

// cpu is not known here.
func cpu() time.Duration { return 0 }
