package importer

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/embedded/servers"
	"steward/internal/postgres"
	"steward/migrations"
)

func TestMain(m *testing.M) { servers.Main(m) }

// files are what a folder holds: name and text.
type files map[string]string

// small is a firm that has one of everything.
func small() files {
	return files{
		clientsFile: "client,name,currency,email,payment_terms_days,tax_percent,time_zone,billing_cc\n" +
			"C1,Acme,GBP,accounts@acme.example,30,20,Europe/London,CFO@acme.example; ann@acme.example;accounts@acme.example;cfo@acme.example\n" +
			"C2,Globex,EUR,,,,,\n",
		peopleFile: "person,name,email,roles,groups,skills,default_rate,currency,time_zone\n" +
			"P1,Ann,ann@firm.example,account_manager;contributor,Development,,67.00,GBP,Europe/London\n" +
			"P2,Bob,bob@firm.example,group_manager,\"development; Testing\",Go;SQL,74.5,GBP,America/New_York\n" +
			"P3,Cy,cy@firm.example,,,,,,\n",
		projectsFile: "project,client,name,account_manager,status,starts_on,ends_on,billing_period,billing_anchor_day\n" +
			"ACME,C1,Shop,P1,active,2026-01-01,2026-12-31,monthly,31\n" +
			"glob-1,C2,Relaunch of the site,P1,draft,,,,\n",
		ratesFile: "person,project,rate,currency,from\n" +
			"P1,,80,GBP,2026-01-01\n" +
			"P1,ACME,95.125,GBP,2026-03-01\n" +
			",ACME,60,GBP,2026-01-01\n",
		tasksFile: "task,project,parent,title,status,priority,estimate_minutes,owner,assignee,skills,depends_on,visible_to_client,created_on,completed_on\n" +
			"T2,ACME,T1,Sub-task before its parent,complete,1,60,P2,P2,Go,,true,2026-01-05,2026-02-01\n" +
			"T1,ACME,,Major part,open,,0,,development,,,no,2026-01-02,\n" +
			"T3,ACME,T1,Waits,planned,2,,P2,P3,,T2;T4,,,\n" +
			"T4,ACME,,Dropped,cancelled,3,,P1,,,,,2026-01-09,\n" +
			"G1,glob-1,,Planned only,,,,,,,,,,\n",
		timeFile: "entry,task,person,work_date,start,minutes,description,billable,remaining_minutes\n" +
			"E1,T2,P2,2026-01-15,09:30,450,Design,true,120\n" +
			"E2,T2,P2,2026-01-16,,30,\"Two lines,\nquoted\",false,0\n" +
			"E3,T1,P3,2026-01-16,,1440,Travel,no_charge,\n",
	}
}

// with is the same with something replaced in one of the files.
func (f files) with(file, old, text string) files {
	if !strings.Contains(f[file], old) {
		panic(file + " does not hold " + old)
	}
	g := maps.Clone(f)
	g[file] = strings.Replace(f[file], old, text, 1)
	return g
}

func (f files) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// nothing is an empty database.
var nothing postgres.ImportKnown

// checked reads files beside an empty database.
func checked(t testing.TB, f files, o Options) *firm {
	t.Helper()
	x := newFirm(f.fs(), nothing, filled(o, time.Now, uuid.New))
	if err := x.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

// short shows problems without their sentences: "tasks.csv:3 parent parent_cycle".
func short(list []Problem) string {
	var all []string
	for _, p := range list {
		all = append(all, strings.Join(strings.Fields(fmt.Sprintf("%s:%d %s %s", p.File, p.Line, p.Column, p.Code)), " "))
	}
	return strings.Join(all, "\n")
}

// database is empty but for the tables.
func database(t testing.TB) *pgxpool.Pool {
	return servers.Database(t, func(ctx context.Context, url string) error {
		_, err := migrations.Up(ctx, url)
		return err
	})
}

// imported runs an import of files.
func imported(t testing.TB, pool *pgxpool.Pool, f files, o Options) (Report, error) {
	t.Helper()
	return run(t.Context(), pool, f.fs(), o)
}

// ask is the answer to a query of one text.
func ask(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) string {
	t.Helper()
	var answer string
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}
