package api

import (
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"steward/internal/civil"
)

// sessionStart is when a session of work began: an instant, or what the clock of
// whoever worked showed on the work date.
type sessionStart struct {
	instant time.Time
	clock   string // "09:30"; else it is the instant
}

// on is the instant on a day in a zone. A time that clocks skip is when they go on,
// one that they show twice the first, as in people's calendars.
func (s *sessionStart) on(day civil.Date, zone *time.Location) *time.Time {
	switch {
	case s == nil:
		return nil
	case s.clock == "":
		return &s.instant
	}
	minutes, _ := civil.Clock(s.clock) // which was looked at when it was read
	return ptr(day.At(minutes, zone))
}

// dates tells whether the start says of which day it is.
func (s *sessionStart) dates() bool { return s != nil && s.clock == "" }

// MarshalJSON implements [json.Marshaler].
func (s sessionStart) MarshalJSON() ([]byte, error) {
	if s.clock != "" {
		return json.Marshal(s.clock)
	}
	return json.Marshal(s.instant)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *sessionStart) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		if _, ok := civil.Clock(text); ok {
			*s = sessionStart{clock: text}
			return nil
		}
	}
	*s = sessionStart{}
	return json.Unmarshal(b, &s.instant)
}

// notAStart is said of a start that the schema does not take.
const notAStart = `expected an instant like "2026-03-03T09:30:00Z" (RFC 3339), or a time of the work date like "09:30"`

// Schema implements [huma.SchemaProvider].
func (sessionStart) Schema(huma.Registry) *huma.Schema {
	instant := &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	clock := &huma.Schema{Type: huma.TypeString, Pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]$`, PatternDescription: "a time like 09:30"}
	instant.PrecomputeMessages()
	clock.PrecomputeMessages()
	return &huma.Schema{AnyOf: []*huma.Schema{instant, clock}}
}
