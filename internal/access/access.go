// Package access says who may do what to whose.
//
// It is a table: an action, the roles that may always do it, and the relations
// to the thing that are enough. The package knows nothing of how a relation is
// found out; whoever asks reads it under the same lock as the change.
// Rules: requirements S1.02–S1.07, S1.33–S1.48.
package access

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"steward/internal/fault"
)

// Role is what a person is for the firm or for a client.
type Role string

// The roles of staff, then of clients' contacts.
const (
	Admin                  Role = "admin"
	AccountManager         Role = "account_manager"
	ProjectManager         Role = "project_manager"
	CustomerProjectManager Role = "customer_project_manager"
	GroupManager           Role = "group_manager"
	Contributor            Role = "contributor"
	ClientManager          Role = "client_manager"
	ClientContact          Role = "client_contact"
)

// StaffRoles and ClientRoles are what a person of each kind may have.
var (
	StaffRoles  = []Role{Admin, AccountManager, ProjectManager, CustomerProjectManager, GroupManager, Contributor}
	ClientRoles = []Role{ClientManager, ClientContact}
)

// Actor is who asks: a person with all that rights are derived from.
type Actor struct {
	ID       uuid.UUID
	Name     string
	Staff    bool
	ClientID uuid.UUID // of a client's contact
	Roles    []Role
	Groups   []uuid.UUID // member of
	Manages  []uuid.UUID // GM of
	Scopes   []Scope     // of the token used; nil: all
	Ends     *time.Time  // of the token used; nil: by itself never
	Zone     string
}

// Is tells whether the actor has one of the roles.
func (a Actor) Is(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// isAll tells whether the actor has all of some roles; of none it is false.
func (a Actor) isAll(roles []Role) bool {
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(r Role) bool { return !slices.Contains(a.Roles, r) })
}

// MemberOf tells whether the actor is in the group.
func (a Actor) MemberOf(group uuid.UUID) bool { return slices.Contains(a.Groups, group) }

// ManagerOf tells whether the actor is a GM of the group.
func (a Actor) ManagerOf(group uuid.UUID) bool { return slices.Contains(a.Manages, group) }

// Relation is how an actor stands to a thing; relations are added up.
type Relation uint

// The relations that count.
const (
	ProjectAM   Relation = 1 << iota // account manager of the project
	Owner                            // accountable for the task, or author of the content
	Assignee                         // works on the task now
	Member                           // in the group that the task waits in, or in one with the person
	GM                               // manages the group that the task waits in, or one of the assignee's groups
	ParentOwner                      // owns the task above
	AnyStaff                         // works for the provider
	Self                             // it is the actor's own record
	Requester                        // asked for it
	ClientStaff                      // works for the client that it is for
	ClientBoss                       // and is that client's manager
)

// OfGroup is how an actor stands to a group itself.
func OfGroup(a Actor, group uuid.UUID) Relation {
	var r Relation
	if a.MemberOf(group) {
		r |= Member
	}
	if a.ManagerOf(group) {
		r |= GM
	}
	return r
}

// Action is something one may do or not.
type Action string

