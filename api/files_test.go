package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"steward/api"
	"steward/internal/files"
	"steward/internal/fixture"
)

// archive is a world whose files are in a folder.
type archive struct {
	*world
	dir  string
	path string // of the task's files
}

func newArchive(t testing.TB, maxFile int64, patience time.Duration) *archive {
	t.Helper()
	a := &archive{world: newWorld(t), dir: t.TempDir()}
	store, err := files.Open(t.Context(), "file://"+a.dir+"?no_tmp_dir=true&metadata=skip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	a.server = api.New(api.Options{Store: a.store, Later: a.store, Engine: a.engine, Files: store, MaxFile: maxFile, Log: slog.New(loud{t}), Version: "test"})
	s := httptest.NewUnstartedServer(a.server)
	s.Config.ReadTimeout, s.Config.WriteTimeout = patience, patience
	s.Start()
	t.Cleanup(s.Close)
	a.url, a.path = s.URL, "/tasks/"+a.Task.String()+"/files"
	return a
}

// stored are the files in the folder, whole or not.
func (a *archive) stored(t testing.TB) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(a.dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (a *archive) rows(t testing.TB) int {
	t.Helper()
	return fixture.One[int](t, a.Pool, `SELECT (SELECT count(*) FROM attachment) + (SELECT count(*) FROM file) + (SELECT count(*) FROM audit_event WHERE entity_kind = 'file')`)
}

// disposed is the header of a part of a form.
const disposed = "--XX\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n"

// form is a form with a file, and fields before it.
func form(name string, content io.Reader, fields ...string) io.Reader {
	var head strings.Builder
	for i := 0; i < len(fields); i += 2 {
		fmt.Fprintf(&head, disposed+"%s\r\n", fields[i], "", fields[i+1])
	}
	fmt.Fprintf(&head, disposed, "file", "; "+name)
	return io.MultiReader(strings.NewReader(head.String()), content, strings.NewReader("\r\n--XX--\r\n"))
}

// raw sends a body as a form and gives back the answer.
func (c caller) raw(method, path, contentType string, body io.Reader) (answer, error) {
	req, err := http.NewRequestWithContext(c.w.t.Context(), method, c.w.url+"/api/v1"+path, body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.bearer)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, header: res.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a, err
}

const multipart = "multipart/form-data; boundary=XX"

func (c caller) upload(path string, body io.Reader) answer {
	c.w.t.Helper()
	a, err := c.raw("POST", path, multipart, body)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return a
}

func (a *archive) attach(t testing.TB, who uuid.UUID, name, content string, fields ...string) answer {
	t.Helper()
	up := a.as(who).upload(a.path, form(`filename="`+name+`"`, strings.NewReader(content), fields...))
	if up.status != 201 {
		t.Fatalf("attach %s: %d %s", name, up.status, up.text)
	}
	return up
}

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

func TestAFileIsAttachedListedReadAndRemoved(t *testing.T) { // S1.20, S1.17, N.14
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	sum := sha256.Sum256([]byte(png))
	made := a.attach(t, a.Ann, "logo.png", png, "visibility", "client")
	want := object{"task_id": a.Task, "author_id": a.Ann, "author_name": fixture.One[string](t, a.Pool, `SELECT name FROM person WHERE id = $1`, a.Ann), "name": "logo.png", "content_type": "image/png", "size": len(png), "sha256": hex.EncodeToString(sum[:]), "visibility": "client"}
	has(t, made.body, want)
	if list := a.as(a.Bob).must("GET", a.path, nil).items(); len(list) != 1 {
		t.Errorf("the list is %v", list)
	} else {
		has(t, list[0], want)
	}
	path := "/files/" + made.str("id")
	read := a.as(a.Bob).must("GET", path, nil)
	if read.text != png || read.header.Get("ETag") != `"`+hex.EncodeToString(sum[:])+`"` {
		t.Errorf("read %q, %v", read.text, read.header)
	}
	if again := a.as(a.Bob).with("If-None-Match", read.header.Get("ETag")).send("GET", path, nil); again.status != 304 || again.text != "" {
		t.Errorf("asked again: %d %q", again.status, again.text)
	}
	if part := a.as(a.Bob).with("Range", "bytes=1-3").must("GET", path, nil); part.status != 206 || part.text != "PNG" {
		t.Errorf("a part: %d %q", part.status, part.text)
	}
	if none := a.as(a.Bob).with("Range", "bytes=900-").send("GET", path, nil); none.status != 416 || none.str("code") != "no_such_range" {
		t.Errorf("no such part: %d", none.status)
	}
	has(t, a.as(a.Ann).must("PATCH", path, object{"visibility": "internal"}).body, object{"visibility": "internal", "name": "logo.png"})
	has(t, a.as(a.Ann).must("DELETE", path, nil).body, object{"removed_by": a.Ann, "removed_at": noon})
	for _, method := range []string{"GET", "DELETE"} {
		a.as(a.Ann).refused(410, "file_removed", method, path, nil)
	}
	a.as(a.Ann).refused(410, "file_removed", "PATCH", path, object{"visibility": "client"})
	if list := a.as(a.Bob).must("GET", a.path, nil).items(); len(list) != 0 || len(a.stored(t)) != 0 {
		t.Errorf("%v is listed, %v stored", list, a.stored(t))
	}
	if n := a.rows(t); n != 1+1+3 {
		t.Errorf("%d rows, want that it was there and three events", n)
	}
	for _, none := range []string{"/files/" + a.Task.String(), "/tasks/" + a.Project.String() + "/files"} {
		a.as(a.Ann).refused(404, "not_found", "GET", none, nil)
	}
}

func TestOnlySomeChangeOrRemoveAFile(t *testing.T) { // S1.20
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	path := "/files/" + a.attach(t, a.Ann, "a", "x").str("id")
	other := a.Person(t, "Other AM", "account_manager", "")
	for _, who := range []uuid.UUID{a.Bob, a.Manager, other} {
		a.as(who).refused(403, "not_author", "DELETE", path, nil)
		a.as(who).refused(403, "not_author", "PATCH", path, object{"visibility": "client"})
	}
	carl := a.as(a.contact(t))
	for _, p := range []string{path, a.path} {
		carl.refused(404, "not_found", "GET", p, nil)
	}
	if up := carl.upload(a.path, form(`filename="a"`, strings.NewReader("x"))); up.status == 201 {
		t.Errorf("a contact attached %s", up.text)
	}
	if up := a.as(a.Ann, "read").upload(a.path, form(`filename="a"`, strings.NewReader("x"))); up.status != 403 {
		t.Errorf("a token that may only read: %d %s", up.status, up.text)
	}
	a.as(a.Ann).refused(422, "invalid", "PATCH", path, object{"visibility": "public"})
	for _, who := range []uuid.UUID{a.AM, a.admin, a.Bob} {
		file := "/files/" + a.attach(t, a.Bob, "b", "x").str("id")
		a.as(who).must("DELETE", file, nil)
	}
	if n := len(a.stored(t)); n != 1 {
		t.Errorf("%d files are stored, want Ann's", n)
	}
}

func TestAClosedTaskTakesFiles(t *testing.T) { // S1.20
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	a.path = "/tasks/" + a.NewTask(t, "complete").String() + "/files"
	a.attach(t, a.Ann, "late.txt", "x")
}

func TestALargeFileStreams(t *testing.T) { // S1.20
	a := newArchive(t, 100<<20, 0) // not beside others: it measures memory
	const size = 50 << 20
	sum := sha256.New()
	var before, after runtime.MemStats
	ann := a.as(a.Ann)
	runtime.GC()
	runtime.ReadMemStats(&before)
	up := ann.upload(a.path, form(`filename="large"`, io.TeeReader(io.LimitReader(letters{}, size), sum)))
	runtime.ReadMemStats(&after)
	has(t, up.body, object{"size": size, "sha256": hex.EncodeToString(sum.Sum(nil))})
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 10 {
		t.Errorf("%d MiB of memory for %d MiB", took, size>>20)
	}
	runtime.ReadMemStats(&before)
	res, err := http.DefaultClient.Do(a.request(t, ann, "/files/"+up.str("id")))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	again := sha256.New()
	if n, err := io.Copy(again, res.Body); n != size || err != nil || !bytes.Equal(again.Sum(nil), sum.Sum(nil)) {
		t.Errorf("read %d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 10 {
		t.Errorf("%d MiB of memory to read %d MiB", took, size>>20)
	}
}

func (a *archive) request(t testing.TB, c caller, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", a.url+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.bearer)
	return r
}

// letters never end.
type letters struct{}

func (letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a' + byte(i%26)
	}
	return len(b), nil
}

func TestWhatIsRefusedLeavesNothing(t *testing.T) { // S1.20, N.31
	t.Parallel()
	const most = 300_000
	a := newArchive(t, most, 0)
	ann := a.as(a.Ann)
	file := func(n int64) io.Reader { return form(`filename="a"`, io.LimitReader(letters{}, n)) }
	text := strings.NewReader
	for name, c := range map[string]struct {
		status int
		code   string
		path   string
		kind   string
		body   io.Reader
	}{
		"a byte too much":      {413, "too_large", a.path, multipart, file(most + 1)},
		"much too much":        {413, "too_large", a.path, multipart, file(most * 2)},
		"no end":               {413, "too_large", a.path, multipart, file(most * 20)},
		"said to be too large": {413, "too_large", a.path, multipart, bytes.NewReader(make([]byte, most*3))},
		"no file":              {422, "invalid", a.path, multipart, text(fmt.Sprintf(disposed, "visibility", "") + "client\r\n--XX--\r\n")},
		"two files":            {422, "invalid", a.path, multipart, io.MultiReader(text(fmt.Sprintf(disposed, "file", "")+"x\r\n"), file(1000))},
		"another field":        {422, "invalid", a.path, multipart, form(`filename="a"`, text("x"), "task", "1")},
		"a field after":        {422, "invalid", a.path, multipart, text(fmt.Sprintf(disposed+"x\r\n"+disposed, "file", "", "visibility", "") + "public\r\n--XX--\r\n")},
		"nobody may see it":    {422, "invalid", a.path, multipart, form(`filename="a"`, text("x"), "visibility", "nobody")},
		"no end of the form":   {400, "malformed", a.path, multipart, text(fmt.Sprintf(disposed, "file", "") + "xxx")},
		"an empty form":        {400, "malformed", a.path, multipart, text("")},
		"no form":              {415, "unsupported_media_type", a.path, "application/json", text("{}")},
		"no such task":         {404, "not_found", "/tasks/" + a.Project.String() + "/files", multipart, file(most)},
	} {
		up, err := ann.raw("POST", c.path, c.kind, c.body)
		if err != nil || up.status != c.status || up.str("code") != c.code {
			t.Errorf("%s: got %d %s, %v, want %d %s", name, up.status, up.text, err, c.status, c.code)
		}
	}
	if left, n := a.stored(t), a.rows(t); len(left) > 0 || n > 0 {
		t.Errorf("%v is left behind, %d rows", left, n)
	}
	if up := ann.upload(a.path, file(most)); up.status != 201 {
		t.Errorf("as large as it may be: %d %s", up.status, up.text)
	}
	if a, err := ann.raw("POST", "/clients", "application/json", io.LimitReader(letters{}, 3<<20)); err == nil && a.status != 413 {
		t.Errorf("another body as large: %d", a.status)
	}
}

func TestABrokenConnectionLeavesNothing(t *testing.T) { // S1.20, N.31
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /api/v1%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 500000\r\n\r\n", a.path, a.as(a.Ann).bearer, multipart)
	fmt.Fprintf(conn, disposed+"%s", "file", `; filename="a"`, strings.Repeat("x", 200_000))
	eventually(t, "the file to arrive", func() bool { return len(a.stored(t)) > 0 })
	_ = conn.Close()
	eventually(t, "the file to go", func() bool { return len(a.stored(t)) == 0 })
	if n := a.rows(t); n > 0 {
		t.Errorf("%d rows are left", n)
	}
}

// eventually waits for what happens in the server.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited for %s", what)
		case <-tick.C:
		}
	}
}

