package worker_test

import (
	"bytes"

	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/internal/files"
	"steward/internal/mail"
	"steward/internal/postgres/db"
	"steward/worker"
)

// cabinet is a file store in memory; store puts bytes into it.
func cabinet(t *testing.T) *files.Store {
	t.Helper()
	s, err := files.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func store(t *testing.T, s *files.Store, key string, b []byte) {
	t.Helper()
	err := s.Put(t.Context(), key, "application/pdf", func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) attach(t *testing.T, id uuid.UUID, position int16, name, key string) {
	t.Helper()
	err := o.InsertMailAttachment(t.Context(), db.InsertMailAttachmentParams{MailID: id, Position: position, Name: name, ContentType: "application/pdf", FileKey: key})
	if err != nil {
		t.Fatal(err)
	}
}

// packed is a postman with a file store, and the messages it has sent.
func (o *office) packed(f *files.Store) (*worker.Postman, *[]mail.Message) {
	sent := &[]mail.Message{}
	p := o.postman(func(m mail.Message) (mail.Outcome, error) {
		*sent = append(*sent, m)
		return mail.Sent, nil
	})
	p.Files = f
	return p, sent
}

func TestWhatIsAttachedGoesAlong(t *testing.T) { // S1.78
	t.Parallel()
	o, f := newOffice(t), cabinet(t)
	store(t, f, "a", []byte("first"))
	store(t, f, "b", []byte("second"))
	id := o.write(t, "packed")
	o.attach(t, id, 2, "B.pdf", "b")
	o.attach(t, id, 1, "A.pdf", "a")
	p, sent := o.packed(f)
	once(t, p)
	o.is(t, id, "sent", 1)
	if len(*sent) != 1 || len((*sent)[0].Attachments) != 2 {
		t.Fatalf("got %+v", *sent)
	}
	first := (*sent)[0].Attachments[0]
	if first.Name != "A.pdf" || first.Type != "application/pdf" || string(first.Bytes) != "first" {
		t.Errorf("got %+v", first)
	}
}

func TestAMailWaitsForAFileThatIsNotThere(t *testing.T) { // S1.78
	t.Parallel()
	o, f := newOffice(t), cabinet(t)
	id := o.write(t, "early")
	o.attach(t, id, 1, "INV-1.pdf", "late")
	p, sent := o.packed(f)
	once(t, p)
	m := o.is(t, id, "pending", 1)
	if want := "the attachment INV-1.pdf is not in the file store, under late"; m.Error != want {
		t.Errorf("it says %q, want %q", m.Error, want)
	}
	store(t, f, "late", []byte("there"))
	o.now = o.now.Add(time.Minute)
	once(t, p)
	o.is(t, id, "sent", 2)
	if len(*sent) != 1 || string((*sent)[0].Attachments[0].Bytes) != "there" {
		t.Errorf("got %+v", *sent)
	}
}

func TestAFileThatCannotBeReadIsTriedAgain(t *testing.T) { // S1.78
	t.Parallel()
	o, f := newOffice(t), cabinet(t)
	id := o.write(t, "unreadable")
	o.attach(t, id, 1, "INV-1.pdf", "k")
	_ = f.Close()
	p, _ := o.packed(f)
	once(t, p)
	if m := o.is(t, id, "pending", 1); !strings.HasPrefix(m.Error, "the attachment INV-1.pdf cannot be read") {
		t.Errorf("it says %q", m.Error)
	}
}

func TestMoreThanAMailCarriesFails(t *testing.T) { // S1.78
	t.Parallel()
	o, f := newOffice(t), cabinet(t)
	store(t, f, "half", bytes.Repeat([]byte("x"), 8<<20))
	id := o.write(t, "heavy")
	o.attach(t, id, 1, "A.pdf", "half")
	o.attach(t, id, 2, "B.pdf", "half")
	p, sent := o.packed(f)
	once(t, p)
	if m := o.is(t, id, "failed", 1); m.Error != "its attachments are larger than 15 MB together" || len(*sent) != 0 {
		t.Errorf("it says %q; %d were sent", m.Error, len(*sent))
	}
}

func TestThereIsNoAttachmentWithoutItsMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	err := o.InsertMailAttachment(t.Context(), db.InsertMailAttachmentParams{MailID: o.NewID(), Position: 1, Name: "a", ContentType: "b/c", FileKey: "k"})
	if err == nil {
		t.Error("an attachment without its mail was written")
	}
}
