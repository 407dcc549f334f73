package activities_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/billing"
	"steward/internal/fault"
	"steward/internal/fixture"
	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// tenOn sets the clock, at ten in the morning.
func (b *bench) tenOn(month time.Month, day int) {
	now := time.Date(2026, month, day, 10, 0, 0, 0, time.UTC)
	b.Store.Now = func() time.Time { return now }
}

// lent is a firm with an invoice over 120.00 GBP, posted on 20 March and due on
// 19 April.
func lent(t *testing.T) (*bench, uuid.UUID) {
	t.Helper()
	b := set(t)
	b.reachable(t, "en")
	b.tenOn(time.March, 20)
	return b, b.completed(t, "paper")
}

// tick is what the schedule does; it returns the run that it made.
func (b *bench) tick(t *testing.T) uuid.UUID {
	t.Helper()
	run, err := b.acts.OpenReminderRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if run != uuid.Nil {
		b.plan(t, run)
	}
	return run
}

func (b *bench) plan(t *testing.T, run uuid.UUID) {
	t.Helper()
	if _, err := b.acts.PlanReminders(t.Context(), flow.RunPage{RunID: run}); err != nil {
		t.Fatal(err)
	}
	if err := b.acts.FinishReminderRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
}

// letter is the client's letter of a run.
func (b *bench) letter(t *testing.T, run uuid.UUID) postgres.ReminderLetter {
	t.Helper()
	rows, err := b.ReminderLetters(t.Context(), db.ReminderLettersParams{RunID: &run, ClientID: &b.Client, Page: 2})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d letters, %v", len(rows), err)
	}
	l, err := postgres.LetterOf(rows[0])
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// send lets the letter of a run go.
func (b *bench) send(t *testing.T, run uuid.UUID) postgres.ReminderLetter {
	t.Helper()
	if _, err := b.acts.SendReminder(t.Context(), b.letter(t, run).ID); err != nil {
		t.Fatal(err)
	}
	return b.letter(t, run)
}

func (l lettered) is(t *testing.T, state, reason string, level int16) {
	t.Helper()
	if l.State != state || l.Reason != reason || l.Level != level {
		t.Errorf("the letter is %s %q at level %d, want %s %q at %d", l.State, l.Reason, l.Level, state, reason, level)
	}
}

type lettered struct{ postgres.ReminderLetter }

func TestTheJobRunAHundredTimesMakesOneMailForEachClient(t *testing.T) { // S1.71, lesson 2
	t.Parallel()
	b, _ := lent(t)
	b.tenOn(time.May, 1)
	var run uuid.UUID
	for range 100 {
		if id := b.tick(t); id != uuid.Nil {
			if run != uuid.Nil {
				t.Fatal("a second run was made")
			}
			run = id
		}
		b.plan(t, run)
	}
	l := b.letter(t, run)
	lettered{l}.is(t, "review", "", 1)
	if snap, err := b.acts.SendReminder(t.Context(), l.ID); err != nil || snap.WaitingFor != "review" || !snap.Deadline.Equal(l.HoldUntil) || b.mails(t, "") != 0 {
		t.Fatalf("before the hold is over: %+v, %v", snap, err)
	}
	b.tenOn(time.May, 4)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if snap, err := b.acts.SendReminder(t.Context(), l.ID); err != nil || !snap.Closed {
				t.Errorf("got %+v, %v", snap, err)
			}
		})
	}
	all.Wait()
	lettered{b.letter(t, run)}.is(t, "sent", "", 1)
	if n := b.mails(t, "reminder/"+b.Client.String()+"/2026-05"); n != 1 || b.mails(t, "") != 1 {
		t.Errorf("%d mails", n)
	}
	text := fixture.One[string](t, b.Store.Pool, `SELECT m.subject || m.to_address || ' cc ' || array_to_string(m.cc, ',') || m.body || a.name || a.file_key FROM mail m JOIN mail_attachment a ON a.mail_id = m.id`)
	for _, want := range []string{"Payment reminder from My Firm", "billing@client.example cc cfo@client.example", "Past due: GBP 120.00", "reminder-2026-05.pdf", postgres.ReminderKey(l.ID)} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	b.hasPDF(t, l.ID)
}

// hasPDF tells whether the PDF of a letter is kept.
func (b *bench) hasPDF(t *testing.T, letter uuid.UUID) {
	t.Helper()
	r, err := b.files.Open(t.Context(), postgres.ReminderKey(letter))
	if err != nil {
		t.Fatalf("its PDF: %v", err)
	}
	defer r.Close()
	if r.Size() < 1000 {
		t.Errorf("its PDF has %d bytes", r.Size())
	}
}

