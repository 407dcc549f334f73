package work

import (
	"slices"

	"github.com/google/uuid"

	"steward/internal/civil"
)

// Original is a task of a project that a template is made of.
type Original struct {
	ID              uuid.UUID
	ParentID        *uuid.UUID
	Title           string
	Description     string
	Status          Status
	Priority        int
	EstimateMinutes *int
	Skills          []string
	VisibleToClient bool
	DueOn           civil.Date
	DependsOn       []uuid.UUID
}

// Pattern is a task of a template (S2.03). Numbers are those of the tasks to
// be: 1, 2, 3 … in the order of the project's.
type Pattern struct {
	Number          int      `json:"number"`
	Parent          int      `json:"parent,omitempty" doc:"The number of the task above it"`
	Title           string   `json:"title"`
	Description     string   `json:"description,omitempty"`
	Priority        int      `json:"priority"`
	EstimateMinutes *int     `json:"estimate_minutes"`
	Skills          []string `json:"skills"`
	VisibleToClient bool     `json:"visible_to_client"`
	DueAfterDays    *int     `json:"due_after_days" doc:"Working days after the project's start; 0 is the first day"`
	DependsOn       []int    `json:"depends_on" doc:"Numbers of the tasks that must be complete first"`
}

// Patterns makes a template of a project's tasks, which come in the order of
// their numbers (S2.15). Cancelled ones are left out: what was below them goes
// below the task above them, and what depended on them does so no more. Due
// dates become working days after the project's start; without a start they are
// left out. Who had a task, and how far it was, stays behind.
func Patterns(tasks []Original, start civil.Date, h civil.Hours) []Pattern {
	number, at := map[uuid.UUID]int{}, map[uuid.UUID]Original{}
	for _, t := range tasks {
		at[t.ID] = t
		if t.Status != Cancelled {
			number[t.ID] = len(number) + 1
		}
	}
	all := make([]Pattern, 0, len(number))
	for _, t := range tasks {
		if t.Status == Cancelled {
			continue
		}
		p := Pattern{
			Number: number[t.ID], Title: t.Title, Description: t.Description, Priority: t.Priority, EstimateMinutes: t.EstimateMinutes,
			Skills: t.Skills, VisibleToClient: t.VisibleToClient, DependsOn: []int{},
		}
		up := t.ParentID
		for up != nil && number[*up] == 0 {
			up = at[*up].ParentID
		}
		if up != nil {
			p.Parent = number[*up]
		}
		if !t.DueOn.IsZero() && !start.IsZero() {
			days := h.Workdays(start, t.DueOn)
			p.DueAfterDays = &days
		}
		for _, on := range t.DependsOn {
			if n := number[on]; n > 0 {
				p.DependsOn = append(p.DependsOn, n)
			}
		}
		slices.Sort(p.DependsOn)
		all = append(all, p)
	}
	return all
}

// Due is when the task of a project that starts on a day is due: a working day.
// It is no date where the template says none, or nobody ever works.
func (p Pattern) Due(start civil.Date, h civil.Hours) civil.Date {
	if p.DueAfterDays == nil || start.IsZero() {
		return civil.Date{}
	}
	d, _ := h.AfterWorkdays(start, *p.DueAfterDays)
	return d
}

// Task is the pattern's task in a project: planned, and its account manager's
// to answer for.
func (p Pattern) Task(id uuid.UUID, parent *uuid.UUID, am uuid.UUID, due civil.Date) Task {
	return Task{
		ID: id, ParentID: parent, Title: p.Title, Description: p.Description, Status: Planned, Priority: p.Priority, OwnerID: am,
		EstimateMinutes: p.EstimateMinutes, Skills: p.Skills, VisibleToClient: p.VisibleToClient, DueOn: due,
	}
}
