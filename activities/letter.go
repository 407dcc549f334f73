package activities

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"steward/internal/civil"
	"steward/internal/document"
	"steward/internal/postgres/db"
)

// letter is what a mail says.
type letter struct {
	subject, body string
}

// A mail tells as many news as one reads, each as long as one reads; all of it
// is in the inbox.
const (
	mostNews    = 30
	longestNews = 600
)

// newsLetter tells what has just happened.
func (a *Activities) newsLetter(p db.LockReaderRow, news []db.NotToldRow) letter {
	w := newsWordsFor(p.Language)
	l := letter{subject: line(news[0].Subject)}
	if more := len(news) - 1; more > 0 {
		l.subject += fmt.Sprintf(w.more, more)
	}
	l.body = a.written(w, p.Name, "", news, w.atOnce)
	return l
}

// digestLetter tells what has happened since the digest before.
func (a *Activities) digestLetter(p db.LockReaderRow, day civil.Date, news []db.NotToldRow) letter {
	w := newsWordsFor(p.Language)
	on := longDay(day)
	if p.Language != "en" {
		on = document.Day(p.Language, day)
	}
	things := w.things[0]
	if len(news) > 1 {
		things = fmt.Sprintf(w.things[1], len(news))
	}
	return letter{subject: on + w.colon + things, body: a.written(w, p.Name, w.since, news, w.daily)}
}

// written is a whole mail: who it is for, the news, how to have it otherwise.
func (a *Activities) written(w newsWords, name, opening string, news []db.NotToldRow, closing string) string {
	var b strings.Builder
	fmt.Fprintf(&b, w.hello+"\n", line(name))
	if opening != "" {
		fmt.Fprintf(&b, "%s\n", opening)
	}
	bullet := "* "
	if len(news) == 1 {
		bullet = ""
	}
	for _, n := range news[:min(len(news), mostNews)] {
		a.tellNews(&b, bullet, n)
	}
	if more := len(news) - mostNews; more > 0 {
		fmt.Fprintf(&b, "\n"+w.inInbox+"\n", more)
	}
	fmt.Fprintf(&b, "\n-- \n%s\n%s\n", closing, a.link)
	return b.String()
}

// tellNews tells one thing, indented as far as its bullet.
func (a *Activities) tellNews(b *strings.Builder, bullet string, n db.NotToldRow) {
	indent := strings.Repeat(" ", len(bullet))
	fmt.Fprintf(b, "\n%s%s\n", bullet, line(n.Subject))
	for _, said := range strings.Split(strings.TrimSpace(cut(n.Body)), "\n") {
		if said = strings.TrimRight(said, " \t\r"); said != "" {
			fmt.Fprintf(b, "%s%s\n", indent, said)
		}
	}
	if where := a.address(n.EntityKind, n.EntityID); where != "" {
		fmt.Fprintf(b, "%s%s\n", indent, where)
	}
}

// pages are where things of a kind are found.
var pages = map[string]string{"task": "tasks", "project": "projects", "request": "requests", "invoice": "invoices", "reminder_run": "reminders/runs", "status_report": "status-reports", "user": "users"}

// address is where people find a thing.
func (a *Activities) address(kind string, id *uuid.UUID) string {
	if id == nil || pages[kind] == "" {
		return ""
	}
	return fmt.Sprintf("%s/api/v1/%s/%s", a.link, pages[kind], id)
}

// line is a text in one line.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// cut is as much of a text as a mail tells.
func cut(s string) string {
	r := []rune(s)
	if len(r) <= longestNews {
		return s
	}
	return string(r[:longestNews]) + " …"
}

// longDay is "Friday 20 March".
func longDay(d civil.Date) string {
	return fmt.Sprintf("%s %d %s", d.Weekday(), d.Day, d.Month)
}
