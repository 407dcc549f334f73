package activities_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/work"
)

var update = flag.Bool("update", false, "write testdata/*.txt afresh")

// told is a bench whose clock a test sets.
type told struct {
	*bench
	now time.Time
}

func setAt(t *testing.T, now string) *told {
	t.Helper()
	b := &told{bench: set(t)}
	b.at(t, now)
	b.Now = func() time.Time { return b.now }
	return b
}

func (b *told) at(t *testing.T, s string) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	b.now = now
}

// news writes a notification now and returns its id.
func (b *told) news(t *testing.T, person uuid.UUID, subject, body string) uuid.UUID {
	t.Helper()
	id := b.NewID()
	b.Exec(t, `INSERT INTO notification (id, person_id, kind, entity_kind, entity_id, subject, body, created_at) VALUES ($1, $2, 'task_assigned', 'task', $3, $4, $5, $6)`,
		id, person, "0197a000-0000-7000-8000-000000000001", subject, body, b.now)
	return id
}

func (b *told) prefers(t *testing.T, person uuid.UUID, notify, zone string) {
	t.Helper()
	b.Exec(t, `UPDATE person SET notify = $2, time_zone = $3 WHERE id = $1`, person, notify, zone)
}

// atOnce makes the mails of those who are told at once, and counts them.
func (b *told) atOnce(t *testing.T, want int) {
	t.Helper()
	if got, err := b.acts.TellAtOnce(t.Context()); err != nil || got != want {
		t.Errorf("at %s %d people are told at once, %v; want %d", b.now.Format(time.RFC3339), got, err, want)
	}
}

func (b *told) digests(t *testing.T, now string, want int) {
	t.Helper()
	b.at(t, now)
	if got, err := b.acts.MakeDigests(t.Context(), flow.After{}); err != nil || got.Told != want || got.More {
		t.Errorf("at %s: %+v, %v; want %d digests", now, got, err, want)
	}
}

// letter is the newest mail, as its reader has it.
func (b *told) letter(t *testing.T) string {
	t.Helper()
	return fixture.One[string](t, b.Firm.Pool, `SELECT 'To: ' || to_name || E'\nSubject: ' || subject || E'\n\n' || body FROM mail ORDER BY id DESC LIMIT 1`)
}

// golden holds a mail against the one that was agreed.
func (b *told) golden(t *testing.T, name string) {
	t.Helper()
	// The firm's names are made anew for each test.
	got := strings.ReplaceAll(b.letter(t), fixture.One[string](t, b.Firm.Pool, `SELECT substr(name, 5) FROM person WHERE id = $1`, b.Ann), "Archer")
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%v; got\n%s\nwant\n%s", err, got, want)
	}
}

func TestWhatComesTogetherIsToldTogether(t *testing.T) { // N.21, S1.14
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	b.news(t, b.Ann, "Gerd assigned ACME-12 Analysis to you", "")
	b.atOnce(t, 1)
	b.golden(t, "news-one")
	b.news(t, b.Ann, "Olivia assigned ACME-13 Größe & Maße to you", "Done so far: the outline.\n\nTo do next: ask the client\tfor figures.   \n")
	b.news(t, b.Ann, "ACME-9 is complete:\r\nACME-13 can start", "")
	b.news(t, b.Bob, "Something else", "")
	b.atOnce(t, 2)
	b.atOnce(t, 0)
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) * 10 + count(DISTINCT mail_id) FROM notification WHERE mail_id IS NOT NULL`); n != 43 {
		t.Errorf("got %d, want four news in three mails", n)
	}
	b.Exec(t, `DELETE FROM notification WHERE person_id = $1`, b.Bob)
	b.Exec(t, `DELETE FROM mail WHERE to_name LIKE 'Bob%'`)
	b.golden(t, "news-several")
}

func TestOnlyThoseWhoWantToAreToldAtOnce(t *testing.T) { // N.21, S1.14
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	for _, change := range []string{
		`UPDATE person SET notify = 'daily' WHERE id = $1`,
		`UPDATE person SET notify = 'never' WHERE id = $1`,
		`UPDATE person SET notify = 'at_once', active = false WHERE id = $1`,
	} {
		b.Exec(t, change, b.Ann)
		b.news(t, b.Ann, "News", "")
		b.atOnce(t, 0)
	}
	b.Exec(t, `UPDATE person SET active = true WHERE id = $1`, b.Ann)
	b.atOnce(t, 1)
	if l := b.letter(t); !strings.Contains(l, "News (and 2 more)") {
		t.Errorf("got %s", l)
	}
}

func TestOldReadAndCollectedNewsAreNotToldAtOnce(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	old, read, collected := b.news(t, b.Ann, "Old", ""), b.news(t, b.Ann, "Read", ""), b.news(t, b.Ann, "Collected", "")
	b.Exec(t, `UPDATE notification SET created_at = created_at - interval '73 hours' WHERE id = $1`, old)
	b.Exec(t, `UPDATE notification SET read_at = now() WHERE id = $1`, read)
	b.Exec(t, `UPDATE notification SET digest = true WHERE id = $1`, collected)
	b.atOnce(t, 0)
}

func TestWorkersAtTheSameTimeMakeOneMail(t *testing.T) { // N.31
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	b.prefers(t, b.Bob, "daily", "UTC")
	for range 20 {
		b.news(t, b.Ann, "News", "")
		b.news(t, b.Bob, "News", "")
	}
	b.at(t, "2026-03-21T08:00:00Z")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := b.acts.TellAtOnce(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := b.acts.MakeDigests(t.Context(), flow.After{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM mail`); n != 2 {
		t.Errorf("got %d mails, want 2", n)
	}
}

