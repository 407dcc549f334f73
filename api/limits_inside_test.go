package api

import (
	"strconv"
	"testing"
	"time"
)

func TestBucketsAreBounded(t *testing.T) {
	b, now := newBuckets(1), time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)
	slow := func(key string) bool { return b.take(key, now) > 0 }
	for range burst + 1 {
		slow("busy")
	}
	for i := range manyBuckets - 1 {
		slow(strconv.Itoa(i))
	}
	now = now.Add(time.Second) // all but the busy one are full again
	for range 2 {
		slow("busy")
	}
	if slow("new"); len(b.all) != 2 || !slow("busy") {
		t.Errorf("%d are kept; the busy one must be, and is slow: %v", len(b.all), slow("busy"))
	}
	for i := range 3 * manyBuckets { // more at once than are kept
		slow(strconv.Itoa(i))
	}
	if len(b.all) > manyBuckets {
		t.Errorf("%d are kept", len(b.all))
	}
	if off := newBuckets(0); off.take("x", now) != 0 || len(off.all) != 0 {
		t.Error("without a limit something is counted")
	}
}
