//go:build !planted

package planted

import "time"

// Lost tells whether this transaction is lost: never.
func Lost() bool { return false }

// Doubled tells whether the key of a write is forgotten: never.
func Doubled() bool { return false }

// Disordered tells whether an edit is put off, and for how long: never.
func Disordered(string) (time.Duration, bool) { return 0, false }
