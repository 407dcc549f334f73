package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/civil"
	"steward/internal/flow"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// How old news may be to be told by mail; older ones are in the inbox.
const (
	youngNews   = 3 * 24 * time.Hour
	youngDigest = 7 * 24 * time.Hour
)

// digestHour is when people get their digest, by their own clock.
const digestHour = 8

// peoplePage is how many people are taken in hand at a time.
const peoplePage = 200

// TellAtOnce makes a mail for each person who wants to be told at once and has
// not been, and returns how many. What came together is told together.
func (a *Activities) TellAtOnce(ctx context.Context) (int, error) {
	people, err := a.store.PeopleToTell(ctx, a.store.Now().Add(-youngNews), peoplePage)
	if err != nil {
		return 0, err
	}
	told := 0
	for _, id := range people {
		ok, mailErr := caughtOver(id, func(id uuid.UUID) (bool, error) { return a.tellOne(ctx, id) })
		err = errors.Join(err, mailErr) // the others are told
		if ok {
			told++
		}
	}
	return told, err
}

func (a *Activities) tellOne(ctx context.Context, person uuid.UUID) (told bool, err error) {
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		told = false
		p, err := q.LockReader(ctx, person)
		if err != nil || !p.Active || p.Notify != "at_once" {
			return err
		}
		now := a.store.Now()
		news, err := q.NotTold(ctx, db.NotToldParams{PersonID: p.ID, Since: now.Add(-youngNews), Until: now})
		if err != nil || len(news) == 0 {
			return err
		}
		told = true
		return a.mail(ctx, q, p, "news/"+news[len(news)-1].ID.String(), a.newsLetter(p, news), news)
	})
	return told, err
}

// MakeDigests makes the digest of today for the next people for whom it is
// eight o'clock or later, unless they had it. What came after eight is for
// tomorrow.
func (a *Activities) MakeDigests(ctx context.Context, after flow.After) (flow.Told, error) {
	now := a.store.Now()
	people, err := a.store.PeopleToDigest(ctx, db.PeopleToDigestParams{After: after.ID, Since: now.Add(-youngDigest), Page: peoplePage})
	if err != nil || len(people) == 0 {
		return flow.Told{}, err
	}
	out := flow.Told{Last: people[len(people)-1].ID, More: len(people) == peoplePage}
	return page(ctx, out, people, func(p db.PeopleToDigestRow) string { return "the digest of person " + p.ID.String() }, func(p db.PeopleToDigestRow) (int, error) {
		if _, _, due := digestDue(p.DigestedOn, now, postgres.Zone(p.TimeZone)); !due {
			return 0, nil
		}
		return counted(a.digest(ctx, p.ID))
	})
}

// digestDue tells whether it is time for the digest of today, unless they had
// it, and from when on. One that was missed is made later on that day; after
// that, the next tells it all.
func digestDue(had civil.Date, now time.Time, zone *time.Location) (day civil.Date, at time.Time, due bool) {
	day = civil.In(now, zone)
	at = time.Date(day.Year, day.Month, day.Day, digestHour, 0, 0, 0, zone)
	return day, at, had.Before(day) && !now.Before(at)
}

func (a *Activities) digest(ctx context.Context, person uuid.UUID) (made bool, err error) {
	err = a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		made = false
		p, err := q.LockReader(ctx, person)
		if err != nil || !p.Active || p.Notify == "never" {
			return err
		}
		day, at, due := digestDue(p.DigestedOn, a.store.Now(), postgres.Zone(p.TimeZone))
		if !due { // another worker was first
			return nil
		}
		news, err := q.NotTold(ctx, db.NotToldParams{PersonID: p.ID, Since: at.Add(-youngDigest), Until: at, Daily: p.Notify == "daily", OnceADay: true})
		if err != nil || len(news) == 0 {
			return err
		}
		if err := q.SetDigested(ctx, day, p.ID); err != nil {
			return err
		}
		made = true
		return a.mail(ctx, q, p, fmt.Sprintf("digest/%s/%s", p.ID, day), a.digestLetter(p, day, news), news)
	})
	return made, err
}

// mail writes a mail with what it tells of, in the transaction of q.
func (a *Activities) mail(ctx context.Context, q *db.Queries, p db.LockReaderRow, key string, l letter, news []db.NotToldRow) error {
	id, err := a.post(ctx, q, key, p.Name, p.Email, l)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(news))
	for i, n := range news {
		ids[i] = n.ID
	}
	return q.MailedWith(ctx, &id, ids)
}

// post writes a mail without what is attached to it. Its key makes it the same
// mail: a second one is an error.
func (a *Activities) post(ctx context.Context, q *db.Queries, key, name, address string, l letter, cc ...string) (uuid.UUID, error) {
	id := a.store.NewID()
	n, err := q.InsertMail(ctx, db.InsertMailParams{
		ID: id, Key: key, MessageID: mail.MessageID(key, a.link), ToAddress: address, ToName: name, CC: cc, Subject: l.subject, Body: l.body, Now: a.store.Now(),
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("there is a mail %s already", key)
	}
	return id, err
}
