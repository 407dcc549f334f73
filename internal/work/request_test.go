package work_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"steward/internal/civil"
	"steward/internal/fault"
	"steward/internal/work"
)

var am, client = uuid.UUID{4}, uuid.UUID{5}

func asked() work.Request {
	r, err := work.NewRequest(work.Request{Kind: work.Issue, Title: "It is slow"}, am, work.Target{}, facts(client))
	if err != nil {
		panic(err)
	}
	return r
}

func TestARequestBeginsOnItsAccountManagersDesk(t *testing.T) { // S1.49, S1.52
	r := asked()
	if r.Status != work.RequestOpen || r.Assignee != (work.Assignee{Kind: work.Person, ID: am}) || r.CreatedBy != client || r.Priority != 3 {
		t.Errorf("got %+v", r)
	}
}

func TestARequestsStatusLeadsWhereTheTableSays(t *testing.T) { // S1.61
	all := []work.RequestStatus{work.RequestOpen, work.RequestCompleted, work.RequestCancelled}
	allowed := []string{"open→completed", "open→cancelled", "completed→open", "cancelled→open"}
	for _, from := range all {
		for _, to := range all {
			r := asked()
			if r.Status = from; from.Closed() {
				r.ClosedAt = &now
			}
			got, err := r.SetStatus(to, facts(am))
			if ok := slices.Contains(allowed, fmt.Sprintf("%s→%s", from, to)); ok != (err == nil) || !ok && code(err) != work.BadTransition {
				t.Errorf("%s→%s: %v", from, to, err)
			}
			if err == nil && (got.Status != to || (got.ClosedAt != nil) != to.Closed()) {
				t.Errorf("%s→%s: %+v", from, to, got)
			}
		}
	}
}

func TestARequestGoesRoundAndComesBackToItsAccountManager(t *testing.T) { // S1.53, S1.54, S1.59, S1.60
	r, err := asked().Assign(toGroup, facts(am))
	if err != nil || r.Assignee != toGroup.Assignee {
		t.Fatalf("assigned: %+v, %v", r, err)
	}
	if r, err = r.Accept(facts(other)); err != nil || r.Assignee.ID != other || *r.AcceptedFrom != group || r.AccountManagerID != am {
		t.Fatalf("accepted: %+v, %v", r, err)
	}
	if _, err := r.Accept(facts(owner)); code(err) != work.AlreadyAssigned {
		t.Errorf("accepted twice: %v", err)
	}
	for _, h := range []work.HandOver{{Reason: "bored", Done: "a", Next: "b"}, {Reason: work.NeedSupport, Done: " ", Next: "b"}, {Reason: work.NeedSupport, Done: "a"}} {
		if _, err := r.Delegate(toGroup, h, facts(other)); code(err) != fault.Invalid {
			t.Errorf("delegated with %+v: %v", h, err)
		}
	}
	if r, err = r.Delegate(toOwner, finished, facts(other)); err != nil || !r.Delegated || r.HandOver.By != other || r.AcceptedFrom != nil {
		t.Fatalf("delegated: %+v, %v", r, err)
	}
	if _, err := r.Return(" ", facts(owner)); code(err) != fault.Invalid {
		t.Errorf("returned without a word: %v", err)
	}
	if r, err = r.Return("found it", facts(owner)); err != nil || r.Assignee.ID != am || r.Delegated || r.HandOver.Done != "found it" {
		t.Fatalf("returned: %+v, %v", r, err)
	}
	if _, err := r.Return("again", facts(am)); code(err) != work.SameAssignee {
		t.Errorf("returned from where it is: %v", err)
	}
	outside := toOther
	outside.Outside = true
	if _, err := r.Assign(outside, facts(am)); code(err) != fault.Invalid {
		t.Errorf("assigned to the client: %v", err)
	}
}

