package activities

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/flow"
	"steward/internal/postgres"
	"steward/internal/work"
)

func taskNews(t postgres.Task, where, note string, told []work.Notice) postgres.News {
	return postgres.News{About: string(flow.Task), ID: t.ID, Name: t.Key + " " + t.Title, Where: where, Note: note, Told: told}
}

// taskNews is what people hear of a task. Contacts among them hear of it as the
// API shows it to them (S2.16).
func (s *step) taskNews(ctx context.Context, t postgres.Task, where, note string, told []work.Notice, contacts []uuid.UUID) ([]postgres.News, error) {
	news := []postgres.News{taskNews(t, where, note, told)}
	for _, person := range contacts {
		i := slices.IndexFunc(told, func(n work.Notice) bool { return n.Person == person })
		if i < 0 {
			continue
		}
		theirs, err := s.contactNews(ctx, t, taskNews(t, where, note, told[i:i+1]))
		if err != nil {
			return nil, err
		}
		news = append(news, theirs...)
		news[0].Told = slices.DeleteFunc(slices.Clone(news[0].Told), func(n work.Notice) bool { return n.Person == person })
	}
	return news, nil
}

// contactNews is what one contact hears: without the project's code where they
// do not see it, and not who has the task after them, nor what was written to
// those; nothing where they work for the client or its partner no longer.
func (s *step) contactNews(ctx context.Context, t postgres.Task, n postgres.News) ([]postgres.News, error) {
	who := n.Told[0]
	err := postgres.MayHelp(ctx, s.Queries, who.Person, t.Facts.ClientID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sees, err := s.MaySeeProject(ctx, who.Person, t.ProjectID)
	seen := t.ForContact(sees)
	n.Name = strings.TrimSpace(seen.Key + " " + seen.Title)
	if who.Kind == work.TakenAway {
		n.Where, n.Note = postgres.SomebodyElse, ""
	}
	return []postgres.News{n}, err
}

// contacts are those outside whom a task was given to and is given to now.
func contacts(before postgres.Task, to target) (all []uuid.UUID) {
	if before.Facts.AssigneeOutside {
		all = append(all, *before.Facts.AssigneePersonID)
	}
	if to.Outside && !slices.Contains(all, to.ID) {
		all = append(all, to.ID)
	}
	return all
}
