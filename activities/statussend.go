package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/document"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// SendStatus renders a report whose time has come from what was frozen, keeps
// the PDF and writes its mails in one transaction. Run again, it finds the
// report sent.
func (a *Activities) SendStatus(ctx context.Context, id uuid.UUID) (flow.Snapshot, error) {
	var snap flow.Snapshot
	err := a.store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		r, err := q.LockStatusReport(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) { // Postgres was restored to an earlier moment
			snap, err = a.statusSnapshot(ctx, q, id)
			return err
		}
		if err != nil {
			return err
		}
		if r.State == "review" && !a.store.Now().Before(r.HoldUntil) {
			if err := a.sendReport(ctx, q, r); err != nil {
				return err
			}
		}
		snap, err = a.statusSnapshot(ctx, q, id)
		return err
	})
	return snap, err
}

func (a *Activities) sendReport(ctx context.Context, q *db.Queries, r db.LockStatusReportRow) error {
	d, err := statusData(ctx, q, r)
	if err != nil {
		return err
	}
	readers, err := statusReaders(ctx, q, r.ClientID)
	if err != nil {
		return err
	}
	if len(readers) == 0 {
		return a.holdUnaddressed(ctx, q, r, d.Report.Client)
	}
	key := postgres.StatusKey(r.ID, r.Version)
	// A report that is rolled back is written over by the next attempt.
	err = a.files.Put(ctx, key, "application/pdf", func(w io.Writer) error { return document.Status(w, d) })
	if err != nil {
		return err
	}
	mails := make([]uuid.UUID, len(readers))
	for i, to := range readers {
		mails[i], err = a.mailPacked(ctx, q, packed{
			key: flow.StatusID(r.ClientID, r.Week) + to.key, to: to.address, name: to.name, letter: a.statusLetter(r.ID, to.name, d),
			file: fmt.Sprintf("status-report-%s.pdf", r.Week), fileKey: key,
		})
		if err != nil {
			return err
		}
	}
	if err := q.StatusReportSent(ctx, db.StatusReportSentParams{ID: r.ID, Now: a.store.Now(), MailIds: mails, FileKey: key}); err != nil {
		return err
	}
	return a.statusEvent(ctx, q, r.ID, "send", r.Version+1, map[string]postgres.Change{"state": {r.State, "sent"}}, r.Week)
}

// statusData is the report as it prints: what was frozen, and the word that
// was added since.
func statusData(ctx context.Context, q *db.Queries, r db.LockStatusReportRow) (d document.StatusData, err error) {
	if err := json.Unmarshal(r.Content, &d); err != nil {
		return d, fmt.Errorf("read the status report %s: %w", r.ID, err)
	}
	if r.CommentBy == nil {
		return d, nil
	}
	names, err := q.PersonNames(ctx, []uuid.UUID{*r.CommentBy})
	if err == nil && len(names) == 1 {
		d.Comment, d.CommentBy = r.Comment, names[0].Name
	}
	return d, err
}

// reader is whom a report is mailed to; key tells their mail from the others of
// the same report.
type reader struct{ key, name, address string }

// statusReaders are the client's own address and its managers, each address
// once.
func statusReaders(ctx context.Context, q *db.Queries, client uuid.UUID) ([]reader, error) {
	c, err := q.Client(ctx, client)
	if err != nil {
		return nil, err
	}
	managers, err := q.StatusReaders(ctx, &client)
	if err != nil {
		return nil, err
	}
	all := []reader{{"", c.Name, c.Email}}
	for _, m := range managers {
		all = append(all, reader{"/" + m.ID.String(), m.Name, m.Email})
	}
	known, kept := map[string]bool{"": true}, all[:0]
	for _, r := range all {
		if address := strings.ToLower(strings.TrimSpace(r.address)); !known[address] {
			known[address] = true
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// holdUnaddressed holds back a report that there is nobody to send to.
func (a *Activities) holdUnaddressed(ctx context.Context, q *db.Queries, r db.LockStatusReportRow, client string) error {
	err := q.SetStatusReport(ctx, db.SetStatusReportParams{ID: r.ID, State: "held", Reason: noEmail, HoldUntil: r.HoldUntil, Comment: r.Comment, CommentBy: r.CommentBy, DecidedBy: r.DecidedBy})
	if err != nil {
		return err
	}
	managers, err := q.StatusManagers(ctx, r.ClientID)
	if err != nil {
		return err
	}
	err = a.store.Tell(ctx, q, access.Actor{}, postgres.News{
		About: "status_report", ID: r.ID, Name: line(client), Told: work.ReportStuck(managers),
		Note: "Neither the client nor a manager of it has one. The report is held; release it when there is one.",
	})
	if err != nil {
		return err
	}
	return a.statusEvent(ctx, q, r.ID, "hold", r.Version+1, map[string]postgres.Change{"state": {r.State, "held"}, "reason": {nil, noEmail}}, r.Week)
}

// statusLetter is the mail that a report goes with, in the client's words.
func (a *Activities) statusLetter(id uuid.UUID, name string, d document.StatusData) letter {
	w, day := wordsFor(d.Language), document.Day(d.Language, d.Report.AsOf)
	var projects strings.Builder
	for _, p := range d.Report.Projects {
		fmt.Fprintf(&projects, w.statusProject, p.Code+" "+line(p.Name), document.Clock(p.WorkedMinutes), document.Clock(p.WorkedSinceMinutes), document.Day(d.Language, d.Report.Since), document.Clock(p.RemainingMinutes))
	}
	comment := ""
	if d.Comment != "" {
		comment = "\n" + line(d.CommentBy) + ":\n" + strings.TrimSpace(d.Comment) + "\n"
	}
	link := fmt.Sprintf("%s/api/v1/status-reports/%s.pdf", a.link, id)
	return letter{
		subject: fmt.Sprintf(w.statusSubject, day, line(d.Seller.Name)),
		body:    fmt.Sprintf(w.statusBody, line(name), day, comment, projects.String(), link, d.Seller.Name),
	}
}
