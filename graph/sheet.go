package graph

const (
	// pages is how many pages a sheet needs for the longest duration.
	pages = 48
	// fewBins is how many bins are kept as such: less than a page takes.
	fewBins = 32
)

// sheet adds up many durations: a few bins as they are, because a graph may
// have a hundred thousand nodes of which each was seen once, and more on a page
// of buckets for each power of two that occurs. It is for the time of one
// answer, because pages are large.
type sheet struct {
	few   bins // while there are no pages
	pages *[pages]*[perOctave]bin
}

// add adds up a bin of a bucket.
func (s *sheet) add(b bin) {
	if s.pages != nil {
		s.enter(b)
		return
	}
	if s.few.add(b); len(s.few) > fewBins {
		s.spread()
	}
}

func (s *sheet) addAll(all bins) {
	if s.pages == nil && len(all) > fewBins {
		s.spread()
	}
	for _, b := range all {
		s.add(b)
	}
}

// spread goes over to pages.
func (s *sheet) spread() {
	few := s.few
	s.few, s.pages = nil, new([pages]*[perOctave]bin)
	for _, b := range few {
		s.enter(b)
	}
}

// enter adds up a bin on its page.
func (s *sheet) enter(b bin) {
	page := s.pages[b.key>>bucketBits]
	if page == nil {
		page = new([perOctave]bin)
		s.pages[b.key>>bucketBits] = page
	}
	at := &page[b.key&(perOctave-1)]
	at.key = b.key
	at.n += b.n
	at.over += b.over
}

// bins returns what was added. Nothing is added afterwards.
func (s *sheet) bins() bins {
	if s.pages == nil {
		return s.few
	}
	size := 0
	s.each(func(bin) { size++ })
	out := make(bins, 0, size)
	s.each(func(b bin) { out = append(out, b) })
	return out
}

func (s *sheet) each(fn func(bin)) {
	for _, page := range s.pages {
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
