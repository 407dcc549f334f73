package postgres

import (
	"context"

	"github.com/google/uuid"
)

// AddTasks adds tasks. A parent comes in an earlier call or in the same. Tasks
// that are not closed are put into the outbox, so that the worker starts their
// processes.
func (i *Import) AddTasks(ctx context.Context, tasks []ImportTask) error {
	if err := i.copyTasks(ctx, tasks); err != nil {
		return err
	}
	var open []uuid.UUID
	for _, t := range tasks {
		if !t.Closed() {
			open = append(open, t.ID)
		}
	}
	if err := i.announce(ctx, "task", open); err != nil {
		return err
	}
	return importAudit(ctx, i, "task", tasks, func(t *ImportTask) uuid.UUID { return t.ID })
}

func (i *Import) copyTasks(ctx context.Context, tasks []ImportTask) error {
	columns := []string{"id", "external_key", "project_id", "number", "parent_id", "title", "status", "priority",
		"owner_id", "assignee_person_id", "assignee_group_id", "assigned_at", "estimate_minutes", "skills",
		"visible_to_client", "created_at", "closed_at"}
	return importCopy(ctx, i.tx, "task", columns, tasks, func(t *ImportTask) []any {
		return []any{t.ID, textCell(t.Key), t.ProjectID, t.Number, idCell(t.ParentID), t.Title, t.Status, t.Priority,
			t.OwnerID, idCell(t.AssigneePersonID), idCell(t.AssigneeGroupID), t.AssignedAt,
			t.EstimateMinutes, listCell(t.Skills),
			t.VisibleToClient, t.CreatedAt, instantCell(t.ClosedAt)}
	})
}

// AddDependencies adds what the tasks depend on. All of them are stored.
func (i *Import) AddDependencies(ctx context.Context, tasks []ImportTask) error {
	type edge struct{ task, on uuid.UUID }
	var edges []edge
	for _, t := range tasks {
		for _, on := range t.DependsOn {
			edges = append(edges, edge{t.ID, on})
		}
	}
	columns := []string{"task_id", "depends_on_id"}
	return importCopy(ctx, i.tx, "task_dependency", columns, edges, func(e *edge) []any { return []any{e.task, e.on} })
}

// announce puts things of a kind into the outbox.
func (i *Import) announce(ctx context.Context, kind string, ids []uuid.UUID) error {
	columns := []string{"entity_kind", "entity_id"}
	return importCopy(ctx, i.tx, "outbox", columns, ids, func(id *uuid.UUID) []any { return []any{kind, *id} })
}
