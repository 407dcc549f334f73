package api_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// A row says who may call an operation, and how it is called.
type row struct {
	on     kind   // what {id} names, or what query or body name instead
	may    right  // any of these is enough
	code   string // how staff without is refused: 403 and this; "" is forbidden, and not_found is 404
	unseen string // the code that people outside get of what they must not know of, with 422; "" is not_found, with 404
	secret right  // of the staff without, who knows of the thing: all others of them get 404 too; none: all of them know
	known  right  // of people outside, who knows of the thing all the same: they get 403 and the code rather than 404
	query  string // "?group=" takes the id
	body   func(a asked) any
	gone   string // the code for an id that is nowhere, to those who may; "" is not_found, "-" is none: the id is not looked at
	ends   string // the codes that the best answer may have, where it is a refusal by the state of things
	only   int    // the one status that everybody gets, whoever they are
}

// asked is what a body may need to know.
type asked struct {
	*matrix
	id   uuid.UUID // of the thing that it is about
	side side
	role string
}

// rows is the matrix: one row for each operation of the contract, by its
// method and its path below the base. CONTRIBUTING says how one is added.
var rows = together(workRows, requestRows, accountRows, recurringRows)

func together(tables ...map[string]row) map[string]row {
	all := map[string]row{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

// Rows of people, projects, tasks, time and invoices.
var workRows = map[string]row{
	"POST /sessions":                {only: 401, body: says(object{"email": "nobody@firm.example", "password": "wrong"})}, // the rest is in sessions_test.go
	"DELETE /sessions":              {may: isSignedIn, ends: "conflict"},                                                  // a token is no session
	"GET /me":                       {may: isSignedIn},
	"PUT /me/notifications":         {may: isSignedIn, body: says(object{"mail": "daily"})},
	"GET /notifications":            {may: isSignedIn},
	"POST /notifications/read":      {may: isSignedIn, body: says(object{})},
	"POST /notifications/{id}/read": {on: aNotice, may: isSelf | isClientSelf, code: "not_found"},
	"GET /actions/{id}":             {on: anAction, may: isSelf | isClientSelf, code: "not_found"},
	"GET /tokens":                   {may: isSignedIn},
	"POST /tokens":                  {may: isSignedIn, body: says(object{"name": "for a script", "scopes": []string{"read"}})},
	"DELETE /tokens/{id}":           {on: aToken, may: isSelf | isClientSelf | isAdmin, code: "not_found"},

	"GET /clients":                {may: isStaff},
	"POST /clients":               {may: isAdmin | isAM, body: says(object{"name": "New Ltd", "currency": "GBP"})},
	"GET /clients/{id}":           {on: aClient, may: isStaff},
	"PATCH /clients/{id}":         {on: aClient, may: isAdmin | isAM, body: says(object{"tax_id": "GB1"})},
	"GET /clients/{id}/contacts":  {on: aClient, may: isStaff},
	"GET /clients/{id}/partners":  {on: aClient, may: isStaff},
	"PUT /clients/{id}/partners":  {on: aClient, may: isAdmin | isAM, body: says(object{"client_ids": []string{}})},
	"GET /tax-codes":              {may: isStaff},
	"POST /tax-codes":             {may: isAdmin, body: says(object{"code": "NEW", "rates": []object{{"from": "2026-01-01", "tax_percent": "20"}}})},
	"GET /tax-codes/{id}":         {on: aTaxCode, may: isStaff},
	"PUT /tax-codes/{id}":         {on: aTaxCode, may: isAdmin, body: says(object{"name": "VAT", "rates": []object{{"from": "2026-01-01", "tax_percent": "20"}}})},
	"GET /provider":               {may: isStaff},
	"GET /provider/targets":       {may: isStaff},
	"PUT /provider/targets":       {may: isAdmin, body: says(object{"targets": []object{{"priority": 1, "response_minutes": 30, "resolution_minutes": 300}}})},
	"PATCH /provider":             {may: isAdmin, body: says(object{"footer": "Thank you"})},
	"GET /users":                  {may: isStaff},
	"POST /users":                 {may: isAdmin, body: says(object{"kind": "staff", "name": "New", "email": "new@firm.example"})},
	"GET /users/{id}":             {on: aPerson, may: isStaff},
	"PATCH /users/{id}":           {on: aPerson, may: isAdmin, body: says(object{"skills": []string{"welding"}})},
	"GET /users/{id}/calendar":    {on: aPerson, may: isAdmin | isAM | isSelf | isMember | isGM},
	"PUT /users/{id}/calendar":    {on: aPerson, may: isAdmin | isSelf | isGM, body: says(object{"weekly": object{"mon": [][]string{{"09:00", "12:00"}}}})},
	"DELETE /users/{id}/calendar": {on: aPerson, may: isAdmin | isSelf | isGM},
	"GET /users/{id}/rates":       {on: aPerson, may: isAdmin | isAM},
	"POST /users/{id}/rates":      {on: aPerson, may: isAdmin, body: says(object{"rate": "80", "currency": "GBP", "from": "2026-05-01"})},

	"GET /groups":                  {may: isStaff},
	"POST /groups":                 {may: isAdmin, body: says(object{"name": "New group"})},
	"GET /groups/{id}":             {on: aGroup, may: isStaff},
	"PATCH /groups/{id}":           {on: aGroup, may: isAdmin, body: says(object{"name": "Renamed"})},
	"PUT /groups/{id}/members":     {on: aGroup, may: isAdmin, body: says(object{"manager_ids": []string{}, "member_ids": []string{}})},
	"GET /groups/{id}/preferences": {on: aGroup, may: isStaff},
	"PUT /groups/{id}/preferences": {on: aGroup, may: isAdmin | isGM, code: "not_a_manager", body: says(object{"delivery": "daily"})},
	"GET /groups/{id}/queue":       {on: aGroup, may: isAdmin | isAM | isMember | isGM, code: "not_a_member"},
	"GET /groups/{id}/tasks":       {on: aGroup, may: isAdmin | isAM | isGM, code: "not_a_manager"},

	"GET /projects": {may: isSignedIn},
	"POST /projects": {on: aClient, may: isAdmin | isAM, gone: "invalid", body: func(a asked) any {
		return object{"client_id": a.id, "name": "New", "starts_on": "2026-04-01", "ends_on": "2026-05-01", "account_manager_id": a.AM}
	}},
	"GET /projects/{id}":                     {on: aProject, may: isStaff | isContact},
	"PATCH /projects/{id}":                   {on: aProject, may: isAdmin | isProjectAM, body: says(object{"name": "Renamed"})},
	"PUT /projects/{id}/work-statement":      {on: aProject, may: isAdmin | isProjectAM, body: says(object{"billing_period": "weekly"})},
	"POST /projects/{id}/request-clearance":  {on: aDraftJob, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /projects/{id}/clear":              {on: anAsked, may: isAdmin | isAM, body: says(object{"note": "go"})},
	"POST /projects/{id}/refuse-clearance":   {on: anAsked, may: isAdmin | isAM, body: says(object{"note": "no budget"})},
	"POST /projects/{id}/withdraw-clearance": {on: anAsked, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /projects/{id}/hold":               {on: aProject, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /projects/{id}/resume":             {on: aProject, may: isAdmin | isProjectAM, body: says(object{}), ends: "bad_transition"},
	"POST /projects/{id}/complete":           {on: aProject, may: isAdmin | isProjectAM, body: says(object{}), ends: "open_subtasks"},
	"POST /projects/{id}/cancel":             {on: aDraftJob, may: isAdmin | isProjectAM, body: says(object{})},
	"GET /projects/{id}/tasks":               {on: aProject, may: isStaff | isContact},
	"GET /projects/{id}/history":             {on: aProject, may: isStaff},
	"GET /projects/{id}/summary":             {on: aProject, may: isStaff | isContact},
	"GET /projects/{id}/rates":               {on: aProject, may: isAdmin | isAM},
	"POST /projects/{id}/rates":              {on: aProject, may: isAdmin | isProjectAM, body: says(object{"rate": "80", "from": "2026-05-01"})},

	"GET /tasks":              {may: isSignedIn},
	"POST /tasks":             {on: aTask, may: isAdmin | isProjectAM | isOwner | isAssignee, gone: "invalid", body: newTask},
	"GET /tasks/{id}":         {on: aTask, may: isStaff | isContact},
	"PATCH /tasks/{id}":       {on: aTask, may: isAdmin | isProjectAM | isOwner, code: "not_owner", known: isContact, body: says(object{"title": "Renamed"})},
	"POST /tasks/{id}/accept": {on: aWaiting, may: isMember, code: "not_a_member"},
	"POST /tasks/{id}/assign": {on: aTask, may: isAdmin | isProjectAM | isOwner | isGM, code: "not_owner", known: isContact, body: func(a asked) any { return object{"to": object{"user_id": a.Bob}} }},
	"POST /tasks/{id}/delegate": {on: aTask, may: isAdmin | isProjectAM | isOwner | isAssignee | isGM, code: "not_owner", known: isContact, body: func(a asked) any {
		return object{"to": object{"user_id": a.Bob}, "reason": "need_support", "done": "half", "next": "the rest"}
	}},
	"POST /tasks/{id}/move": {on: aTask, may: isOwner, code: "not_owner", known: isContact, body: func(a asked) any {
		return object{"parent_id": cmp.Or(a.inner[a.side]["task_id"], a.things[otherTask][own])}
	}},
	"POST /tasks/{id}/status":                   {on: aTask, may: isProjectAM | isOwner, code: "not_owner", known: isContact, body: says(object{"status": "complete"})},
	"POST /tasks/{id}/start":                    {on: aTask, may: isAssignee, known: isContact, body: says(object{})},
	"POST /tasks/{id}/end":                      {on: aTask, may: isAssignee, known: isContact, body: says(object{}), ends: "not_started"},
	"POST /tasks/{id}/time":                     {on: aTask, may: isStaff, known: isContact, body: says(object{"work_date": "2026-03-19", "minutes": 5, "description": "a call"})},
	"PUT /tasks/{id}/dependencies/{task_id}":    {on: aTask, may: isAdmin | isProjectAM | isOwner, code: "not_owner", known: isContact},
	"DELETE /tasks/{id}/dependencies/{task_id}": {on: aTask, may: isAdmin | isProjectAM | isOwner, code: "not_owner", known: isContact},
	"GET /tasks/{id}/history":                   {on: aTask, may: isStaff},
	"GET /tasks/{id}/notes":                     {on: aTask, may: isStaff | isContact},
	"POST /tasks/{id}/notes":                    {on: aTask, may: isStaff, known: isContact, body: says(object{"body": "a word"})},
	"GET /tasks/{id}/files":                     {on: aTask, may: isStaff | isContact},
	"POST /tasks/{id}/files":                    {on: aTask, may: isStaff, known: isContact, body: says(file{"text.txt", "some text"})},
	"PATCH /notes/{id}":                         {on: aNote, may: isAuthor, code: "not_author", body: says(object{"body": "better"})},
	"GET /notes/{id}/versions":                  {on: aNote, may: isStaff},
	"GET /files/{id}":                           {on: aFile, may: isStaff | isContact},
	"PATCH /files/{id}":                         {on: aFile, may: isAdmin | isProjectAM | isAuthor, code: "not_author", body: says(object{"visibility": "client"})},
	"DELETE /files/{id}":                        {on: aFile, may: isAdmin | isProjectAM | isAuthor, code: "not_author"},
	"GET /time-entries":                         {may: isStaff},
	"GET /time-entries/csv":                     {may: isStaff},
	"GET /time-entries/{id}":                    {on: anEntry, may: isStaff},
	"PATCH /time-entries/{id}":                  {on: aSessionOfWork, may: isAdmin | isProjectAM | isAuthor, code: "not_author", body: says(object{"description": "better"})},
	"DELETE /time-entries/{id}":                 {on: aSessionOfWork, may: isAdmin | isProjectAM | isAuthor, code: "not_author"},

	"GET /plan":               {on: aGroup, query: "?group=", may: isAdmin | isAM | isMember | isGM},
	"GET /plan.svg":           {on: aGroup, query: "?group=", may: isAdmin | isAM | isMember | isGM},
	"GET /plan.ics":           {on: aPerson, query: "?user=", may: isAdmin | isAM | isSelf | isMember | isGM},
	"GET /plan/feeds":         {may: isStaff},
	"POST /plan/feeds":        {on: aGroup, may: isAdmin | isAM | isMember | isGM, body: func(a asked) any { return object{"name": "phone", "group_id": a.id} }},
	"DELETE /plan/feeds/{id}": {on: aFeed, may: isSelf, code: "not_found"},

	"GET /invoices":                                   {may: isAdmin | isAM | isOutside},
	"GET /invoices/csv":                               {may: isAdmin | isAM | isOutside},
	"POST /invoices":                                  {on: aProject, may: isAdmin | isProjectAM, gone: "invalid", body: newInvoice},
	"GET /invoices/{id}":                              {on: anInvoice, may: isAdmin | isAM | isClientGM},
	"DELETE /invoices/{id}":                           {on: aDraft, may: isAdmin | isProjectAM},
	"POST /invoices/{id}/collect":                     {on: aDraft, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /invoices/{id}/complete":                    {on: aDraft, may: isAdmin | isProjectAM, body: says(object{})},
	"GET /invoices/{id}/history":                      {on: anInvoice, may: isAdmin | isAM},
	"GET /invoices/{id}/pdf":                          {on: anInvoice, may: isAdmin | isAM | isClientGM, ends: "not_available"},
	"GET /invoices/{id}/lines/{line}/explain":         {on: anInvoice, may: isAdmin | isAM},
	"POST /invoices/{id}/items":                       {on: aDraft, may: isAdmin | isProjectAM, body: says(object{"kind": "expense", "description": "train", "unit_price": "10"})},
	"PATCH /invoices/{id}/items/{item}":               {on: aDraft, may: isAdmin | isProjectAM, body: says(object{"quantity": "2"})},
	"DELETE /invoices/{id}/items/{item}":              {on: aDraft, may: isAdmin | isProjectAM},
	"GET /billing-runs":                               {may: isAdmin | isAM},
	"POST /billing-runs":                              {on: aProject, may: isAdmin | isAM, gone: "invalid", body: func(a asked) any { return object{"through": "2026-03-20", "project_ids": []uuid.UUID{a.id}} }},
	"GET /billing-runs/{id}":                          {on: aRun, may: isAdmin | isAM},
	"POST /billing-runs/{id}/retry":                   {on: aRun, may: isAdmin | isAM},
	"GET /audit":                                      {may: isAdmin},
	"GET /mails":                                      {may: isAdmin},
	"POST /mails/{id}/resend":                         {on: aMail, may: isAdmin},
	"POST /mails/{id}/arrived":                        {on: aMail, may: isAdmin, ends: "conflict"}, // it has failed; the rest is in mails_test.go
	"GET /webhooks":                                   {may: isAdmin},
	"POST /webhooks":                                  {may: isAdmin, body: says(hook())},
	"GET /webhooks/{id}":                              {on: aWebhook, may: isAdmin},
	"PATCH /webhooks/{id}":                            {on: aWebhook, may: isAdmin, body: says(object{"state": "paused"})},
	"DELETE /webhooks/{id}":                           {on: aWebhook, may: isAdmin},
	"POST /webhooks/{id}/rotate-secret":               {on: aWebhook, may: isAdmin},
	"POST /webhooks/{id}/test":                        {on: aWebhook, may: isAdmin},
	"GET /webhooks/{id}/deliveries":                   {on: aWebhook, may: isAdmin},
	"POST /webhooks/{id}/deliveries/{delivery}/retry": {on: aWebhook, may: isAdmin},
}

// says is a body that depends on nothing.
func says(v any) func(asked) any { return func(asked) any { return v } }

// file is a body that is a form with a file.
type file struct{ name, content string }

// raw is a body that is sent as it is.
type raw struct{ contentType, content string }

// newTask is a task below the one that it is about.
func newTask(a asked) any {
	project := a.Project
	if a.side == other {
		project = a.second.Project
	}
	return object{"project_id": project, "parent_id": a.id, "title": "New"}
}

// newInvoice is of the project that it is about.
func newInvoice(a asked) any {
	client := a.Client
	if a.side == other {
		client = a.second.Client
	}
	return object{"client_id": client, "project_ids": []uuid.UUID{a.id}, "through": "2026-03-20"}
}

// write tells an operation that changes something.
func write(operation string) bool { return !strings.HasPrefix(operation, "GET ") }

// ended tells whether a code is one that the best answer may have.
func (r row) ended(code string) bool { return slices.Contains(strings.Fields(r.ends), code) }
