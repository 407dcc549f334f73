package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"steward/internal/fixture"
)

func TestAClientIsAddedReadAndChanged(t *testing.T) { // S1.01, N.14
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	made := am.must("POST", "/clients", object{"name": "Müller & Söhne", "currency": "eur", "email": "Rechnung@Mueller.example", "tax_percent": "17.5", "payment_terms_days": 0, "time_zone": "Europe/Berlin"})
	want := object{"name": "Müller & Söhne", "currency": "EUR", "email": "rechnung@mueller.example", "tax_percent": "17.5", "payment_terms_days": 0, "time_zone": "Europe/Berlin", "version": 1}
	has(t, made.body, want)
	path := "/clients/" + made.str("id")
	read := am.must("GET", path, nil)
	has(t, read.body, want)
	has(t, made.body, read.body)
	if made.status != 201 || read.header.Get("ETag") != `"1"` || made.header.Get("ETag") != `"1"` {
		t.Errorf("made %d %s, read %s", made.status, made.header.Get("ETag"), read.header.Get("ETag"))
	}
	has(t, am.must("PATCH", path, object{"name": "Müller", "tax_percent": 19}).body, object{"name": "Müller", "currency": "EUR", "tax_percent": "19", "version": 2})
	has(t, am.must("PATCH", path, object{"name": "Müller"}).body, object{"version": 2}) // nothing changed
	has(t, am.must("PATCH", path, object{}).body, object{"version": 2})
	changes := fixture.One[string](t, w.Pool, `SELECT string_agg(verb || ' ' || version || ' ' || changes::text, '; ' ORDER BY id) FROM audit_event WHERE entity_kind = 'client' AND entity_id = $1 AND verb = 'edit'`, uuid.MustParse(made.str("id")))
	if changes != `edit 2 {"name": ["Müller & Söhne", "Müller"], "tax_percent": ["17.5", "19"]}` {
		t.Errorf("the audit says %s", changes)
	}
}

func TestClientsHaveDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.as(w.AM).must("POST", "/clients", object{"name": "Plain", "currency": "GBP"})
	has(t, made.body, object{"payment_terms_days": 30, "tax_percent": "0", "time_zone": "UTC", "email": "", "billing_address": "", "tax_id": ""})
}

func TestAStaleChangeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/clients/"+w.Client.String()
	tag := am.must("GET", path, nil).header.Get("ETag")
	am.with("If-Match", tag).must("PATCH", path, object{"name": "Second"})
	am.with("If-Match", tag).refused(412, "stale", "PATCH", path, object{"name": "Third"})
	am.with("If-Match", "yesterday's").refused(412, "stale", "PATCH", path, object{"name": "Third"})
	am.with("If-Match", "*").must("PATCH", path, object{"name": "Fourth"})
	has(t, am.must("GET", path, nil).body, object{"name": "Fourth", "version": 3})
}

func TestWrongClientsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	good := object{"name": "Good", "currency": "GBP"}
	for _, c := range []struct {
		field string
		value any
		code  string
	}{
		{"currency", "XXX", "unknown_currency"}, {"currency", 5, "invalid"}, {"currency", nil, "invalid"}, {"name", "", "invalid"}, {"name", "  ", "invalid"},
		{"name", 5, "invalid"}, {"name", strings.Repeat("x", 201), "invalid"}, {"name", "nul\x00", "invalid"}, {"email", "not an address", "invalid"},
		{"email", "Carl <carl@client.example>", "invalid"}, {"billing_cc", "a@client.example", "invalid"}, {"billing_cc", []string{"a@client.example", ""}, "invalid"},
		{"billing_cc", []string{"a@client.example", "A@client.example"}, "invalid"}, {"billing_cc", []string{"a@client.example\r\nBcc: thief@evil.example"}, "invalid"},
		{"billing_cc", []string{"a@client.example, b@client.example"}, "invalid"}, {"billing_cc", strings.Split("abcdefghijk", ""), "invalid"}, {"time_zone", "Local", "invalid"}, {"time_zone", "Mars/Olympus", "invalid"}, {"time_zone", "../etc/passwd", "invalid"},
		{"payment_terms_days", -1, "invalid"}, {"payment_terms_days", 366, "invalid"}, {"payment_terms_days", 1.5, "invalid"}, {"payment_terms_days", "30", "invalid"},
		{"tax_percent", "100.001", "invalid"}, {"tax_percent", "-1", "invalid"}, {"tax_percent", "0.0001", "invalid"}, {"surprise", 1, "invalid"}, {"id", uuid.Nil, "invalid"},
	} {
		body := object{"name": good["name"], "currency": good["currency"]}
		body[c.field] = c.value
		a := am.refused(422, c.code, "POST", "/clients", body)
		if !strings.Contains(a.text, c.field) && !strings.Contains(a.text, "stored") {
			t.Errorf("%s = %v: the refusal does not name the field: %s", c.field, c.value, a.text)
		}
		if c.field != "id" && c.field != "surprise" && c.value != nil {
			am.refused(422, c.code, "PATCH", "/clients/"+w.Client.String(), object{c.field: c.value})
		}
	}
	am.refused(404, "not_found", "GET", "/clients/"+w.Task.String(), nil)
	am.refused(404, "not_found", "PATCH", "/clients/"+w.Task.String(), object{"name": "x"})
	am.refused(422, "invalid", "GET", "/clients/seven", nil)
}

