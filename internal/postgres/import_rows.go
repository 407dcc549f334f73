package postgres

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"steward/internal/civil"
	"steward/internal/money"
)

// ImportClient is a client as an import adds it. Key is the importer's own.
type ImportClient struct {
	ID               uuid.UUID
	Key              string
	Name             string
	Currency         money.Currency
	Email            string
	BillingCC        []string
	BillingAddress   string
	TaxID            string
	PaymentTermsDays int
	TaxPercent       decimal.Decimal
	TimeZone         string
}

// ImportGroup is a group of contributors.
type ImportGroup struct {
	ID   uuid.UUID
	Name string
}

// ImportPerson is a member of the staff. Those with the role group_manager
// manage the groups they are in.
type ImportPerson struct {
	ID       uuid.UUID
	Key      string
	Name     string
	Email    string
	Roles    []string
	Skills   []string
	TimeZone string
	GroupIDs []uuid.UUID
}

// ImportProject is a project with its work statement. Its tasks' numbers come
// from [Import.TakeNumbers].
type ImportProject struct {
	ID               uuid.UUID
	Key              string
	ClientID         uuid.UUID
	Code             string
	Name             string
	Status           string
	AccountManagerID uuid.UUID
	Currency         money.Currency
	StartsOn         civil.Date
	EndsOn           civil.Date
	BillingPeriod    string
	AnchorDay        int
}

// Ended tells whether the project is complete or cancelled: no process is
// started for it.
func (p *ImportProject) Ended() bool { return p.Status == "complete" || p.Status == "cancelled" }

// ImportRate is an hourly rate for [From, Until); without Until it has no end.
// Without a project it is the person's default, without a person the project's.
type ImportRate struct {
	ID        uuid.UUID
	PersonID  uuid.UUID
	ProjectID uuid.UUID
	Hourly    decimal.Decimal
	Currency  money.Currency
	From      civil.Date
	Until     civil.Date
}

// ImportTask is a task with what it depends on. No parent, no assignee and no
// time are the zero values; no estimate is nil.
type ImportTask struct {
	ID               uuid.UUID
	Key              string
	ProjectID        uuid.UUID
	Number           int
	ParentID         uuid.UUID
	Title            string
	Status           string
	Priority         int
	OwnerID          uuid.UUID
	AssigneePersonID uuid.UUID
	AssigneeGroupID  uuid.UUID
	EstimateMinutes  *int
	Skills           []string
	DependsOn        []uuid.UUID
	VisibleToClient  bool
	CreatedAt        time.Time
	AssignedAt       time.Time
	ClosedAt         time.Time // zero: it is not closed
}

// Closed tells whether the task is complete or cancelled: no process is
// started for it.
func (t *ImportTask) Closed() bool { return t.Status == "complete" || t.Status == "cancelled" }

// ImportTime is a time entry.
type ImportTime struct {
	ID          uuid.UUID
	Key         string
	TaskID      uuid.UUID
	ProjectID   uuid.UUID
	PersonID    uuid.UUID
	WorkDate    civil.Date
	StartedAt   time.Time // zero: not known
	Minutes     int
	Description string
	Billing     string
	Remaining   *int // nil: no estimate; 0: nothing is left
}
