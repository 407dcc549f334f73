package importer

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"steward/internal/postgres"
)

// batch is how many rows are stored at once.
const batch = 5000

// save stores what is new, what is referred to first, and counts it.
func (f *firm) save(ctx context.Context, db *postgres.Import) error {
	steps := []func(context.Context, *postgres.Import) error{
		f.saveClients, f.savePeople, f.saveProjects, f.saveRates, f.saveTasks, f.saveTime,
	}
	for _, step := range steps {
		if err := step(ctx, db); err != nil {
			return err
		}
	}
	for _, c := range f.counts {
		if c.New > 0 {
			return db.Analyze(ctx)
		}
	}
	return nil
}

func (f *firm) saveClients(ctx context.Context, db *postgres.Import) error {
	return saveAll(ctx, f, clientsFile, f.add.clients, db.AddClients)
}

func (f *firm) savePeople(ctx context.Context, db *postgres.Import) error {
	if err := db.AddGroups(ctx, f.add.groups); err != nil {
		return err
	}
	return saveAll(ctx, f, peopleFile, f.add.people, db.AddPeople)
}

func (f *firm) saveProjects(ctx context.Context, db *postgres.Import) error {
	return saveAll(ctx, f, projectsFile, f.add.projects, db.AddProjects)
}

func (f *firm) saveRates(ctx context.Context, db *postgres.Import) error {
	fresh, ended := f.rates.settle()
	if err := db.EndRates(ctx, ended); err != nil {
		return err
	}
	if err := db.AddRates(ctx, fresh); err != nil {
		return err
	}
	c := f.counts[ratesFile] // the people's default rates are not of it
	c.New = c.Read - c.There - c.Refused
	return nil
}

func (f *firm) saveTasks(ctx context.Context, db *postgres.Import) error {
	if err := f.number(ctx, db); err != nil {
		return err
	}
	tasks := make([]postgres.ImportTask, len(f.add.tasks))
	for i, t := range f.add.tasks {
		tasks[i] = t.ImportTask
	}
	if err := saveAll(ctx, f, tasksFile, tasks, db.AddTasks); err != nil {
		return err
	}
	return db.AddDependencies(ctx, tasks)
}

// number runs the numbers of each project's tasks on.
func (f *firm) number(ctx context.Context, db *postgres.Import) error {
	count := map[uuid.UUID]int{}
	for _, t := range f.add.tasks {
		count[t.ProjectID]++
	}
	last, err := db.TakeNumbers(ctx, count)
	if err != nil {
		return err
	}
	for _, t := range f.add.tasks {
		last[t.ProjectID]++
		t.Number = last[t.ProjectID]
	}
	return nil
}

func (f *firm) saveTime(ctx context.Context, db *postgres.Import) error {
	added, err := f.storeTime(ctx, db.AddTime)
	if err != nil {
		return err
	}
	c := f.counts[timeFile]
	c.New, c.There = added, c.Read-c.Refused-added
	return nil
}

// saveAll stores the new rows of a file, counts them and says how far it is.
func saveAll[T any](ctx context.Context, f *firm, file string, rows []T, add func(context.Context, []T) error) error {
	if len(rows) == 0 {
		return nil
	}
	stage := storing + strings.TrimSuffix(file, ".csv")
	for some := range slices.Chunk(rows, batch) {
		f.opts.Progress(stage, f.counts[file].New, len(rows))
		if err := add(ctx, some); err != nil {
			return err
		}
		f.counts[file].New += len(some)
	}
	f.opts.Progress(stage, len(rows), len(rows))
	return nil
}
