package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"steward/internal/config"
	"steward/internal/embedded/mailbox"
	"steward/internal/fixture"
)

// says waits until a process has printed something, and gives what it captured.
func (p *process) says(t *testing.T, what *regexp.Regexp) string {
	t.Helper()
	var m []string
	eventually(t, "it prints "+what.String(), func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if m = what.FindStringSubmatch(p.log.String()); m == nil {
			return os.ErrNotExist
		}
		return nil
	})
	return m[1]
}

// page reads a page of a mailbox.
func page(url string) (string, error) {
	res, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func shows(t *testing.T, url string, want ...string) {
	t.Helper()
	eventually(t, "the mailbox shows "+strings.Join(want, ", "), func() error {
		text, err := page(url)
		for _, w := range want {
			if err == nil && !strings.Contains(text, w) {
				err = fmt.Errorf("it shows %s", text)
			}
		}
		return err
	})
}

func TestDevShowsTheMailThatNewsBecome(t *testing.T) { // N.21
	t.Parallel()
	s := devSystem(t)
	p := s.dev()
	box := p.says(t, regexp.MustCompile(`Mail +(http://\S+)`))
	found, err := config.Settings{Data: s.data()}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), found.Database)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(t.Context(), `INSERT INTO notification (id, person_id, kind, subject, body) SELECT gen_random_uuid(), id, 'task_assigned', 'Grüße <b>fat</b>', 'Please look' FROM person`)
	pool.Close()
	if err != nil {
		t.Fatal(err)
	}
	shows(t, box, "Grüße &lt;b&gt;fat&lt;/b&gt;", "admin@steward.example")
	shows(t, box+"/1", "Please look", "You are told at once")
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-p.done
	box = s.dev().says(t, regexp.MustCompile(`Mail +(http://\S+)`))
	shows(t, box, "Grüße &lt;b&gt;fat&lt;/b&gt;")
}

// Killed while it gives a message to a mail server, a worker leaves it to an
// operator and not to its successor.
func TestAMailIsNotSentTwiceWhenItsWorkerIsKilled(t *testing.T) { // N.31
	t.Parallel()
	s := newSystem(t)
	dir := t.TempDir()
	box, err := mailbox.Start(mailbox.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Stop)
	env := []string{"STEWARD_SMTP_URL=" + box.SMTP(), "STEWARD_MAIL_FROM=steward@firm.example"}
	s.startWorker(env...)
	const mails = 60
	for i := range mails {
		_, err := s.pool.Exec(t.Context(), `INSERT INTO mail (id, key, message_id, to_address, subject, body) VALUES (gen_random_uuid(), $1, $2, 'ann@firm.example', $1, 'Hello')`, fmt.Sprint("mail ", i), fmt.Sprintf("<%d@firm.example>", i))
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func(state string) (n int) {
		if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM mail WHERE state = $1`, state).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "some are sent", func() error {
		if count("sent") == 0 {
			return os.ErrNotExist
		}
		return nil
	})
	s.worker.kill()
	killed := fixture.One[time.Time](t, s.pool, `SELECT clock_timestamp()`)
	s.startWorker(env...)
	eventually(t, "all but those in hand are sent", func() error {
		if n := fixture.One[int](t, s.pool, `SELECT count(*) FROM mail WHERE state = 'pending' OR state = 'sending' AND claimed_at > $1`, killed); n > 0 {
			return fmt.Errorf("%d are not", n)
		}
		return nil
	})
	left := count("sending") // by the killed one
	if _, err := s.pool.Exec(t.Context(), `UPDATE mail SET claimed_at = claimed_at - interval '2 minutes' WHERE state = 'sending'`); err != nil {
		t.Fatal(err)
	}
	eventually(t, "those in hand are unknown", func() error {
		if n, sent := count("unknown"), count("sent"); n+sent != mails { // Postgres may have finished what the killed worker had asked for
			return fmt.Errorf("%d are, %d were in hand, %d are sent", n, left, sent)
		}
		return nil
	})
	var twice int // a mail that was given to the server is not taken up again by another
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM mail WHERE attempts > 1`).Scan(&twice); err != nil || twice > 0 {
		t.Errorf("%d were taken in hand again, %v", twice, err)
	}
	arrived := sentTo(t, dir)
	for subject, times := range arrived {
		if times != 1 {
			t.Errorf("%s arrived %d times", subject, times)
		}
	}
	if len(arrived) < mails-left {
		t.Errorf("%d of %d arrived", len(arrived), mails)
	}
}

// sentTo counts what arrived in a mailbox by subject.
func sentTo(t *testing.T, dir string) map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	arrived := map[string]int{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		arrived[regexp.MustCompile(`(?m)^Subject: (.*?)\r?$`).FindString(string(text))]++
	}
	return arrived
}
