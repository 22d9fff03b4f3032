package roentgen

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// use is an annotation of a part.
type use struct {
	prefix      uint64 // of the key
	part, index int32
}

// KeyPrefix is a number that is no greater than that of a key which stands
// behind: most keys are told apart by it, which is quicker than by their text.
func KeyPrefix(key string) uint64 {
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// uses are the annotations of all parts.
type uses struct {
	parts    []Part
	services []int32 // of each part, in Summary.Services
	list     []use
}

func (u *uses) annotation(of use) *Annotation { return &u.parts[of.part].Annotations[of.index] }

func (u *uses) compare(a, b use) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	if c := u.annotation(a).Compare(*u.annotation(b)); c != 0 {
		return c
	}
	return cmp.Compare(u.services[a.part], u.services[b.part])
}

// joinAnnotations makes one of those that are the same, with the services of
// all of them. Summary.Services are sorted.
func (f *folder) joinAnnotations() {
	u := &f.uses
	f.findUses()
	slices.SortFunc(u.list, u.compare)
	if f.again {
		f.s.Annotations = slices.Grow(f.s.Annotations, len(u.list))
	} else if runs := u.countRuns(); runs > 0 {
		f.s.Annotations = make([]AnnotationUse, 0, runs)
	}
	for rest := u.list; len(rest) > 0; {
		n := u.run(rest)
		f.s.Annotations = append(f.s.Annotations, AnnotationUse{*u.annotation(rest[0]), u.servicesOf(f.s.Services, rest[:n])})
		rest = rest[n:]
	}
}

func (f *folder) findUses() {
	n := 0
	for i := range f.parts {
		n += len(f.parts[i].Annotations)
	}
	u := &f.uses
	u.parts, u.list = f.parts, u.list[:0]
	if n == 0 {
		return
	}
	u.services, u.list = resize(u.services, len(f.parts)), slices.Grow(u.list, n)
	for i := range f.parts {
		list := f.parts[i].Annotations
		if len(list) > 0 {
			u.services[i] = f.serviceIndex(i)
		}
		for j := range list {
			u.list = append(u.list, use{KeyPrefix(list[j].Key), int32(i), int32(j)})
		}
	}
}

// serviceIndex is where the service of part i stands in Summary.Services.
func (f *folder) serviceIndex(i int) int32 {
	segment := f.climb(i).segment
	if segment == none {
		return none
	}
	at, _ := slices.BinarySearchFunc(f.s.Services, f.parts[segment].Service, ServiceID.Compare)
	return int32(at)
}

// servicesOf returns the services of uses that are the same annotation. It
// shares memory with all where they stand there in a row: nearly always it is one.
func (u *uses) servicesOf(all []ServiceID, same []use) (some []ServiceID) {
	for len(same) > 0 && u.services[same[0].part] == none {
		same = same[1:]
	}
	if len(same) == 0 {
		return nil
	}
	first, last := u.services[same[0].part], int32(none)
	gap := false
	for _, of := range same {
		s := u.services[of.part]
		gap, last = gap || last != none && s > last+1, s
	}
	if !gap {
		return all[first : last+1 : last+1]
	}
	last = none
	for _, of := range same {
		if s := u.services[of.part]; s != last {
			some, last = append(some, all[s]), s
		}
	}
	return some
}

// run counts how many at the beginning are the same.
func (u *uses) run(list []use) int {
	n := 1
	for n < len(list) && list[n].prefix == list[0].prefix && *u.annotation(list[n]) == *u.annotation(list[0]) {
		n++
	}
	return n
}

func (u *uses) countRuns() (runs int) {
	for rest := u.list; len(rest) > 0; runs++ {
		rest = rest[u.run(rest):]
	}
	return runs
}