// Actions, by the thing they are done to.
const (
	ReadFirm       Action = "firm.read"      // clients, people, groups, projects, tasks
	ManagePeople   Action = "people.manage"  // make and change people, groups, provider
	ManageClients  Action = "clients.manage" // make and change clients
	CreateProject  Action = "project.create"
	EditProject    Action = "project.edit"  // its data, work statement, rates
	ClearProject   Action = "project.clear" // give or refuse clearance (S1.06)
	UnaskClearance Action = "project.unask" // withdraw the asking for it
	EditTemplate   Action = "template.edit" // its name, or remove it
	ReadMoney      Action = "money.read"    // rates, invoices, runs
	Bill           Action = "invoice.write" // draft, items, collect, complete, send, void, credit
	RunBilling     Action = "billing.run"   // over all projects
	WriteToClient  Action = "client.write"  // decide about reminders and status reports
	ReceiveMoney   Action = "account.write" // record, apply, reverse payments; give credit back
	CreateTask     Action = "task.create"
	EditTask       Action = "task.edit"
	AssignTask     Action = "task.assign"
	DelegateTask   Action = "task.delegate"
	AcceptTask     Action = "task.accept"
	StartTask      Action = "task.start" // say when one starts and ends
	HelpTask       Action = "task.help"  // notes and files by whom it was given to outside
	MoveTask       Action = "task.move"
	MoveToTop      Action = "task.move_to_top"
	DependTask     Action = "task.depend"
	SeeAllTasks    Action = "task.see_all"
	SeeGroup       Action = "group.see"     // its queue
	OverseeGroup   Action = "group.oversee" // its members' tasks
	ManageGroup    Action = "group.manage"  // its preferences
	SetStatus      Action = "task.status"
	RecordTime     Action = "time.record"
	RecordForOther Action = "time.record_for_other"
	EditTime       Action = "time.edit"
	WriteNote      Action = "note.write"
	EditNote       Action = "note.edit"
	AttachFile     Action = "file.attach"
	EditFile       Action = "file.edit" // say who sees it, remove it
	ReadAudit      Action = "audit.read"
	EditCalendar   Action = "calendar.edit" // somebody's working time
	ReadPlan       Action = "plan.read"     // a person's or a group's
	SubmitTime     Action = "time.submit"   // a week, to be approved
	ApproveTime    Action = "time.approve"
	SeeTimesheet   Action = "timesheet.see"
	OperateMail    Action = "mail.operate"   // what went out, and sending it again
	ManageHooks    Action = "webhook.manage" // who elsewhere is told what happens

	CreateRequest   Action = "request.create"
	ReadRequest     Action = "request.read"
	NoteRequest     Action = "request.note" // notes and files
	EditRequest     Action = "request.edit"
	AssignRequest   Action = "request.assign"
	DelegateRequest Action = "request.delegate"
	AcceptRequest   Action = "request.accept"
	ReturnRequest   Action = "request.return"
	StatusRequest   Action = "request.status"
	HandleRequest   Action = "request.handle"  // wait, resume, answer, ask
	ReportRequest   Action = "request.report"  // answer with the project's figures
	MakeItem        Action = "request.item"    // a change request or an issue of the project
	ManageItem      Action = "item.manage"     // say that it is done or dropped
	SeeAllRequests  Action = "request.see_all" // rather than one's own and one's groups'
)

type rule struct {
	roles     []Role
	relations Relation
	otherwise string // why not, as a sentence
}