func TestNothingIsDoneToAClosedRequest(t *testing.T) { // S1.61
	r, _ := asked().SetStatus(work.RequestCompleted, facts(am))
	for name, do := range map[string]func() error{
		"assign":   func() error { _, err := r.Assign(toGroup, facts(am)); return err },
		"delegate": func() error { _, err := r.Delegate(toGroup, finished, facts(am)); return err },
		"accept":   func() error { _, err := r.Accept(facts(am)); return err },
		"return":   func() error { _, err := r.Return("a", facts(am)); return err },
		"wait":     func() error { _, err := r.Wait(facts(am)); return err },
		"reply":    func() error { _, err := r.Reply(work.Answer{Text: "a"}, facts(am)); return err },
	} {
		if err := do(); code(err) != work.RequestClosed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatSomebodyWroteOfHoursStays(t *testing.T) { // S1.05, S1.63
	const instead = "The hours are for those to read who manage your organisation's projects."
	generated := work.Hours("en", "1:00", "0:30", "0:30")
	for _, note := range []string{"", "As asked:\n\n", "Hours: less than we thought.\n\nHours: as agreed.\n\n"} {
		for _, days := range []string{"", "\n\nBegun on 2026-03-01, 2 days ago.\n\nIts end is planned for 2026-03-05, in 2 days."} {
			if got := (work.Answer{Text: note + generated + days, Summary: []byte("{}")}).WithoutHours(); got.Text != note+instead+days || got.Summary != nil {
				t.Errorf("of %q they read %q, %s", note+generated+days, got.Text, got.Summary)
			}
		}
	}
}

func TestAnAskIsSettledByItsAnswer(t *testing.T) { // S1.68
	about := uuid.UUID{7}
	ask, err := work.NewRequest(work.Request{AboutID: &about, Kind: work.Question, Title: "When?"}, am, toOther, facts(owner))
	if err != nil || ask.Assignee.ID != other {
		t.Fatalf("got %+v, %v", ask, err)
	}
	if _, err := ask.Wait(facts(other)); code(err) != fault.Conflict {
		t.Errorf("the client is waited for: %v", err)
	}
	got, err := ask.Reply(work.Answer{Text: "On Monday"}, facts(other))
	if err != nil || got.Status != work.RequestCompleted || got.Answer.By != other || got.Answer.At != now {
		t.Errorf("got %+v, %v", got, err)
	}
	if r, err := asked().Reply(work.Answer{Text: "On Monday"}, facts(other)); err != nil || r.Status != work.RequestOpen || r.RespondedAt == nil {
		t.Errorf("the client's: %+v, %v", r, err)
	}
	if _, err := asked().Reply(work.Answer{Text: " "}, facts(other)); code(err) != fault.Invalid {
		t.Errorf("an empty answer: %v", err)
	}
}

func TestWhatIsOnTheManagersDeskGoesToTheNextManager(t *testing.T) { // S1.02
	next := uuid.UUID{8}
	if r := asked().Edit(work.RequestEdit{AccountManagerID: &next}, facts(am)); r.Assignee.ID != next || r.AccountManagerID != next {
		t.Errorf("got %+v", r)
	}
	r, _ := asked().Assign(toOther, facts(am))
	if r = r.Edit(work.RequestEdit{AccountManagerID: &next}, facts(am)); r.Assignee.ID != other || r.AccountManagerID != next {
		t.Errorf("got %+v", r)
	}
}

func told(all []work.Notice) string {
	var s []string
	for _, n := range all {
		s = append(s, fmt.Sprintf("%d %s", n.Person[0], n.Kind))
	}
	return fmt.Sprint(s)
}

func TestWhoHearsOfARequest(t *testing.T) { // S1.50, N.20, N.21
	crew := work.Audience{Told: work.ToldMembers, Members: []uuid.UUID{other, manager}, Managers: []uuid.UUID{manager}}
	inGroup, _ := asked().Assign(toGroup, facts(am))
	with, _ := inGroup.Accept(facts(other))
	back, _ := with.Return("done", facts(other))
	given := asked().Edit(work.RequestEdit{AccountManagerID: &manager}, facts(other))
	for name, c := range map[string]struct{ got, want string }{
		"handed over":      {told(work.RequestHandedOver(asked(), given, other)), "[3 request_given 4 request_taken]"},
		"new":              {told(work.RequestMade(asked(), client, crew)), "[4 requested]"},
		"to a group":       {told(work.RequestHanded(asked(), inGroup, am, crew)), "[2 group_work 3 group_work]"},
		"accepted":         {told(work.RequestTaken(with, other)), "[4 accepted]"},
		"returned":         {told(work.RequestHanded(with, back, other, work.Audience{})), "[4 returned]"},
		"completed":        {told(work.RequestTurned(with, am)), "[5 status 2 status]"},
		"awaited":          {told(work.RequestAwaits(with, other)), "[5 client_awaited]"},
		"the client wrote": {told(work.RequestNoted(with, client, true, crew)), "[2 client_wrote 4 client_wrote]"},
		"the staff wrote":  {told(work.RequestNoted(with, other, false, crew)), "[5 staff_wrote]"},
		"half":             {told(work.RequestWarned(with, work.Warning{Target: work.Response, Percent: 50}, crew)), "[2 response_warning]"},
		"90":               {told(work.RequestWarned(with, work.Warning{Target: work.Resolution, Percent: 90}, crew)), "[4 resolution_warning 2 resolution_warning]"},
		"missed":           {told(work.RequestWarned(with, work.Warning{Target: work.Response, Percent: 100}, crew)), "[3 response_missed 4 response_missed 2 response_missed]"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
}

func london(t *testing.T, holiday func(civil.Date) bool) civil.Hours {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	h, err := civil.Usual().Hours(zone, holiday)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func utc(s string) time.Time {
	v, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return v
}

func TestTargetsRunInTheClientsWorkingTime(t *testing.T) { // N.20
	bank := func(d civil.Date) bool { return d == civil.Of(2026, time.May, 25) } // a Monday
	for name, c := range map[string]struct {
		start, want string
		minutes     int
	}{
		"within a morning":            {"2026-02-02 09:00", "2026-02-02 10:00", 60},
		"over lunch":                  {"2026-02-02 12:00", "2026-02-02 14:00", 60},
		"asked at night":              {"2026-02-02 22:00", "2026-02-03 10:00", 60},
		"over a weekend":              {"2026-02-06 17:00", "2026-02-09 09:30", 60},
		"over a public holiday":       {"2026-05-22 16:00", "2026-05-26 08:30", 60}, // summer time
		"over the change of clocks":   {"2026-03-27 17:00", "2026-03-30 08:30", 60},
		"over the change in autumn":   {"2026-10-23 16:00", "2026-10-26 09:30", 60}, // 17:00 by the clock
		"a day of seven and a half h": {"2026-02-02 09:00", "2026-02-02 17:30", 450},
	} {
		p := work.Promise{Start: utc(c.start), ResolutionMinutes: c.minutes}
		if got := p.Due(work.Resolution, london(t, bank)); got == nil || !got.Equal(utc(c.want)) {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		} else if got.Location() != time.UTC {
			t.Errorf("%s: it is told as %v, instants are in UTC", name, got)
		}
	}
}

func TestTargetsDoNotRunWhileTheClientIsWaitedFor(t *testing.T) { // N.20
	h := london(t, nil)
	on := func(s string) work.Facts { return work.Facts{Now: utc(s), ActorID: other} }
	r, _ := work.NewRequest(work.Request{Title: "x"}, am, work.Target{}, on("2026-02-02 09:00")) // a Monday
	r.ResponseMinutes, r.ResolutionMinutes = 60, 240
	r, err := r.Wait(on("2026-02-02 10:00")) // an hour has passed
	if err != nil || r.RespondedAt == nil || r.Due(work.Response, h) != nil || r.Due(work.Resolution, h) != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	if w, ok := r.Next(h); ok {
		t.Errorf("while it waits, next is %+v", w)
	}
	if _, err := r.Wait(on("2026-02-02 10:00")); code(err) != work.AlreadyWaiting {
		t.Errorf("waits twice: %v", err)
	}
	r = r.Noted(true, on("2026-02-04 11:00"))
	if got := r.Due(work.Resolution, h); got == nil || !got.Equal(utc("2026-02-04 15:00")) { // three hours, and lunch
		t.Errorf("after the pause it is due %v", got)
	}
	if _, err := r.Resume(on("2026-02-04 11:00")); code(err) != work.NotWaiting {
		t.Errorf("resumed twice: %v", err)
	}
	r, _ = r.SetStatus(work.RequestCompleted, on("2026-02-04 12:00"))
	if got := r.Due(work.Resolution, h); got != nil {
		t.Errorf("closed, it is due %s", got)
	}
	r, _ = r.SetStatus(work.RequestOpen, on("2026-02-05 09:00"))
	if got := r.Due(work.Resolution, h); got == nil || !got.Equal(utc("2026-02-05 11:00")) {
		t.Errorf("reopened, it is due %v", got)
	}
}

func TestEachLevelIsWarnedOfOnce(t *testing.T) { // N.20, N.33
	h := london(t, nil)
	p := work.Promise{Start: utc("2026-02-02 09:00"), ResponseMinutes: 60}
	for _, c := range []struct{ now, want string }{
		{"2026-02-02 09:29", "[]"}, {"2026-02-02 09:30", "[50]"}, {"2026-02-02 09:31", "[]"}, {"2026-02-02 09:45", "[75]"},
		{"2026-02-02 09:54", "[90]"}, {"2026-02-02 10:00", "[100]"}, {"2026-02-03 10:00", "[]"},
	} {
		var got []int
		var all []work.Warning
		p, all = p.Warn(h, utc(c.now))
		for _, w := range all {
			got = append(got, w.Percent)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("at %s: %v, want %s", c.now, got, c.want)
		}
	}
	late := work.Promise{Start: utc("2026-02-02 09:00"), ResponseMinutes: 60, ResolutionMinutes: 120}
	late, all := late.Warn(h, utc("2026-02-02 10:00")) // nobody looked for an hour
	if len(all) != 2 || all[0].Percent != 100 || all[1].Percent != 50 || late.ResponseWarned != 100 {
		t.Errorf("after an hour's absence: %+v", all)
	}
}

// What people heard of a shorter target is yet to come of a longer one; of a
// shorter one they hear what has passed.
func TestAnotherTargetIsWarnedOfAnew(t *testing.T) { // N.20
	h, now := london(t, nil), utc("2026-02-02 10:30")
	p := work.Promise{Start: utc("2026-02-02 09:00"), ResponseMinutes: 60, ResolutionMinutes: 180}
	p, _ = p.Warn(h, now) // missed, and half
	p.ResponseMinutes, p.ResolutionMinutes = 180, 100
	p = p.Heard(h, now)
	if p.ResponseWarned != 50 || p.ResolutionWarned != 50 {
		t.Errorf("heard of is %d and %d", p.ResponseWarned, p.ResolutionWarned)
	}
	p, all := p.Warn(h, now)
	if len(all) != 1 || all[0].Target != work.Resolution || all[0].Percent != 90 {
		t.Errorf("now they hear %+v", all)
	}
	if w, ok := p.Next(h); !ok || w.Percent != 100 || w.Target != work.Resolution || !w.At.Equal(utc("2026-02-02 10:40")) {
		t.Errorf("next is %+v", w)
	}
}

// Whatever pauses there are, the working time up to the due instant, without
// them, is the target.
func TestADueInstantIsTheTargetPlusThePauses(t *testing.T) { // N.20
	h := london(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		p := work.Promise{Start: utc("2026-02-02 09:00"), ResolutionMinutes: rapid.IntRange(1, 3000).Draw(t, "target")}
		from := p.Start
		for range rapid.IntRange(0, 5).Draw(t, "pauses") {
			from = from.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "runs")) * time.Minute)
			to := from.Add(time.Duration(rapid.IntRange(0, 9000).Draw(t, "rests")) * time.Minute)
			p.Pauses = append(p.Pauses, work.Pause{From: from, To: &to})
			from = to
		}
		due := p.Due(work.Resolution, h)
		if due == nil {
			t.Fatal("never due")
		}
		ran := h.Between(p.Start, *due)
		for _, pause := range p.Pauses {
			if pause.From.Before(*due) {
				end := *pause.To
				if due.Before(end) {
					end = *due
				}
				ran -= h.Between(pause.From, end)
			}
		}
		if ran != p.ResolutionMinutes {
			t.Fatalf("%d minutes ran up to %s, want %d", ran, due, p.ResolutionMinutes)
		}
	})
}

func TestAnAnswerLosesItsHoursInEveryLanguage(t *testing.T) { // S1.05, S1.63
	t.Parallel()
	for _, language := range []string{"en", "de", "fr", "es"} {
		hours, days := work.Hours(language, "9:59", "8:58", "7:57"), work.Begun(language, "D", 1)+"\n\n"+work.Ends(language, "D", 2)
		got := work.Answer{Text: "Hours: as I said\n\n" + hours + "\n\n" + days}.WithoutHours().Text
		if strings.Contains(got, ":5") || !strings.HasPrefix(got, "Hours: as I said\n\n") || !strings.HasSuffix(got, days) {
			t.Errorf("%s: %s", language, got)
		}
	}
}

func TestTheManagersOfAGroupHearOnceThatNobodyAccepts(t *testing.T) { // S1.14
	r := asked()
	r.Assignee = work.Assignee{Kind: work.Group, ID: group}
	deadline, past := now, now.Add(time.Minute)
	at := func(r work.Request, deadline *time.Time) bool {
		got, told := r.Escalate(deadline, facts(owner))
		if told != (got.EscalatedAt != r.EscalatedAt) {
			t.Errorf("told %t, noted %v", told, got.EscalatedAt)
		}
		return told
	}
	if !at(r, &deadline) || at(r, &past) || at(r, nil) {
		t.Error("not at the deadline, before it, or without one")
	}
	again, _ := r.Escalate(&deadline, facts(owner))
	closed, person := r, r
	closed.Status, person.Assignee = work.RequestCompleted, work.Assignee{Kind: work.Person, ID: other}
	if at(again, &deadline) || at(closed, &deadline) || at(person, &deadline) {
		t.Error("told twice, of what is closed or of what a person has")
	}
}

func TestANoteRespondsOrEndsTheWait(t *testing.T) { // N.20
	r := asked()
	r.ResponseMinutes = 60
	waiting := r
	waiting.Waiting = true
	ask := r
	ask.AboutID = &owner
	for name, c := range map[string]struct {
		request            work.Request
		byClient           bool
		responded, waiting bool
	}{
		"of the staff":                     {r, false, true, false},
		"of the client":                    {r, true, false, false},
		"of the client, who is waited for": {waiting, true, false, false},
		"of the staff, on an ask within":   {ask, false, false, false},
		"of the staff, while it is waited": {waiting, false, true, true},
	} {
		got := c.request.Noted(c.byClient, facts(other))
		if (got.RespondedAt != nil) != c.responded || got.Waiting != c.waiting {
			t.Errorf("%s: responded %v, waiting %t", name, got.RespondedAt, got.Waiting)
		}
	}
	if _, err := r.Resume(facts(other)); code(err) != work.NotWaiting {
		t.Errorf("resumed without waiting: %v", err)
	}
	title, text, first := "New", "more", 1
	if got := r.Edit(work.RequestEdit{Title: &title, Description: &text, Priority: &first}, facts(owner)); got.Title != title || got.Description != text || got.Priority != 1 {
		t.Errorf("edited: %+v", got)
	}
}
