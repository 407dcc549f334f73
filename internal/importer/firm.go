package importer

import (
	"context"
	"io/fs"
	"strings"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/postgres"
)

// A firm is what the files say, beside what is stored already.
type firm struct {
	files    fs.FS
	opts     Options
	now      time.Time
	problems problems
	notes    problems
	counts   map[string]*Count // by file
	stored   bool

	clients  *index[postgres.ImportClient]
	people   *index[postgres.ImportPerson]
	projects *index[postgres.ImportProject]
	tasks    *index[task]
	groups   map[string]uuid.UUID // by name in small letters
	rates    *rateBook

	emails map[string]int // in small letters: the line, 0 for a stored one
	codes  map[string]bool
	zones  map[string]*time.Location

	add additions
}

// additions are what is new, in file order.
type additions struct {
	clients  []postgres.ImportClient
	groups   []postgres.ImportGroup
	people   []postgres.ImportPerson
	projects []postgres.ImportProject
	tasks    []*task // parents before their sub-tasks
}

func newFirm(files fs.FS, known postgres.ImportKnown, o Options) *firm {
	f := &firm{
		files: files, opts: o, now: o.Now(), counts: map[string]*Count{},
		clients:  newIndex[postgres.ImportClient]("client", clientsFile, UnknownClient),
		people:   newIndex[postgres.ImportPerson]("person", peopleFile, UnknownPerson),
		projects: newIndex[postgres.ImportProject]("project", projectsFile, UnknownProject),
		tasks:    newIndex[task]("task", tasksFile, UnknownTask),
		groups:   map[string]uuid.UUID{}, rates: newRateBook(known.Rates),
		emails: map[string]int{}, codes: map[string]bool{}, zones: map[string]*time.Location{},
	}
	for _, l := range layouts {
		f.counts[l.file] = &Count{}
	}
	f.remember(&known)
	return f
}

// remember takes in what earlier imports brought.
func (f *firm) remember(k *postgres.ImportKnown) {
	for i := range k.Clients {
		f.clients.stored[k.Clients[i].Key] = &k.Clients[i]
	}
	for i := range k.People {
		f.people.stored[k.People[i].Key] = &k.People[i]
	}
	projects := map[uuid.UUID]*postgres.ImportProject{}
	for i := range k.Projects {
		f.projects.stored[k.Projects[i].Key] = &k.Projects[i]
		projects[k.Projects[i].ID] = &k.Projects[i]
	}
	for _, t := range k.Tasks {
		f.tasks.stored[t.Key] = &task{ImportTask: t, project: projects[t.ProjectID]}
	}
	for _, g := range k.Groups {
		f.groups[strings.ToLower(g.Name)] = g.ID
	}
	for _, e := range k.Emails {
		f.emails[strings.ToLower(e)] = 0
	}
	for _, c := range k.Codes {
		f.codes[c] = true
	}
}

// read checks all files. Its error is not about what is in them.
func (f *firm) read(ctx context.Context) error {
	if err := f.checkHeaders(); err != nil || f.problems.fatal {
		return err
	}
	steps := []func(context.Context) error{
		f.readClients, f.readPeople, f.readProjects, f.readRates, f.readTasks, f.readTime,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkHeaders looks at all files before the first row is read: without one of
// them, what the rows of another refer to would seem to be missing.
func (f *firm) checkHeaders() error {
	for _, l := range layouts {
		b, err := open(f.files, l.file, &f.problems)
		if err != nil {
			return err
		}
		if b != nil {
			b.close()
		}
	}
	return nil
}

// refusal is why nothing can be stored; nil if it can.
func (f *firm) refusal() error {
	bad := 0
	for _, c := range f.counts {
		bad += c.Refused
	}
	switch {
	case f.problems.fatal:
		return fault.New(Refused, "nothing was imported: a file is missing or cannot be read")
	case bad > 0 && !f.opts.Partial:
		return fault.New(Refused, "nothing was imported: %s", plural(bad, "row is bad", "rows are bad"))
	}
	return nil
}
