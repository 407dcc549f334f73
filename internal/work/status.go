package work

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"steward/internal/civil"
)

// WeekReport is what a client is told of its active projects once a week
// (S1.69). It holds only what a client may read: of tasks that are hidden from
// it there are numbers, and of money what was billed.
type WeekReport struct {
	Client     string          `json:"client"`
	Week       string          `json:"week"` // ISO 8601: "2026-W12"
	WeekEnding civil.Date      `json:"week_ending" format:"date"`
	From       civil.Date      `json:"from" format:"date" doc:"The first day that the week's hours are of"`
	To         civil.Date      `json:"to" format:"date" doc:"And the last: the day before the week's end, whose own are in the next report"`
	Projects   []ProjectReport `json:"projects"`
}

// ProjectReport is one project of a report.
type ProjectReport struct {
	Code             string        `json:"code"`
	Name             string        `json:"name"`
	Status           ProjectStatus `json:"status" enum:"draft,awaiting_clearance,active,on_hold,complete,cancelled"`
	EstimatedMinutes int           `json:"estimated_minutes"`
	WorkedMinutes    int           `json:"worked_minutes"`
	RemainingMinutes int           `json:"remaining_minutes"`
	WeekMinutes      int           `json:"week_minutes" doc:"Worked in the week"`
	Currency         string        `json:"currency"`
	Billed           string        `json:"billed" doc:"On completed invoices, without tax"`
	StartsOn         civil.Date    `json:"starts_on" format:"date" nullable:"true"`
	DaysSinceStart   *int          `json:"days_since_start"`
	EstimatedEndOn   civil.Date    `json:"estimated_end_on" format:"date" nullable:"true"`
	DaysToEnd        *int          `json:"days_to_end"`
	Planned          int           `json:"planned" doc:"Tasks"`
	Open             int           `json:"open" doc:"Tasks"`
	Complete         int           `json:"complete" doc:"Tasks"`
	Completed        TaskNews      `json:"completed" doc:"Since the last report"`
	Opened           TaskNews      `json:"opened" doc:"Since the last report"`
	Added            TaskNews      `json:"added" doc:"Since the last report"`
	Next             []string      `json:"next" doc:"Visible tasks that are open or planned, in the order of their priority"`
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

// ReportTasks fills in what became of a project's tasks since the last report,
// and what comes next. A task is told of once: as completed, as added, or as
// opened.
func (p *ProjectReport) ReportTasks(code string, tasks []ReportedTask, since time.Time) {
	p.Completed.Titles, p.Opened.Titles, p.Added.Titles, p.Next = []string{}, []string{}, []string{}, []string{}
	var next []ReportedTask
	for _, t := range tasks {
		switch {
		case t.Status == Complete && t.ClosedAt != nil && t.ClosedAt.After(since):
			p.Completed.tell(code, t)
		case t.Status.Closed():
		case t.CreatedAt.After(since):
			p.Added.tell(code, t)
		case t.Status == Open && t.StatusAt.After(since):
			p.Opened.tell(code, t)
		}
		if t.Visible && !t.Status.Closed() {
			next = append(next, t)
		}
	}
	slices.SortStableFunc(next, func(a, b ReportedTask) int {
		return cmp.Or(boolFirst(a.Status == Open, b.Status == Open), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Number, b.Number))
	})
	for _, t := range next[:min(len(next), namedNext)] {
		p.Next = append(p.Next, t.named(code))
	}
}

func boolFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
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

// Week names the week of a day by ISO 8601: "2026-W12".
func Week(d civil.Date) string {
	year, week := d.Start(time.UTC).ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// LastReportDay is the last day on which reports were to be made: weekday is 1
// for Monday to 7 for Sunday, hour by the clocks of the zone.
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
