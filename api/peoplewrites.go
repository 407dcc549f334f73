package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"steward/internal/access"
	"steward/internal/fault"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
	"steward/internal/work"
)

// UserBody describes a new person.
type UserBody struct {
	Kind     string     `json:"kind" enum:"staff,client"`
	ClientID *uuid.UUID `json:"client_id,omitempty" doc:"Of a client's contact"`
	Name     string     `json:"name" minLength:"1" maxLength:"200" pattern:"\\S"`
	Email    string     `json:"email" minLength:"3" maxLength:"320" doc:"To sign in with"`
	Roles    []string   `json:"roles,omitempty" maxItems:"6" enum:"admin,account_manager,project_manager,customer_project_manager,group_manager,contributor,client_manager,client_contact"`
	Skills   []string   `json:"skills,omitempty" maxItems:"100" maxLength:"100"`
	TimeZone string     `json:"time_zone,omitempty" maxLength:"100" default:"UTC" doc:"Which day it is for the person"`
	Password string     `json:"password,omitempty" minLength:"10" maxLength:"200" doc:"Without one the person cannot sign in, only use tokens"`
}

// UserPatch changes the given fields of a person.
type UserPatch struct {
	Name     *string   `json:"name,omitempty" minLength:"1" maxLength:"200" pattern:"\\S"`
	Email    *string   `json:"email,omitempty" minLength:"3" maxLength:"320"`
	Roles    *[]string `json:"roles,omitempty" maxItems:"6" enum:"admin,account_manager,project_manager,customer_project_manager,group_manager,contributor,client_manager,client_contact"`
	Skills   *[]string `json:"skills,omitempty" maxItems:"100" maxLength:"100"`
	TimeZone *string   `json:"time_zone,omitempty" maxLength:"100"`
	Active   *bool     `json:"active,omitempty" doc:"False ends their sessions and revokes their tokens and feeds"`
	Password *string   `json:"password,omitempty" minLength:"10" maxLength:"200" doc:"Ends their sessions, and what mails sent before could set"`
}

// over puts the given fields over a person as they are.
func (p UserPatch) over(u User) User {
	set(&u.Name, p.Name)
	set(&u.Email, p.Email)
	set(&u.Roles, p.Roles)
	set(&u.Skills, p.Skills)
	set(&u.TimeZone, p.TimeZone)
	set(&u.Active, p.Active)
	return u
}

// checked is the person as they are stored, if they can be.
func (u User) checked() (User, error) {
	var err error
	if u.Email, err = emailOf("email", u.Email); err != nil {
		return u, err
	}
	if (u.Kind == "client") != (u.ClientID != nil) {
		return u, fault.Wrong("client_id", "a client's contact names its client, a member of the staff does not")
	}
	fitting := access.StaffRoles
	if u.Kind == "client" {
		fitting = access.ClientRoles
	}
	for _, r := range u.Roles {
		if !slices.Contains(fitting, access.Role(r)) {
			return u, fault.Wrong("roles", "%q is not a role of %s", r, map[string]string{"staff": "the staff", "client": "a client's contact"}[u.Kind])
		}
	}
	u.Roles, u.Skills = distinct(u.Roles), distinct(u.Skills)
	return u, checkZone("time_zone", u.TimeZone)
}

