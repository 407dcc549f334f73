package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// reply is an answer of the API.
type reply struct {
	Status int
	Header http.Header
	Raw    []byte
	Body   map[string]any
}

// person talks to the API with a token of their own.
type person struct {
	s     *system
	id    string
	token string
}

func (s *system) admin() person { return person{s: s, token: s.token} }

// send sends a request; headers come in pairs.
func (p person) send(t testing.TB, method, path string, body any, headers ...string) reply {
	t.Helper()
	r, err := p.attempt(method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// attempt is send for servers that may be away.
func (p person) attempt(method, path string, body any, headers ...string) (reply, error) {
	var b io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return reply{}, err
		}
		b = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, p.s.url+"/api/v1"+path, b)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	r := reply{Status: res.StatusCode, Header: res.Header}
	if r.Raw, err = io.ReadAll(res.Body); err != nil {
		return r, err
	}
	_ = json.Unmarshal(r.Raw, &r.Body) // a PDF or a list of lines is not an object
	return r, nil
}

// must sends a request that has to succeed, and returns the answer's body.
func (p person) must(t testing.TB, method, path string, body any, headers ...string) map[string]any {
	t.Helper()
	r := p.send(t, method, path, body, headers...)
	if r.Status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, r.Status, r.Raw)
	}
	return r.Body
}

// refused sends a request that has to be refused with this status and code.
func (p person) refused(t testing.TB, status int, code, method, path string, body any, headers ...string) {
	t.Helper()
	r := p.send(t, method, path, body, headers...)
	if r.Status != status || r.Body["code"] != code {
		t.Errorf("%s %s: got %d %s, want %d %s", method, path, r.Status, r.Raw, status, code)
	}
	if ct := r.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("%s %s: the refusal is %s", method, path, ct)
	}
}

type object = map[string]any

// hire adds a member of the staff and signs them in.
func (s *system) hire(t testing.TB, name, email string, roles ...string) person {
	t.Helper()
	u := s.admin().must(t, "POST", "/users", object{"kind": "staff", "name": name, "email": email, "roles": roles, "skills": []string{}, "time_zone": "Europe/London"})
	id := u["id"].(string)
	s.admin().must(t, "POST", "/users/"+id+"/rates", object{"rate": "100", "currency": "GBP", "from": "2020-01-01"})
	token := s.run("token", "create", "--email", email)
	return person{s: s, id: id, token: string(bytes.TrimSpace([]byte(token)))}
}
