package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"steward/internal/postgres"
)

// one in n.
func (f *fuzzer) one(n int) bool { return f.rnd.IntN(n) == 0 }

func pick[T any](f *fuzzer, of []T) T { return of[f.rnd.IntN(len(of))] }

// sketch makes a request up: by the row, by the contract, or neither.
func (f *fuzzer) sketch(r role, name string) *sketch {
	method, path, _ := strings.Cut(name, " ")
	s := &sketch{method: method, path: path, header: http.Header{}}
	at := pick(f, []side{own, own, own, own, other, hidden, unknown})
	id, ok := f.thing(rows[name].on, at, r.name)
	if !ok || f.one(8) {
		id = f.anyID()
	}
	s.path = f.fill(path, id, at)
	for _, day := range []string{aPeriodsEnd, aWeek} {
		if strings.Contains(s.path, day) && f.one(3) {
			s.path = strings.Replace(s.path, day, url.PathEscape(f.date()), 1)
			s.strayed = true
		}
	}
	if f.one(25) {
		s.path = strings.Replace(s.path, id.String(), url.PathEscape(f.text()), 1)
		s.strayed = true
	}
	s.query = f.queries(name, id)
	s.body = f.bodyOf(name, asked{f.matrix, id, at, r.name}, s.header)
	f.headers(r, s.header)
	return s
}

// anyID is of anything, of whoever.
func (f *fuzzer) anyID() uuid.UUID {
	sides := f.things[pick(f, slices.Sorted(maps.Keys(f.things)))]
	if id, ok := sides[pick(f, []side{own, other, hidden, unknown})]; ok {
		return id
	}
	return sides[unknown]
}

func (f *fuzzer) headers(r role, h http.Header) {
	if bearer := f.bearers[r.name]; bearer != "" {
		h.Set("Authorization", "Bearer "+bearer)
	}
	if f.one(40) {
		h.Set("Authorization", pick(f, []string{"Bearer", "Bearer ", "Basic YTpi", "bearer x", "Bearer \x00", "Bearer " + strings.Repeat("a", 10_000)}))
	}
	if f.one(6) {
		h.Set("If-Match", pick(f, []string{`"1"`, `"2"`, "*", "W/\"1\"", `"0"`, `"-1"`, `"99999999999999999999"`, "junk", `""`, "\"\x7f\"", strings.Repeat("9", 5000)}))
	}
	if f.one(6) { // keys of others, long ones, odd ones
		h.Set("Idempotency-Key", pick(f, []string{"k", "k2", "belongs/" + f.mine[anAction][stranger].String(), "belongs/" + f.mine[anAction][r.name].String(), strings.Repeat("k", 300), "\x00", "\xff\xfe", "none/", " "}))
	}
	if f.one(30) {
		h.Set("Accept", pick(f, []string{"text/html", "application/cbor", "*/*", "junk", ""}))
	}
	if f.one(30) {
		h.Set("Range", pick(f, []string{"bytes=0-1", "bytes=9-1", "bytes=-1", "junk", "bytes=0-0,2-2", "bytes=99-"}))
	}
	if f.one(30) {
		h.Set("If-None-Match", pick(f, []string{"*", `"x"`, "junk"}))
	}
}

// queries fills some parameters, well or badly.
func (f *fuzzer) queries(name string, id uuid.UUID) string {
	var parts []string
	add := func(k, v string) { parts = append(parts, url.QueryEscape(k)+"="+url.QueryEscape(v)) }
	if q := rows[name].query; q != "" && !f.one(4) {
		add(strings.Trim(q, "?="), id.String())
	}
	for _, p := range f.contract.ops[name].Parameters {
		if p.In != "query" || !f.one(4) {
			continue
		}
		for range 1 + f.rnd.IntN(20)/19 { // sometimes twice
			add(p.Name, f.parameter(p.Name, p.Schema))
		}
	}
	if f.one(30) {
		add(f.text(), f.text())
	}
	if f.one(60) {
		parts = append(parts, pick(f, []string{"%", "%zz", "a=%ff", ";", "limit=1;cursor=2", "=", "&&", "limit[]=1"}))
	}
	return strings.Join(parts, "&")
}

