package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

func (s *Server) reminderRoutes() {
	write[ReminderRun](s, op(http.MethodPost, "/reminders/runs", "start-reminder-run", "Make the reminders of a month now; a month has one run", http.StatusAccepted), s.startReminders)
	read(s, op(http.MethodGet, "/reminders/runs", "list-reminder-runs", "List runs of reminders, the newest first", http.StatusOK), s.listReminderRuns)
	read(s, op(http.MethodGet, "/reminders/runs/{id}", "get-reminder-run", "A run with its letters, for review", http.StatusOK), s.getReminderRun)
	read(s, op(http.MethodGet, "/reminders", "list-reminders", "List letters, the oldest first", http.StatusOK), s.listReminders)
	write[postgres.ReminderLetter](s, op(http.MethodPost, "/reminders/runs/{id}/clients/{client}/skip", "skip-reminder", "Leave a client out of a run", http.StatusOK), s.skipReminder)
	write[postgres.ReminderLetter](s, op(http.MethodPost, "/reminders/runs/{id}/clients/{client}/comment", "comment-reminder", "Add a word to a client's letter", http.StatusOK), s.commentReminder)
	write[postgres.ReminderLetter](s, op(http.MethodPost, "/reminders/runs/{id}/clients/{client}/release", "release-reminder", "Let a client's letter go at once", http.StatusOK), s.releaseReminder)
	write[postgres.ReminderLetter](s, op(http.MethodPost, "/reminders/runs/{id}/clients/{client}/post", "post-reminder", "Note that a client's letter is printed and posted; its PDF is made now, with what is owed now", http.StatusOK), s.postReminder)
	read(s, answersPDF(op(http.MethodGet, "/reminders/{id}/pdf", "get-reminder-pdf", "A letter's PDF: as it went, or as it would go now; /reminders/{id}.pdf is the same", http.StatusOK)), s.reminderPDF)
	s.reminderPolicyRoutes()
	s.holdRoutes()
}

// ReminderRun is the reminders of a month.
type ReminderRun struct {
	ID        uuid.UUID                 `json:"id"`
	Month     string                    `json:"month" example:"2026-03"`
	AsOf      civil.Date                `json:"as_of" format:"date"`
	State     string                    `json:"state" enum:"planning,planned" doc:"planned: all letters are listed"`
	HoldUntil time.Time                 `json:"hold_until" doc:"When what is in review goes by itself"`
	CreatedBy *uuid.UUID                `json:"created_by" doc:"Null: the clock"`
	CreatedAt time.Time                 `json:"created_at"`
	Letters   []postgres.ReminderLetter `json:"letters,omitzero" doc:"In the answer for one run; at most 500, all are in GET /reminders?run="`
}

func reminderRunOf(r db.ReminderRun) ReminderRun {
	return ReminderRun{ID: r.ID, Month: postgres.MonthOf(r.Month), AsOf: r.AsOf, State: r.State, HoldUntil: r.HoldUntil, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt}
}

// ReminderRunBody asks for the reminders of a month.
type ReminderRunBody struct {
	AsOf civil.Date `json:"as_of,omitzero" required:"false" format:"date" doc:"What is past due on this day; today if left out. Before that day nothing goes by itself"`
}

func (s *Server) startReminders(ctx context.Context, in *struct {
	WriteHeaders
	Body *ReminderRunBody
}) (*Done, error) {
	body := ReminderRunBody{}
	if in.Body != nil {
		body = *in.Body
	}
	r, err := s.content(ctx, in.WriteHeaders, flow.ReminderRun, s.store.NewID(), "create", body, access.RunBilling)
	if err != nil {
		return nil, s.refuse(err)
	}
	d, err := s.once(ctx, r, http.StatusAccepted, func(q *db.Queries, _ pgx.Tx) (any, error) {
		return s.openReminders(ctx, q, r, body.AsOf)
	})
	return d.at("/reminders/runs/"), err
}