// rules is the table: a role of the first column or a relation of the second.
var rules = map[Action]rule{
	ReadFirm:       {[]Role{Admin}, AnyStaff, "only staff may see this"},
	ManagePeople:   {[]Role{Admin}, 0, "only an admin may do this"},
	ManageClients:  {[]Role{Admin, AccountManager}, 0, "only an account manager or an admin may do this"},
	CreateProject:  {[]Role{Admin, AccountManager}, 0, "only an account manager or an admin may set up a project"},
	EditProject:    {[]Role{Admin}, ProjectAM, "only the project's account manager or an admin may do this"},
	ClearProject:   {[]Role{Admin, AccountManager}, 0, "only another account manager or an admin may give or refuse clearance"},
	UnaskClearance: {[]Role{Admin}, ProjectAM | Requester, "only who asked for clearance, the project's account manager or an admin may withdraw it"},
	EditTemplate:   {[]Role{Admin}, Self, "only who made the template or an admin may do this"},
	ReadMoney:      {[]Role{Admin, AccountManager}, 0, "only account managers and admins may see money"},
	Bill:           {[]Role{Admin}, ProjectAM, "only the account manager of every project on it or an admin may do this"},
	RunBilling:     {[]Role{Admin, AccountManager}, 0, "only an account manager or an admin may run billing"},
	WriteToClient:  {[]Role{Admin}, ProjectAM, "only the account manager of the client or of one of its projects, or an admin, may do this"},
	ReceiveMoney:   {[]Role{Admin, AccountManager}, 0, "only an account manager or an admin may record payments"},
	CreateTask:     {[]Role{Admin}, ProjectAM | ParentOwner | Assignee, "only the project's account manager, or who owns or works on the task above, may add tasks here"},
	EditTask:       {[]Role{Admin}, ProjectAM | Owner | ParentOwner, "only the task's owner, who owns the one above, the project's account manager or an admin may change it"},
	AssignTask:     {[]Role{Admin}, ProjectAM | Owner | GM, "only the task's owner, a manager of its group, the project's account manager or an admin may assign it"},
	DelegateTask:   {[]Role{Admin}, ProjectAM | Owner | Assignee | GM, "only whoever works on the task, its owner, a manager of its group, the project's account manager or an admin may delegate it"},
	MoveTask:       {nil, Owner, "only who owns the task, and the one it goes under, may move it"},
	MoveToTop:      {nil, ProjectAM, "only the project's account manager has tasks at the top"},
	DependTask:     {[]Role{Admin}, ProjectAM | Owner | ParentOwner, "only the task's owner, who owns the one above, the project's account manager or an admin may say what it depends on"},
	SeeAllTasks:    {[]Role{Admin, AccountManager}, 0, "only account managers and admins see everybody's tasks"},
	SeeGroup:       {[]Role{Admin, AccountManager}, Member | GM, "only members of the group, account managers and admins see what waits in it"},
	OverseeGroup:   {[]Role{Admin, AccountManager}, GM, "only who manages the group, account managers and admins see all its members' tasks"},
	ManageGroup:    {[]Role{Admin}, GM, "only who manages the group or an admin may do this"},
	AcceptTask:     {nil, Member, "only a member of the group that the task waits in may accept it"},
	StartTask:      {nil, Assignee, "only whoever works on the task may say when they start and end"},
	HelpTask:       {nil, AnyStaff, "only the staff and whom the task was given to may write here"},
	SetStatus:      {nil, ProjectAM | Owner, "only the task's owner or the project's account manager may change its status"},
	RecordTime:     {nil, AnyStaff, "only staff record time"},
	RecordForOther: {[]Role{Admin}, ProjectAM, "only the project's account manager or an admin may record time for somebody else"},
	EditTime:       {[]Role{Admin}, ProjectAM | Self, "only who recorded it, the project's account manager or an admin may change it"},
	WriteNote:      {[]Role{Admin}, AnyStaff, "only staff may write here"},
	EditNote:       {nil, Self, "only its author may change a note"},
	AttachFile:     {[]Role{Admin}, AnyStaff, "only staff may attach files here"},
	EditFile:       {[]Role{Admin}, ProjectAM | Self, "only who attached it, the project's account manager or an admin may change or remove a file"},
	ReadAudit:      {[]Role{Admin}, ProjectAM, "only an admin may read the audit"},
	EditCalendar:   {[]Role{Admin}, Self | GM, "only the person, a manager of one of their groups or an admin may do this"},
	ReadPlan:       {[]Role{Admin, AccountManager}, Self | Member | GM, "only who shares a group with them, account managers and admins may see this plan"},
	SubmitTime:     {[]Role{Admin}, Self, "only who worked submits a timesheet"},
	ApproveTime:    {[]Role{Admin}, ProjectAM | GM, "only the account manager of a project worked on that week, a manager of one of the person's groups or an admin may do this"},
	SeeTimesheet:   {[]Role{Admin}, Self | ProjectAM | GM, "only the person, the account manager of a project worked on that week, a manager of one of their groups or an admin may see this"},
	OperateMail:    {[]Role{Admin}, 0, "only an admin may do this"},
	ManageHooks:    {[]Role{Admin}, 0, "only an admin may do this"},

	CreateRequest:   {nil, AnyStaff, "only the staff and the client's own people may make a request for a client"},
	ReadRequest:     {nil, AnyStaff, "only the staff, who asked for it and the client's managers may see it"},
	NoteRequest:     {nil, AnyStaff, "only the staff, who asked for it and the client's managers may write here"},
	EditRequest:     {[]Role{Admin}, ProjectAM, "only the request's account manager or an admin may change it"},
	AssignRequest:   {[]Role{Admin}, ProjectAM | GM, "only the request's account manager, a manager of its group or an admin may assign it"},
	DelegateRequest: {[]Role{Admin}, ProjectAM | Assignee | GM, "only whoever works on the request, a manager of its group, its account manager or an admin may delegate it"},
	AcceptRequest:   {nil, Member, "only a member of the group that the request waits in may accept it"},
	ReturnRequest:   {nil, Assignee, "only whoever works on the request may return it"},
	StatusRequest:   {nil, ProjectAM, "only the request's account manager may change its status"},
	HandleRequest:   {nil, ProjectAM | Assignee, "only whoever works on the request or its account manager may do this"},
	ReportRequest:   {[]Role{Admin}, ProjectAM, "only the request's account manager or an admin may answer with the figures of its project"},
	MakeItem:        {nil, 0, "only who is both a project manager and a customer project manager may do this"},
	ManageItem:      {[]Role{Admin}, ProjectAM, "only who is both a project manager and a customer project manager, the project's account manager or an admin may do this"},
	SeeAllRequests:  {[]Role{Admin, AccountManager}, 0, "only account managers and admins see everybody's requests"},
}

// outside is the table's column for people who do not work for the provider:
// the relations that are enough for them. They do nothing that is not here,
// whatever they were given (S2.08).
var outside = map[Action]Relation{
	CreateRequest: ClientStaff,            // S1.49
	ReadRequest:   ClientBoss | Requester, // S1.50, S1.51
	NoteRequest:   ClientBoss | Requester, // S1.62
	HelpTask:      Assignee,               // S2.08: notes and files
	StartTask:     Assignee,
	SetStatus:     Assignee, // complete it, and nothing else
}

// every is the table's column of roles that are enough together, and none of
// them alone (S2.01).
var every = map[Action][]Role{
	MakeItem:   {ProjectManager, CustomerProjectManager},
	ManageItem: {ProjectManager, CustomerProjectManager},
}

// NotOwner is the code when the relation is what is missing for a task.
const NotOwner fault.Code = "not_owner"

// codes are refusals that programs want to tell apart from plain [fault.Forbidden].
var codes = map[Action]fault.Code{
	EditTask: NotOwner, SetStatus: NotOwner, AssignTask: NotOwner, DelegateTask: NotOwner, MoveTask: NotOwner, MoveToTop: NotOwner, DependTask: NotOwner,
	SeeGroup: "not_a_member", OverseeGroup: "not_a_manager", ManageGroup: "not_a_manager",
	AcceptTask: "not_a_member", AcceptRequest: "not_a_member", EditRequest: NotOwner, AssignRequest: NotOwner, DelegateRequest: NotOwner,
	ReturnRequest: NotOwner, StatusRequest: NotOwner, HandleRequest: NotOwner, ReportRequest: NotOwner,
	EditNote: "not_author", EditTime: "not_author", EditFile: "not_author",
}

// Can refuses what the actor, standing so to the thing, may not do, with
// [fault.Forbidden] or a code of its own such as [NotOwner].
func Can(a Actor, act Action, rel Relation) error {
	r, ok := rules[act]
	if !ok {
		return fault.New(fault.Forbidden, "nobody may %s", act)
	}
	if !a.Staff {
		r = rule{nil, outside[act], r.otherwise}
	}
	if a.Staff {
		rel |= AnyStaff
	}
	if a.Is(r.roles...) || r.relations&rel != 0 || a.Staff && a.isAll(every[act]) {
		return nil
	}
	code, ok := codes[act]
	if !ok {
		code = fault.Forbidden
	}
	return fault.New(code, "%s", r.otherwise)
}

// Roles are those that may always do something, whatever it is done to.
func Roles(act Action) []string {
	var all []string
	for _, r := range rules[act].roles {
		all = append(all, string(r))
	}
	return all
}

// Who says in words who may do something, for documentation.
func Who(act Action) string { return rules[act].otherwise }
