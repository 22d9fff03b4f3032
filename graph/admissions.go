package graph

import (
	"cmp"
	"math"
	"slices"
)

// admissions counts the traces of a group by the version that admitted them;
// all traces in the group without a name, by version 0.
type admissions struct {
	traces   int
	versions []versionCount // ascending
}

type versionCount struct {
	version uint64
	traces  int
}

// admit counts so many traces more, or fewer.
func (a *admissions) admit(version uint64, by int) {
	a.traces += by
	i, ok := slices.BinarySearchFunc(a.versions, version, func(c versionCount, v uint64) int { return cmp.Compare(c.version, v) })
	if !ok {
		a.versions = slices.Insert(a.versions, i, versionCount{version: version})
	}
	if a.versions[i].traces += by; a.versions[i].traces == 0 {
		a.versions = slices.Delete(a.versions, i, i+1)
	}
}

// admitAll counts those of o as well.
func (a *admissions) admitAll(o admissions) {
	for _, c := range o.versions {
		a.admit(c.version, c.traces)
	}
}

// oldest returns the first version that admitted one.
func (a *admissions) oldest() uint64 {
	if len(a.versions) == 0 {
		return math.MaxUint64
	}
	return a.versions[0].version
}
