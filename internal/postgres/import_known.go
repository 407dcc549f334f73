package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ImportKnown is what the rows of an import can refer to, because it is stored
// already. Of each thing only what the checks need is filled in.
type ImportKnown struct {
	Clients  []ImportClient
	People   []ImportPerson // staff who came with an import
	Emails   []string       // of everybody
	Groups   []ImportGroup
	Projects []ImportProject
	Codes    []string // of all projects
	Rates    []ImportRate
	Tasks    []ImportTask
}

// Known reads what is stored already.
func (i *Import) Known(ctx context.Context) (k ImportKnown, err error) {
	read := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	read(func() error {
		return importList(ctx, i.tx, &k.Clients,
			"SELECT id, external_key, currency FROM client WHERE external_key IS NOT NULL",
			func(c *ImportClient) []any { return []any{&c.ID, &c.Key, &c.Currency} })
	})
	read(func() error {
		return importList(ctx, i.tx, &k.People,
			"SELECT id, external_key, time_zone FROM person WHERE external_key IS NOT NULL AND kind = 'staff'",
			func(p *ImportPerson) []any { return []any{&p.ID, &p.Key, &p.TimeZone} })
	})
	read(func() error {
		return importList(ctx, i.tx, &k.Emails, "SELECT email FROM person",
			func(e *string) []any { return []any{e} })
	})
	read(func() error {
		return importList(ctx, i.tx, &k.Groups, "SELECT id, name FROM work_group",
			func(g *ImportGroup) []any { return []any{&g.ID, &g.Name} })
	})
	read(func() error {
		return importList(ctx, i.tx, &k.Projects,
			"SELECT id, external_key, client_id, status, account_manager_id FROM project WHERE external_key IS NOT NULL",
			func(p *ImportProject) []any {
				return []any{&p.ID, &p.Key, &p.ClientID, &p.Status, &p.AccountManagerID}
			})
	})
	read(func() error {
		return importList(ctx, i.tx, &k.Codes, "SELECT code FROM project",
			func(c *string) []any { return []any{c} })
	})
	read(func() error { return i.knownRates(ctx, &k) })
	read(func() error {
		return importList(ctx, i.tx, &k.Tasks,
			"SELECT id, external_key, project_id FROM task WHERE external_key IS NOT NULL",
			func(t *ImportTask) []any { return []any{&t.ID, &t.Key, &t.ProjectID} })
	})
	return k, err
}

func (i *Import) knownRates(ctx context.Context, k *ImportKnown) error {
	const sql = `
SELECT id, coalesce(person_id, '00000000-0000-0000-0000-000000000000'),
       coalesce(project_id, '00000000-0000-0000-0000-000000000000'), currency, lower(valid)
FROM rate WHERE NOT lower_inf(valid)`
	return importList(ctx, i.tx, &k.Rates, sql, func(r *ImportRate) []any {
		return []any{&r.ID, &r.PersonID, &r.ProjectID, &r.Currency, &r.From}
	})
}

// importList reads all rows of a query; into names where a row's columns go.
func importList[T any](ctx context.Context, tx pgx.Tx, list *[]T, sql string, into func(*T) []any) error {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	*list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (v T, err error) {
		return v, row.Scan(into(&v)...)
	})
	if err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	return nil
}
