package story_test

import (
	"testing"

	"steward/internal/story"
)

func TestNewsOfAProjectIsALine(t *testing.T) { // S1.06, S1.07, N.21
	t.Parallel()
	for _, c := range []struct{ kind, verb, want string }{
		{"clearance_asked", "request-clearance", "Olivia asks for clearance of ACME 50%p"},
		{"clearance_reminder", "remind", "ACME 50%p still waits for clearance"},
		{"cleared", "clear", "Olivia gave clearance to ACME 50%p: work can begin"},
		{"clearance_refused", "refuse-clearance", "Olivia refused clearance of ACME 50%p: it is a draft again"},
		{"clearance_withdrawn", "withdraw-clearance", "Olivia no longer asks for clearance of ACME 50%p"},
		{"project_given", "edit", "Olivia made you the account manager of ACME 50%p"},
		{"project_status", "hold", "Olivia put ACME 50%p on hold"},
		{"project_status", "something", "Olivia changed ACME 50%p"},
	} {
		if got := story.News(story.Deed{Kind: c.kind, Verb: c.verb, Actor: "Olivia", Thing: "ACME 50%p"}); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.kind, c.verb, got, c.want)
		}
	}
}
