package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"steward/internal/civil"
	"steward/internal/demo"
	"steward/internal/postgres"
	"steward/internal/postgres/db"
	"steward/internal/secret"
)

// fillDemo fills an installation that has no client yet.
func fillDemo(ctx context.Context, v *service, o out) error {
	some, err := v.store.Clients(ctx, db.ClientsParams{Page: 1})
	if err != nil || len(some) > 0 {
		return err
	}
	people := &demoPeople{v: v, apis: map[string]demo.API{}}
	admin, err := people.as(ctx, adminEmail)
	if err != nil {
		return err
	}
	return demo.Fill(ctx, demo.Firm{
		Admin: admin, As: func(email string) (demo.API, error) { return people.as(ctx, email) },
		Today: civil.In(v.store.Now(), time.UTC), Say: o.say,
	})
}

// demoPeople gives each person of the demo a token for an hour.
type demoPeople struct {
	v    *service
	apis map[string]demo.API
}

func (d *demoPeople) as(ctx context.Context, email string) (demo.API, error) {
	if api, ok := d.apis[email]; ok {
		return api, nil
	}
	p, err := d.v.store.PersonByEmail(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", email, postgres.Refusal(err))
	}
	token, hash := secret.NewToken()
	until := d.v.store.Now().Add(time.Hour)
	err = d.v.store.InsertToken(ctx, db.InsertTokenParams{ID: d.v.store.NewID(), PersonID: p.ID, Name: "demo", SecretHash: hash, Scopes: []string{}, ExpiresAt: &until})
	if err != nil {
		return nil, err
	}
	d.apis[email] = caller("http://"+d.v.settings.HTTP+"/api/v1", token)
	return d.apis[email], nil
}

// caller sends requests with a token.
func caller(base, token string) demo.API {
	return func(ctx context.Context, method, path string, body, answer any) error {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(b))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		if res.StatusCode >= 300 {
			return fmt.Errorf("%s %s: %s %s", method, path, res.Status, text)
		}
		return json.Unmarshal(text, answer)
	}
}
