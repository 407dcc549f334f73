package postgres

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"steward/internal/civil"
)

// idCell stores no id as NULL.
func idCell(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

// textCell stores no text as NULL.
func textCell(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// listCell stores no list as an empty one.
func listCell(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// instantCell stores no instant as NULL.
func instantCell(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// dayCell stores no date as NULL.
func dayCell(d civil.Date) pgtype.Date {
	if d.IsZero() {
		return pgtype.Date{}
	}
	return pgtype.Date{Time: d.Start(time.UTC), Valid: true}
}