func TestTheAccountManagerIsAskedOnceToLook(t *testing.T) { // S1.70
	t.Parallel()
	b, _ := lent(t)
	b.clocks(t)
	b.tenOn(time.May, 1)
	run := b.tick(t)
	b.plan(t, run)
	got := fixture.One[string](t, b.Store.Pool, `SELECT string_agg(subject || '|' || body, '#') FROM notification WHERE person_id = $1 AND kind = 'review_reminders'`, b.AM)
	if strings.Count(got, "#") != 0 || !strings.HasPrefix(got, "Review the reminders of 2026-05: 1 will go, of 1 clients that owe something") || !strings.Contains(got, ": level 1\n") || !strings.HasSuffix(got, " goes out by itself on Monday 4 May 2026 at 07:00 UTC-03:00.") {
		t.Errorf("got %s", got)
	}
	l := b.letter(t, run)
	if a := l.Content.Accounts; len(a) != 1 || a[0].PastDue != "120.00" || a[0].Invoices[0].DaysOverdue != 12 || a[0].Aging[1] != "120.00" {
		t.Errorf("the list has %+v", a)
	}
}

// reviewers are who was told of something, by name.
func (b *bench) reviewers(t *testing.T, kind string) string {
	t.Helper()
	return fixture.One[string](t, b.Store.Pool, `SELECT coalesce(string_agg(split_part(p.name, ' ', 1), ' ' ORDER BY p.name), '') FROM notification n JOIN person p ON p.id = n.person_id WHERE n.kind = $1`, kind)
}

func TestTheClientsOwnAccountManagerReviewsToo(t *testing.T) { // S1.02, S1.70
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE client SET account_manager_id = $2 WHERE id = $1`, b.Client, b.Person(t, "Clara", "account_manager", ""))
	b.Person(t, "Zoe", "account_manager", "")
	b.tenOn(time.May, 1)
	b.tick(t)
	if got := b.reviewers(t, "review_reminders"); got != "Clara Olivia" {
		t.Errorf("%s are asked to look", got)
	}
}

func TestWhereNobodyLooksAfterAClientAllAreAsked(t *testing.T) { // S1.02, S1.70
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE person SET active = false WHERE id = $1`, b.AM)
	b.Person(t, "Zoe", "account_manager", "")
	b.tenOn(time.May, 1)
	b.tick(t)
	if got := b.reviewers(t, "review_reminders"); got != "Zoe" {
		t.Errorf("%q are asked to look", got)
	}
}

func TestTheRunComesOnItsDayAndIsCaughtUpOnce(t *testing.T) { // lesson 3
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE reminder_policy SET day_of_month = 5`)
	b.tenOn(time.April, 5)
	b.tick(t)
	b.tenOn(time.May, 4)
	if b.tick(t) != uuid.Nil {
		t.Error("it came early")
	}
	b.tenOn(time.May, 23) // nobody was there on the fifth
	if b.tick(t) == uuid.Nil || b.tick(t) != uuid.Nil {
		t.Error("it was not caught up once")
	}
	b.Exec(t, `UPDATE reminder_policy SET active = false`)
	b.tenOn(time.June, 5)
	if b.tick(t) != uuid.Nil {
		t.Error("it came though it is off")
	}
}

func TestDownForFortyDaysMovesOneStep(t *testing.T) { // N.33, lesson 3
	t.Parallel()
	b, _ := lent(t)
	b.tenOn(time.May, 1)
	may := b.tick(t)
	b.tenOn(time.May, 4)
	lettered{b.send(t, may)}.is(t, "sent", "", 1)
	b.tenOn(time.June, 13) // forty days later, 55 past due
	june := b.tick(t)
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM reminder_run`); n != 2 {
		t.Errorf("%d runs", n)
	}
	b.tenOn(time.June, 16)
	lettered{b.send(t, june)}.is(t, "sent", "", 2)
	if n := b.mails(t, ""); n != 2 {
		t.Errorf("%d mails", n)
	}
}

func TestALetterThatWaitedThroughAnOutageGoesAlone(t *testing.T) { // N.33
	t.Parallel()
	b, _ := lent(t)
	b.tenOn(time.May, 1)
	may := b.tick(t)
	b.tenOn(time.June, 11) // down from the second of May
	june := b.tick(t)
	lettered{b.letter(t, june)}.is(t, "held", "letter_waiting", 1)
	lettered{b.send(t, may)}.is(t, "sent", "", 1)
	if l := b.send(t, june); l.State != "held" || b.mails(t, "") != 1 {
		t.Errorf("%d mails; June's is %s", b.mails(t, ""), l.State)
	}
}

