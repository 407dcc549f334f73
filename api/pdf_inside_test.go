package api

import (
	"context"
	"testing"

	"steward/internal/fault"
)

func TestAPDFThatIsBeingMadeIsWaitedFor(t *testing.T) { // S1.77
	t.Parallel()
	asked := 0
	if err := rendered(t.Context(), func() (bool, error) { asked++; return asked == 3, nil }); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	if err := rendered(t.Context(), func() (bool, error) { return false, fault.New(fault.NotFound, "not found") }); !fault.Is(err, fault.NotFound) {
		t.Errorf("what cannot be asked is waited for: %v", err)
	}
	asked = 0
	if err := rendered(t.Context(), func() (bool, error) { asked++; return asked == 8, nil }); err != nil { // after two seconds
		t.Errorf("one that takes longer is refused: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := rendered(gone, func() (bool, error) { return false, nil }); err != context.Canceled {
		t.Errorf("whoever has gone is waited for: %v", err)
	}
}
