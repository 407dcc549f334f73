package activities

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"steward/internal/document"
	"steward/internal/flow"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// reader is who a status report is sent to; key is what its mail is told from
// the others of the same report by.
type reader struct{ key, name, address string }

// statusReaders are the client itself and its managers, each address once.
func (a *Activities) statusReaders(ctx context.Context, q *db.Queries, client uuid.UUID) ([]reader, error) {
	c, err := q.Client(ctx, client)
	if err != nil {
		return nil, err
	}
	managers, err := q.StatusReaders(ctx, &client)
	if err != nil {
		return nil, err
	}
	var all []reader
	known := map[string]bool{"": true}
	add := func(r reader) {
		if address := strings.ToLower(strings.TrimSpace(r.address)); !known[address] {
			known[address] = true
			all = append(all, r)
		}
	}
	add(reader{"", c.Name, c.Email})
	for _, m := range managers {
		add(reader{"/" + m.ID.String(), m.Name, m.Email})
	}
	return all, nil
}

// mailStatus writes the mail to each reader, with the PDF.
func (a *Activities) mailStatus(ctx context.Context, q *db.Queries, r db.StatusReportRow, d document.StatusData, to []reader) error {
	for _, p := range to {
		l, key := statusLetter(p.name, d), flow.StatusID(r.ClientID, r.Week)+p.key
		id := a.store.NewID()
		n, err := q.InsertMail(ctx, db.InsertMailParams{
			ID: id, Key: key, MessageID: mail.MessageID(key, a.link), ToAddress: p.address, ToName: p.name, Subject: l.subject, Body: l.body, Now: a.store.Now(),
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("there is a mail %s already", key)
		}
		err = q.InsertMailAttachment(ctx, db.InsertMailAttachmentParams{
			MailID: id, Position: 1, Name: statusFile(r.Week), ContentType: "application/pdf", FileKey: postgres.StatusKey(r.ID, r.Version),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func statusFile(week string) string { return "status-report-" + week + ".pdf" }

// statusLetter is the mail that the PDF goes along with, which says the same in
// short.
func statusLetter(name string, d document.StatusData) letter {
	var b strings.Builder
	fmt.Fprintf(&b, "Hello %s,\n\nthis is how your projects stand as of %s. All of it is in the attached PDF.\n", line(name), longDay(d.Report.WeekEnding))
	if d.Comment != "" {
		fmt.Fprintf(&b, "\n%s writes:\n%s\n", line(d.CommentBy), strings.TrimSpace(d.Comment))
	}
	for _, p := range d.Report.Projects {
		writeProject(&b, p)
	}
	fmt.Fprintf(&b, "\n-- \n%s\n", line(d.Seller.Name))
	return letter{subject: fmt.Sprintf("Status of your projects, %s", longDay(d.Report.WeekEnding)), body: b.String()}
}

func writeProject(b *strings.Builder, p work.ProjectReport) {
	fmt.Fprintf(b, "\n%s %s\n", p.Code, line(p.Name))
	fmt.Fprintf(b, "  Hours: %s worked, %s of them in the week; %s estimated, %s remaining\n",
		document.Hours(p.WorkedMinutes), document.Hours(p.WeekMinutes), document.Hours(p.EstimatedMinutes), document.Hours(p.RemainingMinutes))
	if !p.EstimatedEndOn.IsZero() {
		fmt.Fprintf(b, "  Estimated end: %s\n", p.EstimatedEndOn)
	}
	fmt.Fprintf(b, "  Billed so far: %s %s\n", p.Currency, p.Billed)
	fmt.Fprintf(b, "  Tasks: %d planned, %d open, %d complete; since the last report %d completed, %d added\n",
		p.Planned, p.Open, p.Complete, len(p.Completed.Titles)+p.Completed.Others, len(p.Added.Titles)+p.Added.Others)
	for _, next := range p.Next[:min(len(p.Next), 3)] {
		fmt.Fprintf(b, "  Next: %s\n", line(next))
	}
}