func TestDecimalsAreExactOrRefused(t *testing.T) { // billing, "Amounts"
	t.Parallel()
	w := newWorld(t)
	am, path := w.as(w.AM), "/clients/"+w.Client.String()
	for _, text := range []string{
		`"1e400"`, `"NaN"`, `"Infinity"`, `"-Infinity"`, `"1,5"`, `""`, `" 5"`, `"0x10"`, `"５"`, `".5"`, `"5."`, `"` + strings.Repeat("9", 40) + `"`,
		`"1.` + strings.Repeat("0", 40) + `1"`, `[]`, `{}`, `true`, `1e300`, `-1e300`, `1e-300`, `1e15`, `0.` + strings.Repeat("0", 40) + `1`,
	} {
		am.refused(422, "invalid", "PATCH", path, `{"tax_percent": `+text+`}`)
	}
	am.refused(400, "malformed", "PATCH", path, `{"tax_percent": 1e400}`)
	am.refused(400, "malformed", "PATCH", path, `{"tax_percent": NaN}`)
	for text, want := range map[string]string{`"0"`: "0", `"00.50"`: "0.5", `99.999`: "99.999", `"99.999000"`: "99.999", `1e1`: "10", `100`: "100"} {
		has(t, am.must("PATCH", path, `{"tax_percent": `+text+`}`).body, object{"tax_percent": want})
	}
}

func TestClientsAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for _, name := range []string{"100% Wool", "100 Wool", "A_B", "AxB"} {
		am.must("POST", "/clients", object{"name": name, "currency": "GBP"})
	}
	w.Exec(t, `UPDATE client SET external_key = 'C-7' WHERE name = 'AxB'`)
	for query, want := range map[string]string{"q=wool": "100% Wool,100 Wool", "q=100%25": "100% Wool", "q=A_B": "A_B", "external_key=C-7": "AxB", "q=none": "", "q=%5C": ""} {
		var names []string
		for _, c := range am.must("GET", "/clients?"+query, nil).items() {
			names = append(names, c["name"].(string))
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	am.refused(422, "invalid", "GET", "/clients?q=%00", nil)
}

func TestAListIsReadInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	for range 6 {
		am.must("POST", "/clients", object{"name": "One of many", "currency": "GBP"})
	}
	seen := map[any]bool{}
	path, pages := "/clients?limit=3", 0
	for cursor := ""; ; pages++ {
		a := am.must("GET", path+cursor, nil)
		for _, c := range a.items() {
			seen[c["id"]] = true
		}
		if a.str("next_cursor") == "" {
			break
		}
		cursor = "&cursor=" + a.str("next_cursor")
	}
	if len(seen) != 7 || pages != 2 {
		t.Errorf("%d clients over %d further pages, want 7 over 2", len(seen), pages)
	}
	for _, cursor := range []string{"x", "%00", "bm90IGpzb24", "eyJpIjoxfQ", "eyJpIjoiMSJ9", "e30", "bnVsbA", strings.Repeat("A", 300)} {
		am.refused(422, "bad_cursor", "GET", "/clients?cursor="+cursor, nil)
	}
	for _, limit := range []string{"0", "-1", "201", "many", "1.5", "99999999999"} {
		am.refused(422, "invalid", "GET", "/clients?limit="+limit, nil)
	}
}

// A cursor is good for the list and filters that it came with; elsewhere it would
// leave things out without a word.
func TestACursorIsOfItsListAndFilters(t *testing.T) { // N.31
	t.Parallel()
	w := newWorld(t)
	w.NewTask(t, "open")
	am := w.as(w.AM)
	first := "/tasks?limit=1&status=open&status=planned&owner="
	cursor := "&cursor=" + am.must("GET", first, nil).str("next_cursor")
	for _, same := range []string{first, "/tasks?status=planned&status=open&limit=2"} {
		if list := am.must("GET", same+cursor, nil).items(); len(list) != 1 {
			t.Errorf("%s goes on with %v", same, list)
		}
	}
	for _, other := range []string{"/tasks?limit=1", "/tasks?limit=1&status=open", "/users?limit=1", "/projects/" + w.Project.String() + "/tasks?limit=1"} {
		am.refused(422, "bad_cursor", "GET", other+cursor, nil)
	}
	before := base64.RawURLEncoding.EncodeToString([]byte(`{"i":"00000000-0000-0000-0000-000000000001","o":1}`)) // as the release before gave them
	am.must("GET", "/tasks?cursor="+before, nil)
}

func TestTheLetterheadIsTheAdminsToChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.as(w.admin)
	has(t, w.as(w.Ann).must("GET", "/provider", nil).body, object{"name": "My Firm", "number_series": "INV", "version": 1})
	w.as(w.AM).refused(403, "forbidden", "PATCH", "/provider", object{"name": "Mine"})
	has(t, admin.must("PATCH", "/provider", object{"name": "Harbour & Finch", "email": "Accounts@Firm.example", "number_series": "HF26"}).body,
		object{"name": "Harbour & Finch", "email": "accounts@firm.example", "number_series": "HF26", "time_zone": "Europe/London", "version": 2})
	admin.with("If-Match", `"1"`).refused(412, "stale", "PATCH", "/provider", object{"name": "Other"})
	for _, body := range []object{{"number_series": "inv"}, {"number_series": ""}, {"number_series": "TOOLONGAS"}, {"email": "x"}, {"time_zone": ""}, {"name": " "}, {"version": 7}} {
		admin.refused(422, "invalid", "PATCH", "/provider", body)
	}
	admin.must("PATCH", "/provider", object{"email": ""})
	has(t, admin.must("GET", "/provider", nil).body, object{"creditor_reference": false})
	has(t, admin.must("PATCH", "/provider", object{"creditor_reference": true}).body, object{"creditor_reference": true, "payment_code": true})
	has(t, admin.must("PATCH", "/provider", object{"payment_code": false}).body, object{"payment_code": false}) // S1.77
}

func TestWhoAddsAClientAnswersForIt(t *testing.T) { // S1.02
	t.Parallel()
	w := newWorld(t)
	body := object{"name": "New", "currency": "GBP"}
	a := w.as(w.AM).must("POST", "/clients", body)
	has(t, a.body, object{"account_manager_id": w.AM})
	if h := w.as(w.admin).must("GET", "/audit?entity="+a.str("id"), nil); !strings.Contains(h.text, w.AM.String()) {
		t.Errorf("the audit is %s", h.text)
	}
	has(t, w.as(w.admin).must("POST", "/clients", body).body, object{"account_manager_id": nil})
	olga := w.Person(t, "Olga", "account_manager", "")
	body["account_manager_id"] = olga
	has(t, w.as(w.AM).must("POST", "/clients", body).body, object{"account_manager_id": olga})
}

func TestCopiesOfWhatIsBilledHaveAddressesOfTheirOwn(t *testing.T) { // S1.78
	t.Parallel()
	w := newWorld(t)
	am := w.as(w.AM)
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = fmt.Sprintf("copy%d@client.example", i)
	}
	made := am.must("POST", "/clients", object{"name": "Acme", "currency": "GBP", "email": "main@client.example", "billing_cc": []string{" CFO@Client.example", "team@intranet"}})
	has(t, made.body, object{"billing_cc": []string{"cfo@client.example", "team@intranet"}})
	path := "/clients/" + made.str("id")
	has(t, am.must("GET", path, nil).body, object{"email": "main@client.example", "billing_cc": []string{"cfo@client.example", "team@intranet"}})
	has(t, am.must("PATCH", path, object{"name": "Acme Ltd"}).body, object{"billing_cc": []string{"cfo@client.example", "team@intranet"}, "version": 2})
	am.refused(422, "invalid", "PATCH", path, object{"email": "CFO@client.example"}) // who gets a copy has it already
	am.refused(422, "invalid", "PATCH", path, object{"billing_cc": append(ten, "eleventh@client.example")})
	has(t, am.must("PATCH", path, object{"billing_cc": ten}).body, object{"billing_cc": ten, "version": 3})
	has(t, am.must("PATCH", path, object{"billing_cc": []string{}}).body, object{"billing_cc": []string{}, "version": 4})
	has(t, am.must("POST", "/clients", object{"name": "Alone", "currency": "GBP"}).body, object{"billing_cc": []string{}})
	if got := am.must("GET", "/clients", nil); !strings.Contains(got.text, `"billing_cc":[]`) || strings.Contains(got.text, `"billing_cc":null`) {
		t.Errorf("the list has %s", got.text)
	}
	w.as(w.Bob).refused(403, "forbidden", "PATCH", path, object{"billing_cc": ten})
	w.as(w.contact(t)).refused(404, "not_found", "GET", path, nil)
}