func TestASlowUploadOutlivesTheServersPatience(t *testing.T) { // S1.20
	t.Parallel()
	const patience = 300 * time.Millisecond
	a := newArchive(t, 1<<20, patience)
	up := a.as(a.Ann).upload(a.path, form(`filename="slow"`, &dripping{left: 8, every: time.NewTicker(patience / 5)}))
	has(t, up.body, object{"size": 8, "name": "slow"})
}

// dripping gives a byte at a time, every now and then.
type dripping struct {
	left  int
	every *time.Ticker
}

func (d *dripping) Read(b []byte) (int, error) {
	if d.left == 0 {
		d.every.Stop()
		return 0, io.EOF
	}
	<-d.every.C
	d.left--
	b[0] = 'x'
	return 1, nil
}

func TestTheSameKeyAttachesOneFile(t *testing.T) { // S1.20, N.31
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	ann := a.as(a.Ann).with("Idempotency-Key", "k")
	answers := make([]answer, 6)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = ann.upload(a.path, form(`filename="a"`, &dripping{left: 5, every: time.NewTicker(5 * time.Millisecond)}))
		})
	}
	all.Wait()
	for _, got := range answers {
		if got.status != 201 {
			t.Errorf("got %d %s", got.status, got.text)
		}
		has(t, got.body, answers[0].body)
	}
	later := ann.upload(a.path, form(`filename="a"`, strings.NewReader("xxxxx")))
	has(t, later.body, object{"id": answers[0].str("id")})
	for name, other := range map[string]io.Reader{
		"bytes": form(`filename="a"`, strings.NewReader("xxxxy")), "name": form(`filename="b"`, strings.NewReader("xxxxx")),
		"visibility": form(`filename="a"`, strings.NewReader("xxxxx"), "visibility", "client"),
	} {
		if up := ann.upload(a.path, other); up.status != 409 || up.str("code") != "idempotency_key_reused" {
			t.Errorf("another %s: %d %s", name, up.status, up.text)
		}
	}
	if left := a.stored(t); len(left) != 1 || filepath.Base(left[0]) != later.str("id") || a.rows(t) != 3 {
		t.Errorf("%v is stored, %d rows", left, a.rows(t))
	}
	removed := ann.with("Idempotency-Key", "r").must("DELETE", "/files/"+later.str("id"), nil)
	has(t, ann.with("Idempotency-Key", "r").must("DELETE", "/files/"+later.str("id"), nil).body, removed.body)
}