// distinct keeps each text once, without the blanks around it.
func distinct(list []string) []string {
	kept := []string{}
	for _, v := range list {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

func (s *Server) createUser(ctx context.Context, in *newInput[UserBody]) (*Done, error) {
	b := in.Body
	password := b.Password
	b.Password = secretMark(password) // neither the log of commands nor the audit keeps it
	r, err := s.content(ctx, in.WriteHeaders, userKind, s.store.NewID(), "create", b, mayAddPerson(b.Kind))
	if err == nil {
		err = withoutScopes(r.actor, "adding somebody who can sign in")
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	hash, err := hashed(ctx, password, b.Email, b.Name)
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusCreated, func(q *db.Queries, _ pgx.Tx) (any, error) {
		u, err := User{ID: r.id, Kind: b.Kind, ClientID: b.ClientID, Name: b.Name, Email: b.Email, Roles: b.Roles, Skills: b.Skills, TimeZone: b.TimeZone}.checked()
		if err == nil && u.ClientID != nil {
			_, err = q.Client(ctx, *u.ClientID)
			err = notThere(err, "client_id", "there is no such client")
		}
		if err != nil {
			return nil, err
		}
		err = q.InsertPerson(ctx, db.InsertPersonParams{
			ID: u.ID, Kind: u.Kind, ClientID: u.ClientID, Name: u.Name, Email: u.Email, Roles: u.Roles, Skills: u.Skills, TimeZone: u.TimeZone, PasswordHash: hash,
		})
		if err != nil {
			return nil, err
		}
		if err := r.audited(ctx, s, q, 1, postgres.Diff(struct{}{}, b), ""); err != nil {
			return nil, err
		}
		return oneUser(ctx, q, r.id)
	})
}

func (s *Server) editUser(ctx context.Context, in *patchInput[UserPatch]) (*Done, error) {
	b := in.Body
	hash := ""
	if b.Password != nil {
		b.Password = ptr(secretMark(*b.Password))
	}
	r, err := s.content(ctx, in.WriteHeaders, userKind, in.ID, "edit", b, access.ManagePeople)
	if err == nil {
		err = b.maySignIn(r.actor, in.ID)
	}
	if err == nil && b.Password != nil {
		hash, err = s.hashedFor(ctx, in.ID, in.Body)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	return s.once(ctx, r, http.StatusOK, func(q *db.Queries, tx pgx.Tx) (any, error) {
		before, after, err := s.editedUser(ctx, q, tx, r, b)
		changes := postgres.Diff(before, after)
		if b.Password != nil {
			changes["password"] = postgres.Change{nil, "changed"}
		}
		if err != nil || len(changes) == 0 {
			return before, err
		}
		return s.changeUser(ctx, q, r, userChange{before, after, hash, changes})
	})
}

// editedUser is somebody, locked, before and after a change that may be.
func (s *Server) editedUser(ctx context.Context, q *db.Queries, tx pgx.Tx, r request, b UserPatch) (before, after User, err error) {
	if _, err := q.LockPerson(ctx, r.id); err != nil {
		return before, after, err
	}
	before, err = oneUser(ctx, q, r.id)
	if err == nil {
		err = r.fresh(before.Version)
	}
	if err == nil {
		after, err = b.over(before).checked()
	}
	if err == nil && after.Active && !before.Active { // their password was kept
		err = withoutScopes(r.actor, "taking somebody back who can sign in")
	}
	if err == nil {
		err = s.keepsAdmin(ctx, tx, r.actor, before, after)
	}
	return before, after, err
}

// userChange is what becomes of somebody; hash is that of another password.
type userChange struct {
	before, after User
	hash          string
	changes       map[string]postgres.Change
}

// changeUser carries a change out, with all that follows from it.
func (s *Server) changeUser(ctx context.Context, q *db.Queries, r request, c userChange) (User, error) {
	if err := s.updateUser(ctx, q, c.after, c.hash); err != nil {
		return User{}, err
	}
	left, err := leftWith(ctx, q, c.after)
	if err == nil {
		err = s.dismissed(ctx, q, r, c.before, c.after, left)
	}
	if err == nil {
		err = s.tellSignIn(ctx, q, c.before, c.after, c.hash != "")
	}
	if err == nil {
		err = r.audited(ctx, s, q, c.after.Version+1, c.changes, "")
	}
	if err != nil {
		return User{}, err
	}
	u, err := oneUser(ctx, q, r.id)
	return u.leaving(left), err
}

// maySignIn refuses changes of how somebody signs in to limited tokens, and of
// one's own password to whoever does not say the one before.
func (p UserPatch) maySignIn(a access.Actor, of uuid.UUID) error {
	if p.Password != nil && a.ID == of {
		return fault.New(fault.Conflict, "change your own password with POST /me/password")
	}
	if p.Password != nil || p.Email != nil || p.Roles != nil {
		return withoutScopes(a, "changing a password, an address or roles")
	}
	return nil
}

// tellSignIn tells somebody at the address they had that they sign in otherwise.
func (s *Server) tellSignIn(ctx context.Context, q *db.Queries, before, after User, password bool) error {
	if !strings.EqualFold(before.Email, after.Email) {
		if err := s.tellChange(ctx, q, before.ID, before.Name, before.Email, addressChanged, after.Email); err != nil {
			return err
		}
	}
	if !password {
		return nil
	}
	return s.tellChange(ctx, q, before.ID, before.Name, before.Email, passwordSet, "")
}

func (s *Server) updateUser(ctx context.Context, q *db.Queries, u User, hash string) error {
	_, err := q.UpdatePerson(ctx, db.UpdatePersonParams{
		ID: u.ID, Version: u.Version, Name: u.Name, Email: u.Email, Roles: u.Roles, Skills: u.Skills, TimeZone: u.TimeZone, Active: u.Active,
	})
	if err != nil || hash == "" {
		return err
	}
	return s.setPassword(ctx, q, u.ID, hash)
}

// dismissed ends what lets somebody in who is to be out, and what went out by
// mail to an address that is no longer theirs; and tells people what is open with
// who has left.
func (s *Server) dismissed(ctx context.Context, q *db.Queries, r request, before, after User, left []work.LeftThing) error {
	if before.Active == after.Active && before.Email == after.Email {
		return nil
	}
	now := s.store.Now()
	if err := q.WithdrawResets(ctx, &now, after.ID); err != nil || after.Active {
		return err
	}
	if err := q.RevokeTokensOf(ctx, &now, after.ID); err != nil {
		return err
	}
	if err := q.RevokePlanFeedsOf(ctx, &now, after.ID); err != nil {
		return err
	}
	if err := q.DeleteSessionsOf(ctx, after.ID); err != nil || !before.Active {
		return err
	}
	return s.tellLeft(ctx, q, r, after, left)
}

// keepsAdmin refuses that an admin locks the firm out: by their own hand, or two
// of them each other at the same time.
func (s *Server) keepsAdmin(ctx context.Context, tx pgx.Tx, a access.Actor, before, after User) error {
	if a.ID == after.ID && !after.administers() {
		return fault.New(fault.Conflict, "nobody takes the role of admin from themselves or deactivates themselves; another admin can")
	}
	if !before.administers() || after.administers() {
		return nil
	}
	if err := s.store.Ahead(tx).LockAdmins(ctx); err != nil {
		return err
	}
	left, err := s.store.WithTx(tx).ActiveAdmins(ctx)
	if err == nil && !slices.ContainsFunc(left, func(id uuid.UUID) bool { return id != after.ID }) {
		err = fault.New(fault.Conflict, "%s is the last admin; make somebody else one first", before.Name)
	}
	return err
}

// administers tells whether the person can do what only admins can.
func (u User) administers() bool { return u.Active && slices.Contains(u.Roles, string(access.Admin)) }

// secretMark stands for a password where requests are compared and kept: two
// that differ in nothing else count as the same.
func secretMark(password string) string {
	if password == "" {
		return ""
	}
	return "set"
}

// hashed is how a good password is kept; none is kept as none.
func hashed(ctx context.Context, password string, owner ...string) (string, error) {
	if password == "" {
		return "", nil
	}
	if err := secret.Good(password, owner...); err != nil {
		return "", err
	}
	return secret.HashPassword(ctx, password)
}

// hashedFor is hashed for somebody who is there already.
func (s *Server) hashedFor(ctx context.Context, id uuid.UUID, p UserPatch) (string, error) {
	u, err := oneUser(ctx, s.store.Queries, id)
	if err != nil {
		return "", err
	}
	u = p.over(u)
	return hashed(ctx, *p.Password, u.Email, u.Name)
}
