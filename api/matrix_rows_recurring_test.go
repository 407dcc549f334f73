package api_test

// Rows of recurring billing, of timesheets and locked time, of
// reminders and status reports.
var recurringRows = map[string]row{
	"GET /billing-periods":                 {may: isAdmin | isAM},
	"GET /billing-periods/{id}/{end}":      {on: aProject, may: isAdmin | isAM},
	"POST /billing-periods/{id}/{end}/run": {on: aProject, may: isAdmin | isProjectAM},
	"GET /projects/{id}/milestones":        {on: aProject, may: isAdmin | isAM},
	"POST /projects/{id}/milestones":       {on: aProject, may: isAdmin | isProjectAM, body: says(object{"name": "Signed", "amount": "100", "due_on": "2027-01-01"})},
	"PATCH /milestones/{id}":               {on: aMilestone, may: isAdmin | isProjectAM, body: says(object{"amount": "101"})},
	"DELETE /milestones/{id}":              {on: aMilestone, may: isAdmin | isProjectAM},
	"GET /projects/{id}/expenses":          {on: aProject, may: isStaff},
	"POST /projects/{id}/expenses":         {on: aProject, may: isStaff, body: says(object{"spent_on": "2026-03-19", "description": "Taxi", "amount": "12.50"})},
	"PATCH /expenses/{id}":                 {on: anExpense, may: isAdmin | isProjectAM | isAuthor, code: "not_author", secret: isAM, body: says(object{"amount": "13"})},
	"DELETE /expenses/{id}":                {on: anExpense, may: isAdmin | isProjectAM | isAuthor, code: "not_author", secret: isAM},

	"GET /timesheets":                      {may: isStaff},
	"GET /timesheets/{id}/{week}":          {on: aPerson, may: isAdmin | isProjectAM | isGM | isSelf},
	"POST /timesheets/{id}/{week}/submit":  {on: aPerson, may: isAdmin | isSelf, ends: "bad_transition"}, // it is submitted; one that is not, is in kinds_test.go
	"POST /timesheets/{id}/{week}/approve": {on: aPerson, may: isAdmin | isProjectAM | isGM},
	"POST /timesheets/{id}/{week}/reject":  {on: aPerson, may: isAdmin | isProjectAM | isGM, body: says(object{"note": "which task?"})},
	"POST /timesheets/{id}/{week}/reopen":  {on: aPerson, may: isAdmin | isProjectAM | isGM},
	"GET /provider/lock":                   {may: isStaff},
	"PUT /provider/lock":                   {may: isAdmin | isAM, body: says(object{"through": "2026-01-31"})},
	"PUT /projects/{id}/lock":              {on: aProject, may: isAdmin | isProjectAM, body: says(object{"through": "2026-01-31"})},
	"PUT /time-entries/{id}/rate":          {on: aSessionOfWork, may: isAdmin | isProjectAM, body: says(object{"rate": "250"})},

	"GET /status-reports":               {may: isAdmin | isAM | isOutside},
	"GET /status-reports/{id}":          {on: aReport, may: isAdmin | isAM | isClientGM},
	"GET /status-reports/{id}/pdf":      {on: aReport, may: isAdmin | isAM | isClientGM, ends: "not_rendered"},
	"POST /status-reports/{id}/comment": {on: aReportToBe, may: isAdmin | isProjectAM, body: says(object{"comment": "Well done."})},
	"POST /status-reports/{id}/hold":    {on: aReportToBe, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /status-reports/{id}/release": {on: aReportToBe, may: isAdmin | isProjectAM, body: says(object{})},
	"POST /status-reports/runs":         {may: isAdmin | isAM, body: says(object{"week_ending": "2026-03-20"})},
	"GET /status-reports/runs/{id}":     {on: aStatusRun, may: isAdmin | isAM},
	"GET /status-reports/policy":        {may: isAdmin | isAM},
	"PUT /status-reports/policy":        {may: isAdmin | isAM, body: says(object{"active": true, "weekday": 5, "hour": 9, "hold_hours": 4})},

	"POST /invoices/{id}/dispute":                        {on: aBill, may: isAdmin | isProjectAM, body: says(object{"reason": "late"})},
	"POST /invoices/{id}/promise":                        {on: aBill, may: isAdmin | isProjectAM, body: says(object{"until": "2026-05-01"})},
	"PUT /clients/{id}/reminders":                        {on: aClient, may: isAdmin | isProjectAM, body: says(object{"paused_until": "2026-05-01"})},
	"GET /reminders":                                     {may: isAdmin | isAM},
	"GET /reminders/policy":                              {may: isAdmin | isAM},
	"PUT /reminders/policy":                              {may: isAdmin | isAM, body: says(object{"active": true, "day_of_month": 5, "hold_days": 2, "after_sent_days": 3, "minimum": "25", "currency": "GBP", "levels": []object{{"days_overdue": 7, "days_since_last": 0}}})},
	"POST /reminders/runs":                               {may: isAdmin | isAM, body: says(object{"as_of": "2026-04-01"})},
	"GET /reminders/runs/{id}":                           {on: aReminderRun, may: isAdmin | isAM},
	"POST /reminders/runs/{id}/clients/{client}/skip":    {on: aReminderRun, may: isAdmin | isProjectAM},
	"POST /reminders/runs/{id}/clients/{client}/comment": {on: aReminderRun, may: isAdmin | isProjectAM, body: says(object{"comment": "Call me."})},
	"POST /reminders/runs/{id}/clients/{client}/release": {on: aReminderRun, may: isAdmin | isProjectAM, ends: "no_email"},
	"POST /reminders/runs/{id}/clients/{client}/post":    {on: aReminderRun, may: isAdmin | isProjectAM},
	"GET /reminders/{id}/pdf":                            {on: aLetter, may: isAdmin | isAM, ends: "not_available"},
}