// openReminders makes the run of a month, or gives the one that is there.
func (s *Server) openReminders(ctx context.Context, q *db.Queries, r request, asOf civil.Date) (any, error) {
	firm, err := q.Provider(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := q.ReminderPolicy(ctx)
	if err != nil {
		return nil, err
	}
	now, zone := s.store.Now(), postgres.Zone(firm.TimeZone)
	if asOf.IsZero() {
		asOf = civil.In(now, zone)
	}
	if asOf.Before(civil.First) {
		return nil, fault.Wrong("as_of", "is not before %s", civil.First)
	}
	month := civil.Of(asOf.Year, asOf.Month, 1)
	n, err := q.InsertReminderRun(ctx, db.InsertReminderRunParams{
		ID: r.id, Month: month, AsOf: asOf, HoldUntil: postgres.HoldUntil(now, policy.HoldDays, asOf, zone), CreatedBy: &r.actor.ID, CreatedAt: now,
	})
	if err != nil {
		return nil, err
	}
	run, err := q.ReminderRunOf(ctx, month)
	if err != nil || n == 0 {
		return reminderRunOf(run), err
	}
	if err := q.InsertOutbox(ctx, string(flow.ReminderRun), run.ID); err != nil {
		return nil, err
	}
	return reminderRunOf(run), r.audited(ctx, s, q, 1, map[string]postgres.Change{"as_of": {nil, asOf}}, "")
}

// shownLetters is how many letters the answer for a run shows.
const shownLetters = 500

type listReminderRunsInput struct {
	PageInput
	Month string `query:"month" example:"2026-03"`
}

func (s *Server) listReminderRuns(ctx context.Context, in *listReminderRunsInput) (*PageOutput[ReminderRun], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	before, err := in.before()
	if err != nil {
		return nil, err
	}
	q := db.ReminderRunsParams{Before: before, Page: in.Limit + 1}
	if in.Month != "" {
		if q.Month, err = civil.Parse(in.Month + "-01"); err != nil {
			return nil, wrongFilter("month", "is not a month like 2026-03")
		}
	}
	rows, err := s.store.ReminderRuns(ctx, q)
	return page(in.PageInput, rows, func(r db.ReminderRun) cursor { return cursor{ID: r.ID} }, reminderRunOf), err
}

func (s *Server) getReminderRun(ctx context.Context, in *ByID) (*struct{ Body ReminderRun }, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	row, err := s.store.ReminderRun(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	run := reminderRunOf(row)
	rows, err := s.store.Lists.ReminderLetters(ctx, db.ReminderLettersParams{RunID: &in.ID, Page: shownLetters})
	if err == nil {
		run.Letters, err = lettersOf(rows)
	}
	return &struct{ Body ReminderRun }{run}, err
}

func lettersOf(rows []db.ReminderLettersRow) ([]postgres.ReminderLetter, error) {
	all := make([]postgres.ReminderLetter, len(rows))
	for i, r := range rows {
		l, err := postgres.LetterOf(r)
		if err != nil {
			return nil, err
		}
		all[i] = l
	}
	return all, nil
}

type listRemindersInput struct {
	PageInput
	Client string `query:"client"`
	Run    string `query:"run"`
	State  string `query:"state" enum:"review,held,skipped,sent,"`
}

func (s *Server) listReminders(ctx context.Context, in *listRemindersInput) (*PageOutput[postgres.ReminderLetter], error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	c, err := in.after()
	if err != nil {
		return nil, err
	}
	q := db.ReminderLettersParams{After: c.ID, Page: in.Limit + 1, State: optionalText(in.State)}
	if q.ClientID, err = optionalID("client", in.Client); err != nil {
		return nil, err
	}
	if q.RunID, err = optionalID("run", in.Run); err != nil {
		return nil, err
	}
	rows, err := s.store.Lists.ReminderLetters(ctx, q)
	if err != nil {
		return nil, err
	}
	letters, err := lettersOf(rows)
	return page(in.PageInput, letters, func(l postgres.ReminderLetter) cursor { return cursor{ID: l.ID} },
		func(l postgres.ReminderLetter) postgres.ReminderLetter { return l }), err
}

// LetterOfClient names a client's letter in a run.
type LetterOfClient struct {
	ByID
	WriteHeaders
	Client uuid.UUID `path:"client"`
}

// NotInReview is the code for a letter that has gone, or will not go.
const NotInReview fault.Code = "not_in_review"

// onLetter changes a letter in review, by somebody who looks after the client;
// its process is told.
func (s *Server) onLetter(ctx context.Context, in LetterOfClient, verb string, body any, change func(q *db.Queries, l *db.SetReminderLetterParams, now time.Time) error) (*Done, error) {
	r, err := s.newRequest(ctx, in.WriteHeaders, flow.Reminder, uuid.Nil, verb, body)
	if err == nil {
		err = seeMoney(ctx)
	}
	if err == nil {
		err = s.looksAfter(ctx, in.Client, r.actor)
	}
	if err == nil {
		r.id, err = s.store.ReminderLetterOf(ctx, in.ID, in.Client)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, _ pgx.Tx) (any, error) {
		l, err := q.LockReminderLetter(ctx, r.id)
		if err != nil {
			return nil, err
		}
		if err := r.fresh(l.Version); err != nil {
			return nil, err
		}
		if l.State != "review" && l.Reason != postgres.NoEmail {
			return nil, fault.New(NotInReview, "the letter is %s already", l.State)
		}
		was := db.SetReminderLetterParams{ID: l.ID, State: l.State, Reason: l.Reason, HoldUntil: l.HoldUntil, Comment: l.Comment, DecidedBy: l.DecidedBy, By: l.By}
		now := was
		if err := change(q, &now, s.store.Now()); err != nil {
			return nil, err
		}
		if verb != "comment" {
			now.DecidedBy = &r.actor.ID
		}
		if err := q.SetReminderLetter(ctx, now); err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, l.Version+1, postgres.Diff(was, now), ""); err != nil {
			return nil, err
		}
		if err := q.InsertOutbox(ctx, string(flow.Reminder), l.ID); err != nil {
			return nil, err
		}
		row, err := q.ReminderLetter(ctx, r.id)
		if err != nil {
			return nil, err
		}
		return postgres.LetterOf(db.ReminderLettersRow(row))
	})
}

