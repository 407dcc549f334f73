package api_test

// Rows of requests, of what is made from them, and of templates and contacts.
var requestRows = map[string]row{
	"POST /requests": {on: aClient, may: isStaff | isOfClient, gone: "invalid", unseen: "invalid", body: func(a asked) any {
		return object{"client_id": a.id, "kind": "issue", "title": "It is slow"}
	}},
	"GET /requests":                           {may: isSignedIn},
	"GET /requests/{id}":                      {on: aRequest, may: isStaff | isContact},
	"GET /requests/{id}/notes":                {on: aRequest, may: isStaff | isContact},
	"GET /requests/{id}/files":                {on: aRequest, may: isStaff | isContact},
	"POST /requests/{id}/notes":               {on: aRequest, may: isStaff | isContact, body: says(object{"body": "a word"})},
	"POST /requests/{id}/files":               {on: aRequest, may: isStaff | isContact, body: says(file{"text.txt", "some text"})},
	"GET /requests/{id}/history":              {on: aRequest, may: isStaff},
	"PATCH /requests/{id}":                    {on: aRequest, may: isAdmin | isProjectAM, code: "not_owner", known: isContact, body: says(object{"title": "Renamed"})},
	"POST /requests/{id}/assign":              {on: aRequest, may: isAdmin | isProjectAM | isGM, code: "not_owner", known: isContact, body: func(a asked) any { return object{"to": object{"user_id": a.Bob}} }},
	"POST /requests/{id}/delegate":            {on: aRequest, may: isAdmin | isProjectAM | isAssignee | isGM, code: "not_owner", known: isContact, body: handOver},
	"POST /requests/{id}/accept":              {on: aQueued, may: isMember, code: "not_a_member", known: isContact},
	"POST /requests/{id}/return":              {on: aRequest, may: isAssignee, code: "not_owner", known: isContact, body: says(object{"done": "found it"})},
	"POST /requests/{id}/status":              {on: aRequest, may: isProjectAM, code: "not_owner", known: isContact, body: says(object{"status": "completed"})},
	"POST /requests/{id}/wait":                {on: aRequest, may: isProjectAM | isAssignee, code: "not_owner", known: isContact, body: says(object{"note": "since when?"}), ends: "conflict"},
	"POST /requests/{id}/resume":              {on: aRequest, may: isProjectAM | isAssignee, code: "not_owner", known: isContact, body: says(object{}), ends: "not_waiting"},
	"POST /requests/{id}/answer":              {on: aRequest, may: isProjectAM | isAssignee, code: "not_owner", known: isContact, body: says(object{"answer": "it is not"})},
	"POST /requests/{id}/ask":                 {on: aRequest, may: isProjectAM | isAssignee, code: "not_owner", known: isContact, body: func(a asked) any { return object{"to": object{"user_id": a.Bob}, "question": "why?"} }},
	"POST /requests/{id}/change-request":      {on: aRequest, may: isBothPM, known: isContact, body: says(object{}), ends: "conflict"},
	"POST /requests/{id}/project-issue":       {on: aRequest, may: isBothPM, known: isContact, body: says(object{}), ends: "conflict"},
	"POST /requests/{id}/tasks":               {on: aRequest, may: isAdmin | isProjectAM | isAssignee, known: isContact, body: says(object{"title": "New"})},
	"POST /requests/{id}/answer-from-project": {on: aRequest, may: isAdmin | isProjectAM, code: "not_owner", known: isContact, body: says(object{}), ends: "conflict"},

	"GET /projects/{id}/requests":             {on: aProject, may: isStaff | isContact},
	"GET /tasks/{id}/requests":                {on: aTask, may: isStaff | isContact},
	"GET /groups/{id}/requests":               {on: aGroup, may: isAdmin | isAM | isMember | isGM, code: "not_a_member"},
	"GET /clients/{id}/targets":               {on: aClient, may: isStaff},
	"PUT /clients/{id}/targets":               {on: aClient, may: isAdmin | isAM, body: says(object{"targets": []object{{"priority": 1, "response_minutes": 5, "resolution_minutes": 50}}})},
	"GET /projects/{id}/items":                {on: aProject, may: isStaff},
	"POST /projects/{id}/items/{item}/status": {on: aProject, may: isAdmin | isProjectAM | isBothPM, body: says(object{"status": "done"})},

	"GET /projects/{id}/contacts":          {on: aProject, may: isStaff},
	"PUT /projects/{id}/contacts":          {on: aProject, may: isAdmin | isProjectAM, body: says(object{"user_ids": []string{}})},
	"GET /projects/{id}/work-statements":   {on: aProject, may: isStaff},
	"POST /projects/{id}/save-as-template": {on: aProject, may: isAdmin | isProjectAM, body: says(object{"name": "As before"})},
	"GET /templates":                       {may: isStaff},
	"GET /templates/{id}":                  {on: aTemplate, may: isStaff},
	"PATCH /templates/{id}":                {on: aTemplate, may: isAdmin | isAuthor, body: says(object{"name": "Better"})},
	"DELETE /templates/{id}":               {on: aTemplate, may: isAdmin | isAuthor},
	"GET /search":                          {query: "?q=relaunch", may: isStaff},
}

// handOver hands something on to somebody.
func handOver(a asked) any {
	return object{"to": object{"user_id": a.Bob}, "reason": "need_support", "done": "half", "next": "the rest"}
}
