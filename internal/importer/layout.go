package importer

import "slices"

// The files, in the order in which they are read: what is referred to first.
const (
	clientsFile  = "clients.csv"
	peopleFile   = "people.csv"
	projectsFile = "projects.csv"
	ratesFile    = "rates.csv"
	tasksFile    = "tasks.csv"
	timeFile     = "time.csv"
)

// layout is what a file's header may hold.
type layout struct {
	file     string
	may      bool     // the file may be absent
	required []string // the first is the key
	optional []string
}

var layouts = []layout{
	{file: clientsFile,
		required: []string{"client", "name", "currency"},
		optional: []string{"email", "payment_terms_days", "tax_percent", "time_zone", "billing_address", "tax_id", "billing_cc"}},
	{file: peopleFile,
		required: []string{"person", "name", "email"},
		optional: []string{"roles", "groups", "skills", "default_rate", "currency", "time_zone"}},
	{file: projectsFile,
		required: []string{"project", "client", "name", "account_manager"},
		optional: []string{"status", "starts_on", "ends_on", "billing_period", "billing_anchor_day"}},
	{file: ratesFile, may: true,
		required: []string{"person", "rate", "currency", "from"},
		optional: []string{"project"}},
	{file: tasksFile,
		required: []string{"task", "project", "title"},
		optional: []string{"parent", "status", "priority", "estimate_minutes", "owner", "assignee", "skills",
			"depends_on", "visible_to_client", "created_on", "completed_on"}},
	{file: timeFile,
		required: []string{"entry", "task", "person", "work_date", "minutes", "description"},
		optional: []string{"start", "billable", "remaining_minutes"}},
}

func layoutOf(file string) layout { return layouts[fileOrder(file)] }

func fileOrder(file string) int {
	return slices.IndexFunc(layouts, func(l layout) bool { return l.file == file })
}

func (l layout) key() string { return l.required[0] }

func (l layout) has(column string) bool {
	return slices.Contains(l.required, column) || slices.Contains(l.optional, column)
}

// The words of a status, a period and a role, as they are stored.
var (
	projectStatuses = []string{"draft", "awaiting_clearance", "active", "on_hold", "complete", "cancelled"}
	taskStatuses    = []string{"planned", "open", "complete", "cancelled"}
	billingPeriods  = []string{"weekly", "biweekly", "semimonthly", "monthly", "quarterly", "on_completion", "none"}
	billings        = []string{"billable", "no_charge", "internal"}
	roles           = []string{"admin", "account_manager", "project_manager", "customer_project_manager", "group_manager", "contributor"}
)

// How many characters of a text are taken.
const (
	keyLimit         = 200
	nameLimit        = 500
	descriptionLimit = 10_000
)
