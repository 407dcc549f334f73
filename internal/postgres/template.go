package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/postgres/db"
	"steward/internal/work"
)

// Template is a project to make others from (S2.03).
type Template struct {
	ID            uuid.UUID      `json:"id"`
	Name          string         `json:"name"`
	Description   string         `json:"description"`
	WorkStatement WorkStatement  `json:"work_statement" doc:"What is proposed for a project that is made from it"`
	TaskCount     int64          `json:"task_count"`
	Tasks         []work.Pattern `json:"tasks,omitempty" doc:"In the answer for one template"`
	CreatedBy     uuid.UUID      `json:"created_by"`
	CreatedAt     time.Time      `json:"created_at"`
	Version       int32          `json:"version"`
}

// TemplateOf is a row of a list as staff sees it.
func TemplateOf(r db.TemplatesRow) Template {
	t := Template{ID: r.ID, Name: r.Name, Description: r.Description, TaskCount: r.Tasks, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, Version: r.Version}
	_ = json.Unmarshal(r.WorkStatement, &t.WorkStatement) // it was written as one
	return t
}

// OneTemplate reads a template with its tasks.
func OneTemplate(ctx context.Context, q *db.Queries, id uuid.UUID) (Template, error) {
	r, err := q.Template(ctx, id)
	if err != nil {
		return Template{}, Refusal(err)
	}
	t := TemplateOf(db.TemplatesRow(r))
	rows, err := q.TemplateTasks(ctx, id)
	for _, r := range rows {
		p := work.Pattern{
			Number: int(r.Number), Title: r.Title, Description: r.Description, Priority: int(r.Priority), EstimateMinutes: minutes(r.EstimateMinutes),
			Skills: r.Skills, VisibleToClient: r.VisibleToClient, DueAfterDays: minutes(r.DueAfterDays), DependsOn: []int{},
		}
		if r.ParentNumber != nil {
			p.Parent = int(*r.ParentNumber)
		}
		for _, on := range r.DependsOn {
			p.DependsOn = append(p.DependsOn, int(on))
		}
		t.Tasks = append(t.Tasks, p)
	}
	return t, err
}

// ProjectPatterns reads a project's tasks as a template takes them. Its days
// are those on which the account manager works.
func ProjectPatterns(ctx context.Context, q *db.Queries, p Project) ([]work.Pattern, error) {
	rows, err := q.TasksToCopy(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	hours, err := WorkdaysOf(ctx, q, p.AccountManagerID)
	if err != nil {
		return nil, err
	}
	tasks := make([]work.Original, len(rows))
	for i, r := range rows {
		tasks[i] = work.Original{
			ID: r.ID, ParentID: r.ParentID, Title: r.Title, Description: r.Description, Status: work.Status(r.Status), Priority: int(r.Priority),
			EstimateMinutes: minutes(r.EstimateMinutes), Skills: r.Skills, VisibleToClient: r.VisibleToClient, DueOn: r.DueOn, DependsOn: r.DependsOn,
		}
	}
	return work.Patterns(tasks, p.StartsOn, hours), nil
}

// InsertPatterns stores the tasks of a template.
func InsertPatterns(ctx context.Context, q *db.Queries, template uuid.UUID, tasks []work.Pattern) error {
	rows := make([]db.InsertTemplateTasksParams, len(tasks))
	for i, p := range tasks {
		rows[i] = db.InsertTemplateTasksParams{
			TemplateID: template, Number: int32(p.Number), Title: p.Title, Description: p.Description, Priority: int16(p.Priority),
			EstimateMinutes: Minutes32(p.EstimateMinutes), Skills: p.Skills, VisibleToClient: p.VisibleToClient, DueAfterDays: Minutes32(p.DueAfterDays), DependsOn: []int32{},
		}
		if p.Parent != 0 {
			rows[i].ParentNumber = Minutes32(&p.Parent)
		}
		for _, on := range p.DependsOn {
			rows[i].DependsOn = append(rows[i].DependsOn, int32(on))
		}
	}
	_, err := q.InsertTemplateTasks(ctx, rows)
	return err
}

// FromTemplate says whose tasks are made of a template.
type FromTemplate struct {
	Project, AccountManager uuid.UUID
	StartsOn                civil.Date
	Actor                   uuid.UUID
	Source                  string
	Template                Template
}

// MakeTasks makes the tasks of a new project from a template, all at once, with
// their history, and lets the worker start their processes.
func (s *Store) MakeTasks(ctx context.Context, q *db.Queries, f FromTemplate) error {
	hours, err := WorkdaysOf(ctx, q, f.AccountManager)
	if err != nil {
		return err
	}
	m := maker{FromTemplate: f, ids: make(map[int]uuid.UUID, len(f.Template.Tasks)), now: s.Now()}
	for _, p := range f.Template.Tasks {
		m.ids[p.Number] = s.NewID()
	}
	for _, p := range f.Template.Tasks {
		m.add(p, hours, s.NewID())
	}
	if err := m.insert(ctx, q); err != nil {
		return fmt.Errorf("make a project from a template: %w", err)
	}
	return nil
}

// maker collects the rows of new tasks.
type maker struct {
	FromTemplate
	ids    map[int]uuid.UUID
	now    time.Time
	tasks  []db.InsertTasksParams
	before []db.InsertDependenciesParams
	audits []db.InsertAuditsParams
	told   []uuid.UUID
	last   int
}

func (m *maker) add(p work.Pattern, hours civil.Hours, event uuid.UUID) {
	var parent *uuid.UUID
	if p.Parent != 0 {
		id := m.ids[p.Parent]
		parent = &id
	}
	t := p.Task(m.ids[p.Number], parent, m.AccountManager, p.Due(m.StartsOn, hours))
	m.tasks = append(m.tasks, db.InsertTasksParams{
		ID: t.ID, ProjectID: m.Project, Number: int32(p.Number), ParentID: parent, Title: t.Title, Description: t.Description, Priority: int16(t.Priority), OwnerID: t.OwnerID,
		AssignedAt: m.now, StatusAt: m.now, CreatedAt: m.now, EstimateMinutes: Minutes32(t.EstimateMinutes), Skills: t.Skills, VisibleToClient: t.VisibleToClient, DueOn: t.DueOn,
	})
	var on []uuid.UUID
	for _, n := range p.DependsOn {
		on = append(on, m.ids[n])
		m.before = append(m.before, db.InsertDependenciesParams{TaskID: t.ID, DependsOnID: m.ids[n]})
	}
	changes := Diff(struct{}{}, AuditTask(t))
	if len(on) > 0 {
		changes["depends_on"] = Change{nil, on}
	}
	m.audits = append(m.audits, db.InsertAuditsParams{ID: event, ActorID: &m.Actor, EntityKind: "task", EntityID: t.ID, Verb: "create", Version: 1,
		Changes: JSON(changes), Note: "from the template " + m.Template.Name, Source: m.Source})
	m.told, m.last = append(m.told, t.ID), max(m.last, p.Number)
}

func (m *maker) insert(ctx context.Context, q *db.Queries) error {
	if _, err := q.InsertTasks(ctx, m.tasks); err != nil {
		return err
	}
	if _, err := q.InsertDependencies(ctx, m.before); err != nil {
		return err
	}
	if _, err := q.InsertAudits(ctx, m.audits); err != nil {
		return err
	}
	if err := q.SetLastNumber(ctx, int32(m.last), m.Project); err != nil {
		return err
	}
	return q.TellTasks(ctx, m.told)
}