func TestALaterStepThatFailsSendsNothingTwice(t *testing.T) { // lesson 4
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE reminder_policy SET currency = 'GBP', levels = '[{"days_overdue": 7, "days_since_last": 0, "fee": "15", "interest_percent": "8"}]'`)
	b.Exec(t, `CREATE FUNCTION no_charge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`)
	b.Exec(t, `CREATE TRIGGER no_charge BEFORE INSERT ON invoice_line FOR EACH ROW WHEN (NEW.kind = 'charge') EXECUTE FUNCTION no_charge()`)
	b.tenOn(time.May, 1)
	run := b.tick(t)
	b.tenOn(time.May, 4)
	for range 3 {
		if _, err := b.acts.SendReminder(t.Context(), b.letter(t, run).ID); err == nil {
			t.Fatal("the charge was drafted")
		}
	}
	if b.mails(t, "") != 0 {
		t.Fatal("a mail was written before all of it was done")
	}
	b.Exec(t, `DROP TRIGGER no_charge ON invoice_line`)
	l := b.send(t, run)
	lettered{l}.is(t, "sent", "", 1)
	b.arrive(t)
	b.send(t, run)
	if n := b.mails(t, ""); n != 1 || len(l.Charges) != 1 {
		t.Fatalf("%d mails, charges %v", n, l.Charges)
	}
	inv := b.invoiceIs(t, l.Charges[0]) // 120.00 × 8 % × 15 / 365 = 0.3945
	if inv.State != "draft" || inv.Total != "15.39" || len(inv.Lines) != 2 || inv.Lines[0].Description != "Reminder fee, level 1" {
		t.Errorf("got %+v", inv)
	}
	if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM invoice WHERE state = 'draft'`); n != 1 {
		t.Errorf("%d drafts", n)
	}
}

func TestTheBalanceIsReadAgainWhenItIsSent(t *testing.T) { // lesson 10
	t.Parallel()
	b, id := lent(t)
	b.tenOn(time.May, 1)
	may := b.tick(t)
	b.Exec(t, `UPDATE invoice SET paid = 49.95 WHERE id = $1`, id) // during the review
	b.tenOn(time.May, 4)
	l := b.send(t, may)
	if i := l.Content.Accounts[0].Invoices[0]; i.Balance != "70.05" || i.Paid != "49.95" {
		t.Errorf("the letter says %+v", i)
	}
	if body := fixture.One[string](t, b.Store.Pool, `SELECT body FROM mail`); !strings.Contains(body, "GBP 70.05") {
		t.Errorf("the mail says %s", body)
	}
	b.Exec(t, `UPDATE invoice SET paid = 90 WHERE id = $1`, id) // part payment: the next shows the new balance
	b.tenOn(time.June, 1)
	june := b.tick(t)
	if got := b.letter(t, june).Content.Accounts[0].Invoices[0].Balance; got != "30.00" {
		t.Errorf("June's says %s", got)
	}
	b.Exec(t, `UPDATE invoice SET paid = 120 WHERE id = $1`, id) // all of it, during the review
	b.tenOn(time.June, 4)
	lettered{b.send(t, june)}.is(t, "skipped", "nothing_past_due", 2)
	if b.mails(t, "") != 1 {
		t.Error("a paid invoice was reminded of")
	}
}

func TestWhoIsLeftOutIsListedWithTheReason(t *testing.T) { // S1.70
	t.Parallel()
	for reason, sql := range map[string]string{
		"no_email":         `UPDATE client SET email = '' WHERE $1::uuid IS NOT NULL`,
		"paused":           `INSERT INTO reminder_pause (client_id, paused_until) SELECT client_id, '2026-05-01' FROM invoice WHERE id = $1`,
		"nothing_past_due": `INSERT INTO invoice_hold (invoice_id, disputed, reason) VALUES ($1, true, 'late')`,
		"below_minimum":    `UPDATE reminder_policy SET minimum = 120.01 WHERE $1::uuid IS NOT NULL`,
		"not_yet":          `UPDATE reminder_policy SET levels = '[{"days_overdue": 13, "days_since_last": 0}]' WHERE $1::uuid IS NOT NULL`,
	} {
		b, id := lent(t)
		b.Exec(t, sql, id)
		b.tenOn(time.May, 1)
		l := b.letter(t, b.tick(t))
		if l.State != "held" || l.Reason != reason {
			t.Errorf("got %s %q, want held %q", l.State, l.Reason, reason)
		}
		if reason == "nothing_past_due" && (len(l.Content.LeftOut) != 1 || l.Content.LeftOut[0].Reason != "disputed") {
			t.Errorf("left out: %+v", l.Content.LeftOut)
		}
	}
}