func TestADigestComesOnceADayAtEight(t *testing.T) { // N.21, S1.14
	t.Parallel()
	b := setAt(t, "2026-03-19T10:00:00Z")
	b.prefers(t, b.Ann, "daily", "Europe/London")
	b.news(t, b.Ann, "Gerd assigned ACME-12 Analysis to you", "Done: the outline.\nNext: the rest.")
	read := b.news(t, b.Ann, "Read before", "")
	b.Exec(t, `UPDATE notification SET read_at = now() WHERE id = $1`, read)
	b.at(t, "2026-03-20T07:30:00Z")
	b.news(t, b.Ann, "ACME-9 is complete; ACME-13 can start", "")
	b.atOnce(t, 0)
	b.digests(t, "2026-03-20T07:59:59Z", 0)
	b.digests(t, "2026-03-20T08:00:00Z", 1)
	b.golden(t, "digest")
	if key := fixture.One[string](t, b.Firm.Pool, `SELECT key FROM mail`); key != "digest/"+b.Ann.String()+"/2026-03-20" {
		t.Errorf("its key is %s", key)
	}
	b.news(t, b.Ann, "After eight", "")
	b.digests(t, "2026-03-20T08:15:00Z", 0)
	b.digests(t, "2026-03-20T23:45:00Z", 0)
	b.digests(t, "2026-03-21T07:45:00Z", 0)
	b.digests(t, "2026-03-21T08:00:00Z", 1)
	b.digests(t, "2026-03-22T08:00:00Z", 0) // nothing to say, no mail
}

func TestNewsAfterEightAreForTomorrow(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	b.prefers(t, b.Ann, "daily", "UTC")
	b.news(t, b.Ann, "News", "")
	b.digests(t, "2026-03-20T10:15:00Z", 0)
	b.digests(t, "2026-03-21T08:00:00Z", 1)
}

func TestADigestThatWasMissedComesOnceAfterwards(t *testing.T) { // N.21, N.33
	t.Parallel()
	b := setAt(t, "2026-03-16T10:00:00Z")
	b.prefers(t, b.Ann, "daily", "UTC")
	b.news(t, b.Ann, "Monday", "")
	b.at(t, "2026-03-17T10:00:00Z")
	b.news(t, b.Ann, "Tuesday", "")
	b.digests(t, "2026-03-19T11:00:00Z", 1) // nobody ran since
	if l := b.letter(t); !strings.Contains(l, "Monday") || !strings.Contains(l, "Tuesday") || !strings.Contains(l, "Thursday 19 March: 2 things") {
		t.Errorf("got %s", l)
	}
	b.digests(t, "2026-03-20T08:00:00Z", 0)
}

