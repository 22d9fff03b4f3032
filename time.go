package roentgen

import "time"

// Time is an instant as nanoseconds since the Unix epoch, UTC. Documents
// write seconds with a fraction; eight bytes without a location are what
// columns and rows hold. It spans the years 1678 to 2262.
type Time int64

// At converts t.
func At(t time.Time) Time { return Time(t.UnixNano()) }

// Time converts back, in UTC.
func (t Time) Time() time.Time { return time.Unix(0, int64(t)).UTC() }

// Seconds returns epoch seconds as X-Ray's API writes them. A float64 holds
// today's seconds to about a quarter of a microsecond.
func (t Time) Seconds() float64 {
	return float64(t/1e9) + float64(t%1e9)/1e9
}

// Sub returns t-u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }
