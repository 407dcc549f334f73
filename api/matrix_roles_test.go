package api_test

import "slices"

// A right is something that a person is, by role or as they stand to a thing.
// A row of the matrix names those that are enough.
type right uint32

const (
	isStaff right = 1 << iota
	isAdmin
	isAM         // an account manager, of whatever project
	isProjectAM  // of this one
	isOwner      // accountable for the task
	isAssignee   // works on it
	isAuthor     // wrote it
	isMember     // of the group that it is in
	isGM         // of that group, or of the person's
	isSelf       // staff, and it is their own
	isBothPM     // project manager and customer project manager at once (S2.01)
	isContact    // of the client, and added to the project, or who asked for it
	isOfClient   // of the client, whether added to anything or not
	isClientGM   // client manager of the client
	isClientSelf // a client's contact, and it is their own
	isNobody     // anybody, without any proof of who it is
)

// Rights that go together.
const (
	isSignedIn = isStaff | isOutside
	isOutside  = 1 << 30 // a client's contact, of whatever client
)

// A role is one who asks, with what they are: always, to the things of the
// first client and project, and to those of the second. What is hidden is seen
// by staff as their own is, and by nobody else.
type role struct {
	name                string
	always, first, then right
}

var roles = []role{
	{name: "nobody"},
	{name: "dismissed"},
	{name: "read-only", always: isStaff | isAdmin}, // by a token that may only read
	{name: "admin", always: isStaff | isAdmin},
	{name: "am", always: isStaff | isAM, first: isProjectAM},
	{name: "am of another", always: isStaff | isAM, then: isProjectAM},
	{name: "pm", always: isStaff},
	{name: "customer pm", always: isStaff},
	{name: "pm and customer pm", always: isStaff | isBothPM},
	{name: "gm", always: isStaff, first: isGM | isMember},
	{name: "gm of another", always: isStaff, then: isGM | isMember},
	{name: "owner", always: isStaff, first: isOwner},
	{name: "assignee", always: isStaff, first: isAssignee | isAuthor | isMember | isSelf},
	{name: "contributor of another", always: isStaff, then: isOwner | isAssignee | isAuthor | isMember | isSelf},
	{name: "cm", always: isOutside, first: isClientGM | isContact | isOfClient},
	{name: "contact", always: isOutside, first: isContact | isOfClient},
	{name: "contact elsewhere", always: isOutside, first: isOfClient},
	{name: "cm of another", always: isOutside, then: isClientGM | isContact | isOfClient},
}

func (r role) signedIn() bool { return r.always != 0 }
func (r role) outside() bool  { return r.always&isOutside != 0 }

// knowsApart tells the roles that may know something else than each other; to
// ask as others of the staff would tell the same again.
func (r role) knowsApart() bool {
	return r.outside() || slices.Contains([]string{"am", "pm", "gm of another", "assignee"}, r.name)
}

// has is all that a role is to a thing.
func (r role) has(m *matrix, k kind, s side) right {
	switch {
	case m.mine[k] != nil && s == own && r.outside():
		return r.always | isClientSelf
	case m.mine[k] != nil && s == own:
		return r.always | isSelf
	case m.mine[k] != nil:
		return r.always
	case s == own, s == hidden && !r.outside():
		return r.always | r.first
	case s == other:
		return r.always | r.then
	}
	return r.always
}

// Markers stand in what not everybody may know.
const (
	markFirst   = "Quokka"
	markSecond  = "Zebrafish"
	markTask    = "Axolotl"
	markNote    = "Narwhal"
	markRate    = "173.19"
	markAgreed  = "191.37"
	markDraft   = "Pangolin"
	markQueue   = "Capybara"
	markPrivate = "Ocelot"
	markMail    = "Manatee"
	markCost    = "61.83"
	markSpecial = "143.71"
	markFee     = "4321.17"
	markBudget  = "98765.43"
	markPrice   = "Wombat"
	markSpent   = "Kakapo"
)

// A secret is a marker with who may read it; of operations named in within,
// others of the staff may not.
type confidence struct {
	what, marker string
	knows        func(role) bool
	within       []string // none: everywhere
}

func staffOnly(r role) bool { return r.always&isStaff != 0 }
func moneyOnly(r role) bool { return r.always&(isAdmin|isAM) != 0 }

var confidences = []confidence{
	{what: "the first client", marker: markFirst, knows: func(r role) bool { return r.signedIn() && r.name != "cm of another" }},
	{what: "the other client", marker: markSecond, knows: func(r role) bool { return staffOnly(r) || r.name == "cm of another" }},
	{what: "a hidden task", marker: markTask, knows: staffOnly},
	{what: "an internal note", marker: markNote, knows: staffOnly},
	{what: "a person's rate", marker: markRate, knows: moneyOnly},
	{what: "a project's rate", marker: markAgreed, knows: moneyOnly},
	{what: "what somebody costs", marker: markCost, knows: moneyOnly},
	{what: "the rate of a session", marker: markSpecial, knows: moneyOnly},
	{what: "the fee of a retainer", marker: markFee, knows: moneyOnly},
	{what: "a budget in money", marker: markBudget, knows: moneyOnly},
	{what: "a milestone, a parked period or a reminder", marker: markPrice, knows: moneyOnly},
	{what: "what somebody else spent", marker: markSpent, knows: moneyOnly},
	{what: "a draft invoice", marker: markDraft, knows: moneyOnly},
	{what: "the other group's queue", marker: markQueue, knows: staffOnly},
	{what: "the other group's queue", marker: markQueue, knows: func(r role) bool { return moneyOnly(r) || r.then&isMember != 0 },
		within: []string{"GET /tasks", "GET /groups/{id}/queue", "GET /groups/{id}/tasks", "GET /search", "GET /plan", "GET /plan.svg", "GET /plan.ics"}},
	{what: "what is somebody's own", marker: markPrivate, knows: func(role) bool { return false }},
	{what: "mail", marker: markMail, knows: func(r role) bool { return r.always&isAdmin != 0 }},
}