// looksAfter asks for the right to decide what a client is sent: its account
// manager, one of its projects, or an admin (S1.02).
func (s *Server) looksAfter(ctx context.Context, client uuid.UUID, actor access.Actor) error {
	if _, err := s.store.Client(ctx, client); err != nil {
		return err
	}
	reviewers, err := s.store.ReminderReviewers(ctx, client)
	if err != nil {
		return err
	}
	var rel access.Relation
	if slices.Contains(reviewers, actor.ID) {
		rel = access.ProjectAM
	}
	return access.Can(actor, access.WriteToClient, rel)
}

func (s *Server) skipReminder(ctx context.Context, in *LetterOfClient) (*Done, error) {
	return s.onLetter(ctx, *in, "skip", struct{}{}, func(_ *db.Queries, l *db.SetReminderLetterParams, _ time.Time) error {
		l.State, l.Reason = "skipped", "by_hand"
		return nil
	})
}

// ReminderComment is a word to the client.
type ReminderComment struct {
	Comment string `json:"comment" maxLength:"4000" doc:"Stands in the letter and its mail; empty takes it back"`
}

func (s *Server) commentReminder(ctx context.Context, in *struct {
	LetterOfClient
	Body ReminderComment
}) (*Done, error) {
	return s.onLetter(ctx, in.LetterOfClient, "comment", in.Body, func(_ *db.Queries, l *db.SetReminderLetterParams, _ time.Time) error {
		l.Comment = in.Body.Comment
		return nil
	})
}

func (s *Server) releaseReminder(ctx context.Context, in *LetterOfClient) (*Done, error) {
	return s.onLetter(ctx, *in, "release", struct{}{}, func(q *db.Queries, l *db.SetReminderLetterParams, now time.Time) error {
		c, err := q.Client(ctx, in.Client)
		if err == nil && c.Email == "" {
			err = fault.New(postgres.NoEmail, "%s has no e-mail address; set it, or post the letter", c.Name)
		}
		if err != nil {
			return err
		}
		return goesNow(ctx, q, in, l, "email", now)
	})
}

// postReminder lets a letter go on paper (S1.71): its process makes the PDF, for
// who asked to print and post it.
func (s *Server) postReminder(ctx context.Context, in *LetterOfClient) (*Done, error) {
	return s.onLetter(ctx, *in, "post", struct{}{}, func(q *db.Queries, l *db.SetReminderLetterParams, now time.Time) error {
		return goesNow(ctx, q, in, l, "paper", now)
	})
}

// goesNow ends the review of a letter. A client has one letter at a time on its
// way.
func goesNow(ctx context.Context, q *db.Queries, in *LetterOfClient, l *db.SetReminderLetterParams, by string, now time.Time) error {
	if waits, err := q.ReminderWaits(ctx, in.Client, in.ID); err != nil || waits {
		return orConflict(err, "another letter of the client is in review")
	}
	l.State, l.Reason, l.By = "review", "", by
	if now.Before(l.HoldUntil) {
		l.HoldUntil = now
	}
	return nil
}

func (s *Server) reminderPDF(ctx context.Context, in *ByID) (*huma.StreamResponse, error) {
	if err := seeMoney(ctx); err != nil {
		return nil, err
	}
	l, err := s.store.ReminderLetter(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	name := "reminder-" + postgres.MonthOf(l.Month)
	switch {
	case l.State == "sent":
		return s.storedPDF(ctx, postgres.ReminderKey(l.ID), name)
	case l.State != "review" && l.Reason != postgres.NoEmail:
		return nil, fault.New(NotRendered, "a letter that is %s has no PDF", l.State)
	case s.reminder == nil:
		return nil, fault.New(fault.NotAvailable, "reminders are not rendered here before they go")
	}
	var pdf bytes.Buffer
	if err := s.reminder(ctx, &pdf, l.ID); err != nil {
		return nil, err
	}
	return madePDF(pdf.Bytes(), name), nil
}