func (f *fuzzer) parameter(name string, schema map[string]any) string {
	switch {
	case f.one(4):
		return f.text()
	case name == "cursor":
		return f.cursor()
	case schema["enum"] != nil || schema["type"] != "string":
		return fmt.Sprint(f.value(schema, 0, name))
	case name == "q" || name == "number" || name == "external_key" || name == "secret":
		return pick(f, []string{"a", "%", "_", `\`, "'", "INV", f.text()})
	case name == "from" || name == "to" || strings.HasSuffix(name, "_on"):
		return f.date()
	case f.one(4):
		return "me"
	}
	return f.anyID().String()
}

// cursor is one that was never given out.
func (f *fuzzer) cursor() string {
	v := object{"i": f.anyID(), "o": pick(f, []any{0, 1, -1, 3, 1 << 30, 1e300, "x", nil})}
	text := string(postgres.JSON(v))
	switch f.rnd.IntN(6) {
	case 0:
		text = f.text()
	case 1:
		text = text[:f.rnd.IntN(len(text))]
	case 2:
		return "not base64 " + text
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// bodyOf is what the request says: by the row, or by the contract; and spoilt.
func (f *fuzzer) bodyOf(name string, a asked, h http.Header) []byte {
	o := f.contract.ops[name]
	if len(o.RequestBody.Content) == 0 {
		if f.one(20) {
			return []byte(`{"a":1}`)
		}
		return nil
	}
	if _, ok := o.RequestBody.Content["multipart/form-data"]; ok {
		return f.form(h)
	}
	h.Set("Content-Type", "application/json")
	var v any
	if b := rows[name].body; b != nil && f.one(3) {
		_ = json.Unmarshal(postgres.JSON(b(a)), &v)
	} else {
		v = f.value(o.RequestBody.Content["application/json"].Schema, 0, "")
	}
	if f.one(2) {
		for range 1 + f.rnd.IntN(3) {
			v = f.spoil(v)
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte("{")
	}
	if f.one(8) {
		b = f.spoilBytes(b, h)
	}
	return b
}

// form is a file to be attached.
func (f *fuzzer) form(h http.Header) []byte {
	h.Set("Content-Type", multipart)
	content := pick(f, []string{"text", "", "\x00\xff", "%PDF-1.4", "<svg onload=alert(1)>", strings.Repeat("x", 1<<20+1)})
	name := pick(f, []string{`filename="a.txt"`, `filename="../../etc/passwd"`, `filename=""`, "", `filename="` + strings.Repeat("n", 5000) + `"`, "filename=\"\x01\x00.txt\"", "filename=\"\xff\"", `filename*=UTF-8''%00`})
	var fields []string
	if f.one(2) {
		fields = []string{"visibility", pick(f, []string{"client", "internal", "everybody", "", f.text()})}
	}
	b, err := io.ReadAll(form(name, strings.NewReader(content), fields...))
	if err != nil {
		f.t.Fatal(err)
	}
	if f.one(5) {
		b = f.spoilBytes(b, h)
	}
	return b
}

// spoilBytes breaks the body as a whole.
func (f *fuzzer) spoilBytes(b []byte, h http.Header) []byte {
	switch f.rnd.IntN(9) {
	case 0:
		h.Set("Content-Type", pick(f, []string{"text/plain", "application/xml", "application/json; charset=utf-16", "junk", "multipart/form-data", "application/cbor", "application/merge-patch+json", "application/x-www-form-urlencoded", ""}))
	case 1:
		return b[:f.rnd.IntN(len(b)+1)]
	case 2:
		at := f.rnd.IntN(len(b) + 1)
		return slices.Concat(b[:at], []byte(pick(f, []string{"\xff", "\x00", "\xed\xa0\x80", `"`, "}", "[", `\u0000`, `\ud800`, "1e999"})), b[at:])
	case 3:
		return []byte(strings.Repeat(pick(f, []string{"[", `{"a":`, `{"weekly":`}), 100_000))
	case 4:
		return []byte(pick(f, []string{"", "null", "true", `"text"`, "1e999", "[]", "[{}]", "{}", "\xef\xbb\xbf{}", "{}{}", "-", "//", "{\"a\":1,\"a\":2}"}))
	case 5:
		return slices.Concat(b, []byte(strings.Repeat(" ", 2<<20)))
	case 6:
		return slices.Concat([]byte{0xff, 0xfe}, b)
	case 7: // the same name twice
		return []byte(strings.Replace(string(b), "{", `{"name":"a","id":null,`, 1))
	case 8:
		return []byte(strings.ReplaceAll(string(b), `":"`, `":"\u0000`))
	}
	return b
}