func TestHostileNamesAreTamed(t *testing.T) { // S1.20
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	ann := a.as(a.Ann)
	for given, want := range map[string]string{
		`filename="../../etc/passwd"`: "passwd", `filename="C:\\Windows\\win.ini"`: "win.ini", "filename=\"a\u202Efdp.exe\"": "afdp.exe",
		`filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1`: "aSet-Cookie: x=1", `filename="Übersicht 総覧 \"1\".pdf"`: `Übersicht 総覧 "1".pdf`, `filename=""`: "file",
	} {
		up := ann.upload(a.path, form(given, strings.NewReader("x")))
		has(t, up.body, object{"name": want})
		read := ann.must("GET", "/files/"+up.str("id"), nil)
		how, params, err := mime.ParseMediaType(read.header.Get("Content-Disposition"))
		if err != nil || how != "attachment" || params["filename"] != want || read.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %s, %v", given, read.header.Get("Content-Disposition"), err)
		}
	}
	for _, path := range a.stored(t) {
		if _, err := uuid.Parse(filepath.Base(path)); err != nil || filepath.Dir(path) != filepath.Join(a.dir, "attachments") {
			t.Errorf("%s is stored", path)
		}
	}
}

func TestABrowserRunsNothingInAFile(t *testing.T) { // S1.20
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	for name, c := range map[string]struct{ content, kind, how string }{
		"page.html":  {"<!DOCTYPE html><script>alert(1)</script>", "application/octet-stream", "attachment"},
		"logo.png":   {"<html><body onload=alert(1)>", "application/octet-stream", "attachment"},
		"image.svg":  {`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "application/octet-stream", "attachment"},
		"feed.xml":   {`<?xml version="1.0"?><a xmlns="http://www.w3.org/1999/xhtml"/>`, "application/octet-stream", "attachment"},
		"real.png":   {png, "image/png", "inline"},
		"paper.pdf":  {"%PDF-1.7\n", "application/pdf", "inline"},
		"readme.txt": {"plain words", "text/plain; charset=utf-8", "inline"},
		"empty":      {"", "text/plain", "inline"},
	} {
		path := "/files/" + a.attach(t, a.Ann, name, c.content).str("id")
		kept, shown := a.as(a.Bob).must("GET", path, nil), a.as(a.Bob).must("GET", path+"?inline=true", nil)
		for how, got := range map[string]answer{"attachment": kept, c.how: shown} {
			if h := got.header; h.Get("Content-Type") != c.kind || !strings.HasPrefix(h.Get("Content-Disposition"), how+";") || h.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || got.text != c.content {
				t.Errorf("%s, %s: %v", name, how, h)
			}
		}
	}
}

func TestFilesAndNotesAreInTheTasksHistory(t *testing.T) { // S1.17, N.14
	t.Parallel()
	a := newArchive(t, 1<<20, 0)
	file := a.attach(t, a.Ann, "logo.png", png)
	note := a.as(a.Bob).must("POST", "/tasks/"+a.Task.String()+"/notes", object{"body": "# Hello\n\nSee [there](https://x.example)", "visibility": "client"})
	a.as(a.Ann).must("PATCH", "/files/"+file.str("id"), object{"visibility": "client"})
	a.as(a.Bob).must("PATCH", "/notes/"+note.str("id"), object{"body": "Bye"})
	a.as(a.Ann).must("DELETE", "/files/"+file.str("id"), nil)
	a.attach(t, a.Ann, "second.txt", "x")
	other := a.NewTask(t, "open")
	a.as(a.Bob).must("POST", "/tasks/"+other.String()+"/notes", object{"body": "elsewhere"})
	var texts []string
	for cursor, more := "", true; more; {
		page := a.as(a.Bob).must("GET", "/tasks/"+a.Task.String()+"/history?limit=2"+cursor, nil)
		for _, e := range page.items() {
			texts = append(texts, e["text"].(string))
		}
		cursor, more = "&cursor="+page.str("next_cursor"), page.str("next_cursor") != ""
	}
	names := strings.NewReplacer(fixture.One[string](t, a.Pool, `SELECT name FROM person WHERE id = $1`, a.Ann), "Ann", fixture.One[string](t, a.Pool, `SELECT name FROM person WHERE id = $1`, a.Bob), "Bob")
	got := names.Replace(strings.Join(texts, "\n"))
	if want := "Ann attached second.txt\nAnn removed logo.png\nBob changed a note: Bye\nAnn let the client see logo.png\nBob wrote a note for the client: # Hello See [there](https://x.example)\nAnn attached logo.png"; got != want {
		t.Errorf("the history reads\n%s\nwant\n%s", got, want)
	}
}
