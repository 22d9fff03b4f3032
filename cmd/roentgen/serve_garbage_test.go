package main

import (
	"runtime"
	"testing"
)

func TestGarbageGathersWhileTheHeapIsSmall(t *testing.T) {
	for live, want := range map[uint64]int{
		0: mostGarbage, 1 << 20: mostGarbage, room / 3: mostGarbage, room / 2: 200, room * 10 / 15: 150, room: 100, 10 * room: 100,
	} {
		got := garbagePercent(live)
		if got != want && got != want-10 { // steps of ten
			t.Errorf("%d bytes in use: %d %%, want %d", live, got, want)
		}
	}
}

func TestTheHeapIsMeasured(t *testing.T) {
	runtime.GC()
	if live := liveHeap(); live < 1<<10 {
		t.Errorf("%d bytes are in use, it is said", live)
	}
}