func TestEightIsEightWhenTheClocksChange(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-03-28T10:00:00Z")
	b.prefers(t, b.Ann, "daily", "Europe/London") // clocks go forward on 29 March 2026
	b.news(t, b.Ann, "News", "")
	b.digests(t, "2026-03-29T06:45:00Z", 0)
	b.digests(t, "2026-03-29T07:00:00Z", 1)
	b.at(t, "2026-10-24T10:00:00Z")
	b.news(t, b.Ann, "News", "")
	b.digests(t, "2026-10-25T07:45:00Z", 0) // and back on 25 October
	b.digests(t, "2026-10-25T08:00:00Z", 1)
	b.prefers(t, b.Ann, "daily", "Pacific/Auckland")
	b.at(t, "2026-11-01T10:00:00Z")
	b.news(t, b.Ann, "News", "")
	b.digests(t, "2026-11-01T18:45:00Z", 0)
	b.digests(t, "2026-11-01T19:00:00Z", 1)
}

func TestWhatAGroupCollectsComesWithTheDigestOfThoseToldAtOnce(t *testing.T) { // S1.14
	t.Parallel()
	b := setAt(t, "2026-03-19T10:00:00Z")
	b.prefers(t, b.Ann, "at_once", "UTC")
	b.prefers(t, b.Bob, "never", "UTC")
	for _, p := range []uuid.UUID{b.Ann, b.Bob} {
		b.Exec(t, `UPDATE notification SET digest = true WHERE id = $1`, b.news(t, p, "Collected", ""))
	}
	b.news(t, b.Ann, "At once", "")
	b.atOnce(t, 1)
	b.digests(t, "2026-03-20T08:00:00Z", 1)
	if l := b.letter(t); !strings.Contains(l, "1 thing to know") || strings.Contains(l, "At once") {
		t.Errorf("got %s", l)
	}
}

func TestALongStoryIsToldInShort(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	b.news(t, b.Ann, "Long", strings.Repeat("very long ", 5000))
	for range 99 {
		b.news(t, b.Ann, "More", "")
	}
	b.atOnce(t, 1)
	if l := b.letter(t); len(l) > 10_000 || !strings.Contains(l, "And 70 more, which are in your inbox.") || !strings.Contains(l, "Long (and 99 more)") {
		t.Errorf("%d bytes: %.400s", len(l), l)
	}
}

func TestAContactsMailIsInTheClientsLanguage(t *testing.T) { // N.21
	t.Parallel()
	b := setAt(t, "2026-03-20T10:00:00Z")
	carl := b.NewID()
	b.Exec(t, `INSERT INTO person (id, kind, client_id, name, email, roles) VALUES ($1, 'client', $2, 'Carl', 'carl@client.example', '{client_contact}')`, carl, b.Client)
	b.Exec(t, `UPDATE person SET notify = 'daily' WHERE id <> $1`, carl)
	for _, language := range []string{"de", "fr", "es"} {
		b.Exec(t, `UPDATE client SET language = $1`, language)
		b.Exec(t, `DELETE FROM notification`)
		b.Exec(t, `UPDATE person SET notify = 'at_once', digested_on = '2026-01-01' WHERE id = $1`, carl)
		for range 2 {
			told := []work.Notice{{Person: carl, Kind: work.StaffWrote}, {Person: b.Ann, Kind: work.StaffWrote}}
			news := postgres.News{About: "request", ID: uuid.MustParse("0197a000-0000-7000-8000-000000000001"), Name: "R-1 Shop", Told: told}
			if err := b.Tell(t.Context(), b.Queries, access.Actor{Name: "Olivia"}, news); err != nil {
				t.Fatal(err)
			}
		}
		if n := fixture.One[int](t, b.Firm.Pool, `SELECT count(*) FROM notification WHERE subject = 'Olivia wrote to you about R-1 Shop' AND person_id = $1`, b.Ann); n != 2 {
			t.Errorf("%d of the staff's two are English", n)
		}
		b.atOnce(t, 1)
		b.golden(t, "news-"+language)
		b.Exec(t, `UPDATE notification SET mail_id = NULL`)
		b.Exec(t, `DELETE FROM mail`)
		b.prefers(t, carl, "daily", "UTC")
		b.Exec(t, `DELETE FROM notification WHERE person_id <> $1`, carl)
		b.digests(t, "2026-03-21T10:00:00Z", 1)
		b.golden(t, "digest-"+language)
		b.at(t, "2026-03-20T10:00:00Z")
	}
}
