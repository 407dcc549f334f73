package embedded

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A backend in the middle of a long computation does not see that its server
// is gone, and keeps the data from the next one.
func TestPostgresStopsAQueryThatOutlivedItsServer(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	p := startPostgres(t, dir)
	conn, err := pgx.Connect(t.Context(), p.URL())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), "/* busy */ select count(*) from generate_series(1, 60000000) a, generate_series(1, 1000) b")
		ended <- err
	}()
	for sql(t, p, "select count(*)::text from pg_stat_activity where state = 'active' and query like '/* busy */%'") == "0" {
	}
	if err := p.child.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	p.close()
	startPostgres(t, dir)
	if err := <-ended; err == nil {
		t.Error("the query ended well")
	}
}
