package graph

// pages is how many pages a sheet needs for the longest duration.
const pages = 48

// sheet adds up many durations: a page of buckets for each power of two that
// occurs. It is for the time of one answer, because pages are large.
type sheet [pages]*[perOctave]bin

// add adds up a bin of a bucket.
func (s *sheet) add(b bin) {
	page := s[b.key>>bucketBits]
	if page == nil {
		page = new([perOctave]bin)
		s[b.key>>bucketBits] = page
	}
	at := &page[b.key&(perOctave-1)]
	at.key = b.key
	at.n += b.n
	at.over += b.over
}

func (s *sheet) addAll(all bins) {
	for _, b := range all {
		s.add(b)
	}
}

// bins returns what was added.
func (s *sheet) bins() bins {
	size := 0
	s.each(func(bin) { size++ })
	if size == 0 {
		return nil
	}
	out := make(bins, 0, size)
	s.each(func(b bin) { out = append(out, b) })
	return out
}

func (s *sheet) each(fn func(bin)) {
	for _, page := range s {
		if page == nil {
			continue
		}
		for _, b := range page {
			if b.n != 0 {
				fn(b)
			}
		}
	}
}
