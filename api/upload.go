package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/files"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
)

// How long a transfer may stand still, and how long it may take to write what
// has been received into the database.
const (
	standstill = 30 * time.Second
	booking    = 30 * time.Second
)

// isUpload tells the one kind of request whose body is as large as a file.
func isUpload(r *http.Request) bool {
	on := strings.HasPrefix(r.URL.Path, base+"/tasks/") || strings.HasPrefix(r.URL.Path, base+"/requests/")
	return r.Method == http.MethodPost && on && strings.HasSuffix(r.URL.Path, "/files")
}

// uploads lets an operation's handler read the body by itself: Huma would hold
// it, as it would any body that it knows of.
func uploads(o huma.Operation) huma.Operation {
	o.Errors = append(o.Errors, http.StatusUnsupportedMediaType)
	o.Middlewares = append(o.Middlewares, withExchange)
	return o
}

// describeUpload says in the contract what form an upload has, once Huma has
// made up its mind to leave the body alone.
func describeUpload(o *huma.Operation) {
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file":       {Type: "string", Format: "binary", Description: "With its name; what it is, is told from its bytes"},
			"visibility": {Type: "string", Enum: []any{"internal", "client"}, Default: "internal", Description: "Who may see it"},
		},
	}}}}
}

type exchangeKey struct{}

// withExchange hands the request itself to a handler.
func withExchange(ctx huma.Context, next func(huma.Context)) {
	next(huma.WithValue(ctx, exchangeKey{}, humagin.Unwrap(ctx)))
}

// place is what a file is attached to: a task or a request.
type place struct {
	task, request *uuid.UUID
}

// upload is a file on its way in.
type upload struct {
	request
	on         place
	name       string
	visibility string
	files.Received
	had     bool // a file was in the form
	stored  bool // its bytes are in the file store
	settled bool // its row was written, if the transaction was committed
}

// uploadInput says what a file is to be attached to.
type uploadInput struct {
	ByID
	KeyHeader
}

func (s *Server) attachFile(ctx context.Context, in *uploadInput) (*Done, error) {
	return s.attach(ctx, in.Key, place{task: &in.ID})
}

func (s *Server) attachRequestFile(ctx context.Context, in *uploadInput) (*Done, error) {
	return s.attach(ctx, in.Key, place{request: &in.ID})
}

func (s *Server) attach(ctx context.Context, key string, on place) (*Done, error) {
	c, _ := ctx.Value(exchangeKey{}).(*gin.Context)
	control := http.NewResponseController(c.Writer)
	c.Request.Body = &patient{c.Request.Body, control}
	u := &upload{on: on, visibility: "internal"}
	err := s.receive(ctx, u, key, c.Request)
	if err != nil && !fault.Is(err, "malformed") { // one who still sends would not hear the refusal
		_, _ = io.Copy(io.Discard, c.Request.Body)
	}
	_ = control.SetWriteDeadline(time.Now().Add(2 * booking)) // the server's own began with the request
	var d *Done
	if err == nil {
		d, err = s.book(ctx, u)
	}
	if u.stored && !u.kept(d, err) {
		s.deleteBytes(ctx, u.id)
	}
	return d, s.refuse(err)
}

// receive reads the request to its end, if it may come at all.
func (s *Server) receive(ctx context.Context, u *upload, key string, r *http.Request) (err error) {
	u.request, err = s.newRequest(ctx, WriteHeaders{Key: key}, fileKind, s.store.NewID(), "create", nil)
	if err == nil {
		err = s.mayAttach(ctx, u.on)
	}
	if err != nil {
		return err
	}
	if r.ContentLength > 2*s.maxFile {
		return fault.New(fault.TooLarge, "a file may have %d bytes at most", s.maxFile)
	}
	// That the sender has gone is noticed by reading; it must not stop what
	// was sent whole halfway.
	return s.readForm(context.WithoutCancel(ctx), u, r)
}

// mayAttach asks for the right to attach a file to what there is.
func (s *Server) mayAttach(ctx context.Context, on place) error {
	if on.request != nil {
		v, err := s.seenRequest(ctx, *on.request)
		if err != nil {
			return err
		}
		return access.Can(actorOf(ctx), access.NoteRequest, v.Relation(actorOf(ctx)))
	}
	if outside(ctx) {
		return s.helps(ctx, *on.task)
	}
	err := see(ctx)
	if err == nil {
		err = can(ctx, access.AttachFile)
	}
	if err == nil {
		_, err = s.store.TaskForAction(ctx, *on.task)
	}
	return err
}

// mayStill asks for the right once more, of the actor as they are now: while a
// file was on its way they may have lost it.
func (u *upload) mayStill(ctx context.Context, q *db.Queries) error {
	a, err := postgres.ActorNow(ctx, q, u.actor.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.Forbidden, "who sent the file is not active any more")
	}
	if err != nil {
		return err
	}
	if u.on.request != nil {
		v, err := postgres.OneRequest(ctx, q, *u.on.request)
		if err == nil {
			err = access.Can(a, access.NoteRequest, v.Relation(a))
		}
		return err
	}
	if a.Staff {
		return access.Can(a, access.AttachFile, 0)
	}
	t, err := q.TaskForAction(ctx, *u.on.task)
	if err != nil {
		return err
	}
	if err := postgres.MayHelp(ctx, q, a.ID, t.ClientID); err != nil {
		return err
	}
	return access.Can(a, access.HelpTask, postgres.TaskFacts{AssigneePersonID: t.AssigneePersonID}.Relation(a))
}