// release is what the API does when somebody lets a letter go.
func (b *bench) release(t *testing.T, l postgres.ReminderLetter, by string) {
	t.Helper()
	err := b.SetReminderLetter(t.Context(), db.SetReminderLetterParams{ID: l.ID, State: "review", HoldUntil: b.Store.Now(), Comment: "Call me.", DecidedBy: &b.AM, By: by})
	if err != nil {
		t.Fatal(err)
	}
}

// A client without an address gets its letters on paper, and its level moves as
// if they had been mailed.
func TestALetterIsPrintedAndPosted(t *testing.T) { // S1.71, S1.78
	t.Parallel()
	b, _ := lent(t)
	b.Exec(t, `UPDATE client SET email = '' WHERE id = $1`, b.Client)
	for i, month := range []time.Month{time.May, time.June} {
		b.tenOn(month, 1)
		l := b.letter(t, b.tick(t))
		lettered{l}.is(t, "held", "no_email", int16(i+1))
		var pdf strings.Builder
		if err := b.acts.WriteReminder(t.Context(), &pdf, l.ID); err != nil || !strings.HasPrefix(pdf.String(), "%PDF") {
			t.Errorf("before it goes its PDF is %.20q, %v", pdf.String(), err)
		}
		b.release(t, l, "paper")
		l = b.send(t, l.RunID)
		lettered{l}.is(t, "sent", "", int16(i+1))
		if l.By != "paper" || l.MailID != nil || l.SentOn.Month != month || b.mails(t, "") != 0 {
			t.Errorf("posted it is %+v, with %d mails", l, b.mails(t, ""))
		}
		b.hasPDF(t, l.ID)
		b.send(t, l.RunID) // again
		if n := fixture.One[int](t, b.Store.Pool, `SELECT count(*) FROM audit_event WHERE entity_kind = 'reminder' AND verb = 'send'`); n != i+1 {
			t.Errorf("it was sent %d times", n)
		}
	}
	if got := fixture.One[string](t, b.Store.Pool, `SELECT body FROM notification WHERE kind = 'review_reminders' ORDER BY id LIMIT 1`); !strings.Contains(got, "level 1, no e-mail address: print and post it") {
		t.Errorf("who reviews reads %s", got)
	}
}

func TestALetterWhoseAddressIsGoneIsHeldForPaper(t *testing.T) { // S1.71
	t.Parallel()
	b, id := lent(t)
	b.tenOn(time.May, 1)
	run := b.tick(t)
	b.Exec(t, `UPDATE client SET email = '' WHERE id = $1`, b.Client)
	b.tenOn(time.May, 4)
	l := b.send(t, run)
	lettered{l}.is(t, "held", "no_email", 1)
	b.Exec(t, `UPDATE invoice SET paid = total WHERE id = $1`, id)
	if err := b.acts.WriteReminder(t.Context(), new(strings.Builder), l.ID); !fault.Is(err, "not_rendered") {
		t.Errorf("what is paid is reminded of: %v", err)
	}
	b.release(t, l, "paper")
	lettered{b.send(t, run)}.is(t, "skipped", "nothing_past_due", 1)
}

