package worker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
	"steward/internal/mail"
	"steward/internal/postgres/db"
)

// heaviest is how many bytes all attachments of a mail have at most; servers
// refuse mail that is a little larger when it is encoded.
const heaviest = 15 << 20

// fetching is how long reading them may take: with it, a claim is still younger
// than one that has lost its worker.
const fetching = 15 * time.Second

// attachments reads the files that go along with a mail. One that is not there
// or cannot be read may be there later: nothing was sent yet, so the mail is
// tried again. More than a mail carries is for good.
func (p *Postman) attachments(ctx context.Context, id uuid.UUID) ([]mail.Attachment, mail.Outcome, error) {
	rows, err := p.Store.MailAttachments(ctx, id)
	if err != nil {
		return nil, mail.Temporary, err
	}
	ctx, cancel := context.WithTimeout(ctx, fetching)
	defer cancel()
	var attached []mail.Attachment
	room := int64(heaviest)
	for _, r := range rows {
		b, err := p.attachment(ctx, r, room)
		if err != nil {
			return nil, mail.Temporary, err
		}
		if room -= int64(len(b)); room < 0 {
			return nil, mail.Permanent, fmt.Errorf("its attachments are larger than %d MB together", heaviest>>20)
		}
		attached = append(attached, mail.Attachment{Name: r.Name, Type: r.ContentType, Bytes: b})
	}
	return attached, "", nil
}

// attachment reads one file, up to one byte more than there is room for.
func (p *Postman) attachment(ctx context.Context, r db.MailAttachmentsRow, room int64) ([]byte, error) {
	body, err := p.Files.Get(ctx, r.FileKey)
	if f, ok := fault.From(err); ok && f.Code == fault.NotFound {
		return nil, fmt.Errorf("the attachment %s is not in the file store, under %s", r.Name, r.FileKey)
	}
	if err != nil {
		return nil, fmt.Errorf("the attachment %s cannot be read: %w", r.Name, err)
	}
	defer body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(body, room+1)); err != nil {
		return nil, fmt.Errorf("the attachment %s cannot be read to its end: %w", r.Name, err)
	}
	return b.Bytes(), nil
}
