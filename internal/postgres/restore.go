package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// PrepareRestore sees that a database is empty and makes what a dump of it does
// not hold: the role that clients' contacts read as, which belongs to the server.
func PrepareRestore(ctx context.Context, url string) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer c.Close(ctx)
	var tables int
	const count = `SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v', 'p') AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\_%' OR nspname = 'information_schema')`
	if err := c.QueryRow(ctx, count).Scan(&tables); err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if tables > 0 {
		return fmt.Errorf("the database has %d tables already: a backup is restored into an empty one", tables)
	}
	const role = `DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'steward_portal') THEN
        CREATE ROLE steward_portal NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'steward_portal', 'MEMBER') THEN
        EXECUTE format('GRANT steward_portal TO %I', current_user);
    END IF;
END $$`
	if _, err := c.Exec(ctx, role); err != nil {
		return fmt.Errorf("make the role steward_portal; where this user may not, an administrator runs CREATE ROLE steward_portal NOLOGIN; GRANT steward_portal TO %s: %w", c.Config().User, err)
	}
	return nil
}
