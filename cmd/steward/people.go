package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/civil"
	"steward/internal/config"
	"steward/internal/fault"
	"steward/internal/mail"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// adminEmail is who signs in first.
const adminEmail = "admin@steward.example"

// firstAdmin makes the first person of an empty database and returns the
// password, which is kept nowhere; else it returns nothing.
func firstAdmin(ctx context.Context, store *postgres.Store) (string, error) {
	n, err := store.CountPeople(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	password := secret.NewPassword()
	return password, addPerson(ctx, store, userAdd{Email: adminEmail, Name: "Administrator", Role: []string{"admin", "account_manager"}, TimeZone: "UTC"}, password)
}

type userCommand struct {
	Add userAdd `cmd:"" help:"Add a member of the staff."`
}

type userAdd struct {
	Email    string   `required:"" help:"E-mail address, to sign in with."`
	Name     string   `required:"" help:"Name."`
	Role     []string `default:"contributor" help:"Roles: admin, account_manager, project_manager, customer_project_manager, group_manager, contributor."`
	TimeZone string   `default:"UTC" help:"Time zone, such as Europe/London."`
}

// Run adds a person and prints the password it made.
func (c userAdd) Run(ctx context.Context, s config.Settings, o out) error {
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := c.check(); err != nil {
		return err
	}
	password := secret.NewPassword()
	if err := addPerson(ctx, store, c, password); err != nil {
		return err
	}
	o.say("%s can sign in with the password below; it is printed only this once", c.Email)
	_, err = fmt.Fprintln(o.Out, password)
	return err
}

// check refuses what the API would.
func (c *userAdd) check() error {
	if _, ok := civil.ZoneNamed(c.TimeZone); !ok {
		return fmt.Errorf("%q is not a time zone such as Europe/London", c.TimeZone)
	}
	for _, r := range c.Role {
		if !slices.Contains(access.StaffRoles, access.Role(r)) {
			return fmt.Errorf("%q is not a role of the staff", r)
		}
	}
	address, ok := mail.Address(c.Email)
	if !ok {
		return fmt.Errorf("%q is not an e-mail address such as ann@firm.example", c.Email)
	}
	c.Email = address
	return nil
}

func addPerson(ctx context.Context, store *postgres.Store, c userAdd, password string) error {
	hash, err := secret.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	return store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		p := db.InsertPersonParams{ID: store.NewID(), Kind: "staff", Name: c.Name, Email: c.Email, Roles: c.Role, Skills: []string{}, TimeZone: c.TimeZone, PasswordHash: hash}
		if err := q.InsertPerson(ctx, p); err != nil {
			return err
		}
		return store.Audit(ctx, q, postgres.Event{Kind: "user", ID: p.ID, Verb: "create", Version: 1, Source: "command line",
			Changes: map[string]postgres.Change{"email": {nil, c.Email}, "roles": {nil, c.Role}}})
	})
}

// openStore connects to the database of the settings or of a running dev.
func openStore(ctx context.Context, s config.Settings) (*postgres.Store, error) {
	if s.Database == "" {
		var err error
		if s, err = s.Resolve(); err != nil {
			return nil, err
		}
	}
	store, err := postgres.Open(ctx, s.Database, 4)
	if err != nil {
		return nil, err
	}
	if err := migrated(ctx, store); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token for a person and print it, and nothing else, on standard output."`
}

type tokenCreate struct {
	Email   string        `required:"" help:"Whose token it is."`
	Name    string        `default:"command line" help:"What it is for."`
	Scope   []string      `help:"What it may do: read, write, or in one area as time:write, tasks:read; default all."`
	Expires time.Duration `help:"How long it is good for, such as 720h; default for ever."`
}

// check refuses scopes that there are not.
func (c tokenCreate) check() error {
	for _, scope := range c.Scope {
		if !slices.Contains(access.Scopes(), access.Scope(scope)) {
			return fmt.Errorf("%q is not a scope; there are read, write and, with :read or :write, %v", scope, access.Areas)
		}
	}
	if c.Expires < 0 {
		return errors.New("--expires is over before it begins")
	}
	return nil
}

// Run makes a token.
func (c tokenCreate) Run(ctx context.Context, s config.Settings, o out) error {
	if err := c.check(); err != nil {
		return err
	}
	store, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer store.Close()
	p, err := store.PersonByEmail(ctx, c.Email)
	if err = postgres.Refusal(err); fault.Is(err, fault.NotFound) {
		return fmt.Errorf("nobody has the e-mail address %s", c.Email)
	}
	if err != nil {
		return err
	}
	token, hash := secret.NewToken()
	scopes := append([]string{}, c.Scope...)
	params := db.InsertTokenParams{ID: store.NewID(), PersonID: p.ID, Name: c.Name, SecretHash: hash, Scopes: scopes}
	if c.Expires > 0 {
		until := store.Now().Add(c.Expires)
		params.ExpiresAt = &until
	}
	err = store.Tx(ctx, func(q *db.Queries, _ pgx.Tx) error {
		if err := q.InsertToken(ctx, params); err != nil {
			return err
		}
		return store.Audit(ctx, q, postgres.Event{Kind: "token", ID: params.ID, Verb: "create", Version: 1, Source: "command line",
			Changes: map[string]postgres.Change{"person": {nil, p.Email}, "name": {nil, c.Name}}})
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.Out, token)
	return err
}
