package work

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// WeekReport is what a client is told of its active projects once a week
// (S1.69). It holds only what a client may read: of tasks that are hidden from
// it there are numbers, and of money what was billed.
type WeekReport struct {
	Client     string          `json:"client"`
	Week       string          `json:"week" example:"2026-W12" doc:"ISO 8601"`
	WeekEnding civil.Date      `json:"week_ending" format:"date"`
	AsOf       civil.Date      `json:"as_of" format:"date" doc:"The day that the figures are of"`
	Since      civil.Date      `json:"since" format:"date" doc:"The day of the report before; a week earlier, where this is the first"`
	Projects   []ProjectReport `json:"projects"`
}

// ProjectReport is one project of a report.
type ProjectReport struct {
	ID                 uuid.UUID  `json:"id"`
	Code               string     `json:"code"`
	Name               string     `json:"name"`
	EstimatedMinutes   int        `json:"estimated_minutes"`
	WorkedMinutes      int        `json:"worked_minutes"`
	RemainingMinutes   int        `json:"remaining_minutes"`
	WorkedSinceMinutes int        `json:"worked_since_minutes" doc:"More than the report before said, with what was recorded late; below zero where time was taken back"`
	Currency           string     `json:"currency"`
	Billed             string     `json:"billed" doc:"On completed invoices, without tax"`
	StartsOn           civil.Date `json:"starts_on" format:"date" nullable:"true"`
	DaysSinceStart     *int       `json:"days_since_start"`
	EstimatedEndOn     civil.Date `json:"estimated_end_on" format:"date" nullable:"true"`
	DaysToEnd          *int       `json:"days_to_end"`
	Planned            int        `json:"planned" doc:"Tasks, also those that are hidden from the client"`
	Open               int        `json:"open" doc:"Tasks, as above"`
	Complete           int        `json:"complete" doc:"Tasks, as above"`
	Completed          TaskNews   `json:"completed" doc:"Since the report before"`
	Opened             TaskNews   `json:"opened" doc:"Since the report before"`
	Added              TaskNews   `json:"added" doc:"Since the report before"`
	Dropped            TaskNews   `json:"dropped,omitzero" doc:"Cancelled since the report before, which they were there for; absent in reports that were made before there was this"`
	Next               []string   `json:"next" doc:"Visible tasks that are open or planned: the open first, then by priority"`
}

// TaskNews is what became of some tasks.
type TaskNews struct {
	Titles []string `json:"titles" doc:"Of tasks that the client sees"`
	Others int      `json:"others" doc:"How many more there are"`
}

// ReportedTask is a task as a report looks at it.
type ReportedTask struct {
	Number    int
	Title     string
	Status    Status
	Priority  int
	Visible   bool
	CreatedAt time.Time
	StatusAt  time.Time
	ClosedAt  *time.Time
}

// How many tasks a report names of each kind; more are counted.
const (
	namedNews = 20
	namedNext = 5
)

// ReportTasks fills in what became of a project's tasks since an instant, and
// what comes next. A task is told of once: as completed, as dropped, as added,
// or as opened. One that came and went in between was never there.
func (p *ProjectReport) ReportTasks(tasks []ReportedTask, since time.Time) {
	p.Completed.Titles, p.Opened.Titles, p.Added.Titles, p.Dropped.Titles, p.Next = []string{}, []string{}, []string{}, []string{}, []string{}
	var next []ReportedTask
	for _, t := range tasks {
		switch {
		case t.Status == Complete && t.ClosedAt != nil && t.ClosedAt.After(since):
			p.Completed.tell(p.Code, t)
		case t.Status == Cancelled && t.ClosedAt != nil && t.ClosedAt.After(since) && !t.CreatedAt.After(since):
			p.Dropped.tell(p.Code, t)
		case t.Status.Closed():
		case t.CreatedAt.After(since):
			p.Added.tell(p.Code, t)
		case t.Status == Open && t.StatusAt.After(since):
			p.Opened.tell(p.Code, t)
		}
		if t.Visible && !t.Status.Closed() {
			next = append(next, t)
		}
	}
	slices.SortStableFunc(next, func(a, b ReportedTask) int {
		return cmp.Or(openFirst(a.Status, b.Status), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Number, b.Number))
	})
	for _, t := range next[:min(len(next), namedNext)] {
		p.Next = append(p.Next, t.named(p.Code))
	}
}

func openFirst(a, b Status) int {
	switch {
	case a == b:
		return 0
	case a == Open:
		return -1
	}
	return 1
}

func (n *TaskNews) tell(code string, t ReportedTask) {
	if t.Visible && len(n.Titles) < namedNews {
		n.Titles = append(n.Titles, t.named(code))
		return
	}
	n.Others++
}

func (t ReportedTask) named(code string) string {
	return fmt.Sprintf("%s-%d %s", code, t.Number, t.Title)
}

// Follow fills in what was worked since the report before: the difference of
// the two totals, so that time that is recorded late is told of once, and what
// is printed adds up. It tells whether the project is in that report; of another
// it is what was worked since its day.
func (p *ProjectReport) Follow(before WeekReport) bool {
	i := slices.IndexFunc(before.Projects, func(o ProjectReport) bool { return o.ID == p.ID })
	if i >= 0 {
		p.WorkedSinceMinutes = p.WorkedMinutes - before.Projects[i].WorkedMinutes
	}
	return i >= 0
}

// Week names the week of a day by ISO 8601: "2026-W12".
func Week(d civil.Date) string {
	year, week := d.Start(time.UTC).ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// LastReportDay is the last day on which reports were to be made, and when on
// it: weekday is 1 for Monday to 7 for Sunday, hour by the clocks of the zone.
func LastReportDay(now time.Time, zone *time.Location, weekday, hour int) (civil.Date, time.Time) {
	day := civil.In(now, zone)
	for {
		at := time.Date(day.Year, day.Month, day.Day, hour, 0, 0, 0, zone)
		if (int(day.Weekday())+6)%7+1 == weekday && !now.Before(at) {
			return day, at
		}
		day = day.AddDays(-1)
	}
}

// What account managers hear of status reports.
const (
	ReportReady NoticeKind = "report_ready" // it goes by itself, unless they hold it back
	ReportHeld  NoticeKind = "report_held"  // there was nobody to send it to
)

// ReportMade is who hears that a client's report is there to be looked at.
func ReportMade(managers []uuid.UUID) []Notice {
	return only(ReportReady, managers...)
}

// ReportStuck is who hears that a client's report could not go.
func ReportStuck(managers []uuid.UUID) []Notice {
	return only(ReportHeld, managers...)
}
