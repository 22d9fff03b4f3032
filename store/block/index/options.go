package index

// Options bound what a Builder keeps of one block. What is beyond a bound is still found, only less exactly: a value
// of many is known by its hash alone, and a trace that is too much matches whatever is asked. The zero Options work.
type Options struct {
	// MaxKeys is how many annotation keys have a field of their own, those that the most traces have. The others are
	// hashed. Default 1024.
	MaxKeys int
	// MaxValues is how many values of one field are kept in words, so that every operator is decided by them. Default
	// 4096.
	MaxValues int
	// MaxTerms is how many different values the Builder keeps apart while it adds, over all fields. Default 131,072,
	// for which it takes some 10 MB and the values' own length.
	MaxTerms int
	// MaxHashed is how many pairs of a hashed value and a trace there are. Default 1,048,576, of about 5 bytes.
	MaxHashed int
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		at    *int
		value int
	}{{&o.MaxKeys, 1024}, {&o.MaxValues, 4096}, {&o.MaxTerms, 1 << 17}, {&o.MaxHashed, 1 << 20}} {
		if *d.at <= 0 {
			*d.at = d.value
		}
	}
	return o
}

// maxValueBytes bounds all values that a Builder keeps in words while it adds: what is longer is hashed.
const maxValueBytes = 16 << 20
