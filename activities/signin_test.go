package activities_test

import (
	"testing"
	"time"

	"steward/activities"
	"steward/internal/fixture"
)

func TestOnlyWhatIsOverIsSwept(t *testing.T) {
	t.Parallel()
	s := fixture.Store(t)
	f := fixture.NewFirm(t, s)
	now := time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)
	s.Now = func() time.Time { return now }
	hash := `sha256($1::text::bytea)`
	for name, at := range map[string]time.Time{"over": now.Add(-25 * time.Hour), "young": now.Add(-23 * time.Hour)} {
		f.Exec(t, `INSERT INTO guess (key, count, open_at, seen_at) VALUES (`+hash+`, 7, $2, $2)`, name, at)
		f.Exec(t, `INSERT INTO session (secret_hash, person_id, expires_at) VALUES (`+hash+`, $2, $3)`, name, f.Ann, at)
		f.Exec(t, `INSERT INTO password_reset (id, secret_hash, person_id, created_at, expires_at) VALUES (gen_random_uuid(), `+hash+`, $2, $3, $3)`, name, f.Ann, at)
	}
	f.Exec(t, `INSERT INTO second_factor (person_id, secret, created_at, confirmed_at) VALUES ($1, '', $3, NULL), ($2, '', $3, $3)`, f.Ann, f.Bob, now.Add(-25*time.Hour))
	acts := activities.New(s, nil, "")
	for _, want := range []int{4, 0} {
		if n, err := acts.SweepSignIn(t.Context()); n != want || err != nil {
			t.Errorf("swept %d, %v; want %d", n, err, want)
		}
	}
	if n := fixture.One[int](t, s.Pool, `SELECT (SELECT count(*) FROM guess) + (SELECT count(*) FROM session) + (SELECT count(*) FROM password_reset) + (SELECT count(*) FROM second_factor)`); n != 4 {
		t.Errorf("%d rows are left, want the young and the confirmed", n)
	}
}
