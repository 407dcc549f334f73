package work

import "encoding/json"

// Maybe is what a change says of a value that need not be there: another one,
// that there is none any more (null), or nothing.
type Maybe[T any] struct {
	Said  bool
	Value *T // nil: there is none any more
}

// Over is the value after the change.
func (m Maybe[T]) Over(before *T) *T {
	if !m.Said {
		return before
	}
	return m.Value
}

// Set puts the change over a field whose zero value is none.
func (m Maybe[T]) Set(field *T) {
	if m.Said {
		*field = *new(T)
	}
	set(field, m.Value)
}

// IsZero tells whether nothing is said.
func (m Maybe[T]) IsZero() bool { return !m.Said }

// Clears marks the fields of a change that may be null.
func (Maybe[T]) Clears() {}

// MarshalJSON writes the value, or null for none.
func (m Maybe[T]) MarshalJSON() ([]byte, error) { return json.Marshal(m.Value) }

// UnmarshalJSON reads what [Maybe.MarshalJSON] writes.
func (m *Maybe[T]) UnmarshalJSON(b []byte) error {
	m.Said, m.Value = true, nil
	return json.Unmarshal(b, &m.Value)
}
