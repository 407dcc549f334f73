package access_test

import (
	"slices"
	"testing"

	"steward/internal/access"
)

func TestATokenReachesAsFarAsItsScopes(t *testing.T) { // N.15
	t.Parallel()
	for _, c := range []struct {
		scopes []access.Scope
		area   access.Area
		mode   access.Scope
		want   bool
	}{
		{nil, access.Invoices, access.Write, true},
		{nil, access.EveryArea, access.Write, true},
		{[]access.Scope{"read"}, access.Invoices, access.Read, true},
		{[]access.Scope{"read"}, access.Invoices, access.Write, false},
		{[]access.Scope{"write"}, access.Invoices, access.Write, true},
		{[]access.Scope{"write"}, access.Invoices, access.Read, false},
		{[]access.Scope{"time:write", "tasks:read"}, access.Time, access.Write, true},
		{[]access.Scope{"time:write", "tasks:read"}, access.Time, access.Read, false},
		{[]access.Scope{"time:write", "tasks:read"}, access.Tasks, access.Read, true},
		{[]access.Scope{"time:write", "tasks:read"}, access.Tasks, access.Write, false},
		{[]access.Scope{"time:write"}, access.AnyArea, access.Read, true},
		{[]access.Scope{"time:write", "time:read"}, access.EveryArea, access.Read, false},
		{[]access.Scope{"read"}, access.EveryArea, access.Read, true},
		{[]access.Scope{"nonsense", "every:reads"}, access.EveryArea, access.Read, false},
	} {
		if got := (access.Actor{Scopes: c.scopes}).Reaches(c.area, c.mode); got != c.want {
			t.Errorf("%v reaches %s:%s: %v, want %v", c.scopes, c.area, c.mode, got, c.want)
		}
	}
}

func TestATokenCoversWhatReachesNoFurther(t *testing.T) { // N.15
	t.Parallel()
	all := access.Scopes()
	if len(all) != 2+2*len(access.Areas) || !slices.Contains(all, "time:write") {
		t.Fatalf("the scopes are %v", all)
	}
	for _, s := range all {
		if !(access.Actor{}).Covers(s) || !(access.Actor{Scopes: []access.Scope{s}}).Covers(s) {
			t.Errorf("%s is not covered by all or by itself", s)
		}
		if (access.Actor{Scopes: []access.Scope{"time:read"}}).Covers(s) != (s == "time:read") {
			t.Errorf("time:read covers %s", s)
		}
	}
	if !(access.Actor{Scopes: []access.Scope{"read"}}).Covers("tasks:read") || (access.Actor{Scopes: []access.Scope{"read"}}).Covers("tasks:write") {
		t.Error("read covers reading in each area, and no writing")
	}
}
