// Package fault says how a command can be refused.
//
// A fault is a refusal that somebody can act on: it has a stable code for
// programs, a sentence for people, and, where it is about the input, the
// fields that are wrong. Every other error is ours: it is logged whole, retried
// where that helps, and shown to the outside as nothing but "internal".
package fault

import (
	"errors"
	"fmt"
)

// A Code names a kind of refusal. Codes are part of the HTTP contract: they
// are never renamed.
type Code string

// Refusals that any part of steward may give. Codes that belong to one rule
// are declared beside that rule.
const (
	Invalid      Code = "invalid"                // a field is missing or has a wrong value
	NotFound     Code = "not_found"              // it does not exist, or the caller may not know of it
	Forbidden    Code = "forbidden"              // the caller may know of it, but may not do this
	Unauthorized Code = "unauthorized"           // nobody is signed in, or the secret is wrong
	Conflict     Code = "conflict"               // the state does not allow it
	Stale        Code = "stale"                  // somebody changed it since the caller read it
	KeyReused    Code = "idempotency_key_reused" // the same Idempotency-Key came with another body
	Overflow     Code = "overflow"               // a figure is larger than money or time may be
	NotAvailable Code = "not_available"          // this installation is not set up for it
	Unavailable  Code = "unavailable"            // Postgres or Temporal is away; try again
	TooLarge     Code = "too_large"              // the body is larger than allowed
	TooMany      Code = "too_many_requests"      // slow down
)

// A Field is one wrong place of the input.
type Field struct {
	Location string `json:"location"`        // where, as a path: "body.minutes"
	Message  string `json:"message"`         // what is wrong with it
	Value    any    `json:"value,omitempty"` // what was sent
}

// Fault is a refusal. It is an error; compare with [Is], take apart with [From].
type Fault struct {
	Code    Code    `json:"code"`
	Message string  `json:"message"`
	Fields  []Field `json:"fields,omitempty"`
}

// Error is the sentence for people.
func (f *Fault) Error() string { return f.Message }

// New makes a refusal with a formatted sentence.
func New(code Code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrong refuses a field of the input, with code [Invalid].
func Wrong(field, format string, args ...any) *Fault {
	msg := fmt.Sprintf(format, args...)
	return &Fault{
		Code:    Invalid,
		Message: field + ": " + msg,
		Fields:  []Field{{Location: "body." + field, Message: msg}},
	}
}

// From finds the refusal in err, if it is one.
func From(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Is tells whether err is a refusal with this code.
func Is(err error, code Code) bool {
	f, ok := From(err)
	return ok && f.Code == code
}
