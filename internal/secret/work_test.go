package secret

import (
	"context"
	"errors"
	"testing"
)

// An unknown account must cost what a known one costs: both wait for a slot,
// and there is no other way through.
func TestAnUnknownPasswordCostsTheSameWork(t *testing.T) {
	kept, err := HashPassword(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	defer func() {
		for range cap(slots) {
			<-slots
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, k := range []string{kept, "", "nonsense"} {
		if _, err := CheckPassword(ctx, "guess", k); !errors.Is(err, context.Canceled) {
			t.Errorf("%.10q does not wait for its turn: %v", k, err)
		}
	}
	if c, _, key, err := parse(kept); err != nil || c != current() || len(key) != keyLen {
		t.Errorf("a new password costs %+v, an unknown one %+v (%v)", c, current(), err)
	}
}