func TestOnlyWhatWasSentIsRemindedOf(t *testing.T) { // billing "Reminders"
	t.Parallel()
	b := set(t)
	b.reachable(t, "en")
	b.tenOn(time.March, 20)
	id := b.completed(t, "email")
	for _, step := range []func() error{
		func() error { _, err := b.acts.RenderInvoice(t.Context(), id); return err },
		func() error { _, err := b.acts.SendInvoice(t.Context(), id); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	b.tenOn(time.May, 1) // the mail has waited for a mail server
	lettered{b.letter(t, b.tick(t))}.is(t, "held", "nothing_past_due", 0)
	b.tenOn(time.May, 28)
	b.arrive(t)
	b.tenOn(time.June, 1)
	l := b.letter(t, b.tick(t))
	if l.State != "held" || l.Content.LeftOut[0].Reason != "sent_recently" {
		t.Errorf("four days after it was sent: %+v", l)
	}
	b.tenOn(time.July, 1)
	lettered{b.letter(t, b.tick(t))}.is(t, "review", "", 1)
	if !decimal.RequireFromString(b.invoiceIs(t, id).Balance).Equal(decimal.NewFromInt(120)) {
		t.Error("the balance changed")
	}
}

func TestCreditNotesAndWhatIsLeftOverCount(t *testing.T) { // billing "Reminders", N.04, N.05
	t.Parallel()
	b, id := lent(t)
	other := b.completed(t, "paper")
	b.pays(t, "120", billing.Application{InvoiceID: other, Amount: dec("120")})
	if err := b.credits(t, other, flow.CreditLine{LineID: b.shown(t, other).Lines[0].ID, WriteOff: true}); err != nil {
		t.Fatal(err)
	}
	b.tenOn(time.May, 1)
	lettered{b.letter(t, b.tick(t))}.is(t, "held", "covered_by_credit", 0)
	note := fixture.One[uuid.UUID](t, b.Store.Pool, `SELECT id FROM credit_note`)
	if _, err := b.does(t, "apply", flow.ApplyCredit{CreditNoteID: &note, Applications: []billing.Application{{InvoiceID: id, Amount: dec("50")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.does(t, "refund", flow.RefundCredit{Amount: dec("40")}); err != nil {
		t.Fatal(err)
	}
	b.tenOn(time.June, 1)
	june := b.tick(t)
	b.tenOn(time.June, 4)
	l := b.send(t, june)
	lettered{l}.is(t, "sent", "", 1)
	a := l.Content.Accounts[0]
	if i := a.Invoices[0]; len(a.Invoices) != 1 || i.Paid != "50.00" || i.Balance != "70.00" || a.PastDue != "70.00" || a.Credit != "30.00" || a.DueNow != "40.00" {
		t.Errorf("the letter says %+v", a)
	}
	if body := fixture.One[string](t, b.Store.Pool, `SELECT body FROM mail`); !strings.Contains(body, "GBP 40.00") {
		t.Errorf("the mail says %s", body)
	}
}

// An invoice is found by its project where it is of one alone.
func TestAnOperatorFindsAnInvoiceByItsProject(t *testing.T) { // N.30
	t.Parallel()
	b, invoice := lent(t)
	code := fixture.One[string](t, b.Store.Pool, `SELECT code FROM project WHERE id = $1`, b.Project)
	if snap, err := b.acts.LoadInvoice(t.Context(), invoice); err != nil || snap.Project != code || !strings.Contains(snap.Details, "- **Projects:** "+code+"\n") {
		t.Errorf("of one project: %q, %v\n%s", snap.Project, err, snap.Details)
	}
	other := b.Store.NewID()
	b.Exec(t, `INSERT INTO project (id, client_id, code, name, status, account_manager_id, currency) VALUES ($1, $2, 'OTHER', 'Other', 'active', $3, 'GBP')`, other, b.Client, b.AM)
	b.Exec(t, `INSERT INTO invoice_project (invoice_id, project_id) VALUES ($1, $2)`, invoice, other)
	if snap, err := b.acts.LoadInvoice(t.Context(), invoice); err != nil || snap.Project != "" || !strings.Contains(snap.Details, "- **Projects:** "+code+", OTHER\n") {
		t.Errorf("of two projects: %q, %v\n%s", snap.Project, err, snap.Details)
	}
}

// What the page of a process tells an operator who does not know the code.
func TestAnOperatorReadsWhatComesNext(t *testing.T) { // N.30
	t.Parallel()
	b, invoice := lent(t)
	b.tenOn(time.May, 1)
	run := b.tick(t)
	load := func(f func(context.Context, uuid.UUID) (flow.Snapshot, error), id uuid.UUID) string {
		snap, err := f(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return snap.Details
	}
	for what, page := range map[string]struct{ details, next string }{
		"project":  {load(b.acts.LoadProject, b.Project), "its tasks are completed"},
		"invoice":  {load(b.acts.LoadInvoice, invoice), "makes the PDF"},
		"account":  {load(b.acts.LoadAccount, b.Client), "a payment is recorded"},
		"reminder": {load(b.acts.LoadReminder, b.letter(t, run).ID), "goes by itself"},
	} {
		if !strings.Contains(page.details, "**What comes next:** ") || !strings.Contains(page.details, page.next) {
			t.Errorf("%s: %q is not in %s", what, page.next, page.details)
		}
	}
	number := fixture.One[string](t, b.Store.Pool, `SELECT number FROM invoice WHERE id = $1`, invoice)
	if got := load(b.acts.LoadInvoice, invoice); !strings.HasPrefix(got, "### Invoice "+number+"\n") || !strings.Contains(got, "GBP 120.00, paid GBP 0.00") || !strings.Contains(got, "since it was completed 2026-03-20") {
		t.Errorf("got %s", got)
	}
}