// kept tells whether the bytes are wanted. Where it cannot be known whether
// the row was committed, they stay, to be swept if it was not.
func (u *upload) kept(d *Done, err error) bool {
	if err != nil {
		var p *Problem
		refused := errors.As(err, &p) && p.Status < http.StatusInternalServerError
		return u.settled && !refused
	}
	var answer struct {
		ID uuid.UUID `json:"id"`
	}
	_ = json.Unmarshal(d.Body, &answer)
	return answer.ID == u.id // else it is the answer that the key got before
}

// readForm reads the form part by part, and the file on its way to the store.
func (s *Server) readForm(ctx context.Context, u *upload, r *http.Request) error {
	form, err := r.MultipartReader()
	if err != nil {
		return fault.New("unsupported_media_type", "send multipart/form-data with a field file")
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF { // and nothing around it: the form's regular end
			break
		}
		if err != nil {
			return broken(err)
		}
		if err := s.readPart(ctx, u, part); err != nil {
			return err
		}
	}
	if !u.had {
		return fault.Wrong("file", "is required")
	}
	return nil
}

func (s *Server) readPart(ctx context.Context, u *upload, p *multipart.Part) (err error) {
	switch field := p.FormName(); field {
	case "file":
		if u.had {
			return fault.Wrong("file", "one at a time")
		}
		u.had, u.name = true, files.Name(p.FileName())
		return s.readFile(ctx, u, sender{p})
	case "visibility":
		b, err := io.ReadAll(io.LimitReader(sender{p}, 100))
		u.visibility = string(b)
		if err == nil && u.visibility != "internal" && u.visibility != "client" {
			err = fault.Wrong(field, "is either internal or client")
		}
		return err
	default:
		return fault.Wrong("file", "the form has a field that is neither file nor visibility")
	}
}

// readFile stores the file, or, where its key came before, only looks whether
// it is the same.
func (s *Server) readFile(ctx context.Context, u *upload, from io.Reader) (err error) {
	if u.key != "" {
		_, err := s.store.CommandByKey(ctx, u.actor.ID, u.key)
		if err == nil {
			u.Received, err = files.Measure(from, s.maxFile)
			return err
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	u.Received, err = s.files.Receive(ctx, postgres.AttachmentKey(u.id), from, s.maxFile)
	u.stored = err == nil
	return err
}

// attached is a file as its key and its history know it: the same request has
// the same bytes.
type attached struct {
	TaskID      *uuid.UUID `json:"task_id,omitempty"`
	RequestID   *uuid.UUID `json:"request_id,omitempty"`
	Name        string     `json:"name"`
	Visibility  string     `json:"visibility"`
	ContentType string     `json:"content_type"`
	Size        int64      `json:"size"`
	SHA256      string     `json:"sha256"`
}

// book writes the row of a file whose bytes are stored.
func (s *Server) book(ctx context.Context, u *upload) (*Done, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), booking)
	defer cancel()
	if !u.actor.Staff {
		u.visibility = visibleOutside // what the client attaches it sees
	}
	u.body = attached{u.on.task, u.on.request, u.name, u.visibility, u.ContentType, u.Size, hex.EncodeToString(u.SHA256)}
	return s.once(ctx, u.request, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		if !u.stored {
			return nil, fault.New(fault.Conflict, "what this Idempotency-Key did before is forgotten; use another")
		}
		if err := u.mayStill(ctx, q); err != nil {
			return nil, err
		}
		err := q.InsertFile(ctx, db.InsertFileParams{ID: u.id, Name: u.name, ContentType: u.ContentType, Size: u.Size, SHA256: u.SHA256})
		if err == nil {
			err = q.InsertAttachment(ctx, db.InsertAttachmentParams{FileID: u.id, TaskID: u.on.task, RequestID: u.on.request, AuthorID: u.actor.ID, Visibility: u.visibility})
		}
		if err == nil {
			err = u.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, u.body), "")
		}
		if err == nil && u.on.task != nil {
			err = s.tellOfAddition(ctx, q, u.request, *u.on.task, addition{what: "file", visibility: u.visibility, text: u.name})
		}
		if err != nil {
			return nil, err
		}
		u.settled = true
		return oneFile(ctx, q, u.id)
	})
}

// patient reads a body for as long as it moves, whatever time the server gives
// to others.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read puts off the deadline, then reads.
func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(standstill)) // not there in some tests
	return p.ReadCloser.Read(b)
}

// sender reads a part of a form, whose failures are the sender's.
type sender struct{ part io.Reader }

// Read reads.
func (s sender) Read(b []byte) (int, error) {
	n, err := s.part.Read(b)
	if err != nil && err != io.EOF {
		err = broken(err)
	}
	return n, err
}

// broken says why a form could not be read to its end.
func broken(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fault.New(fault.TooLarge, "the upload is larger than %d bytes", long.Limit)
	}
	return fault.New("malformed", "the form breaks off, stands still or cannot be read")
}
