package access_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"steward/internal/access"
	"steward/internal/fault"
)

func actor(roles ...access.Role) access.Actor {
	return access.Actor{ID: uuid.UUID{1}, Staff: true, Roles: roles}
}

var contact = access.Actor{ID: uuid.UUID{2}, Roles: []access.Role{access.ClientManager}}

// The table as it is read: who may, and who with which relation.
func TestWhoMayDoWhat(t *testing.T) { // S1.02 S1.04 S1.49–S1.62 S2.01 S2.11 S1.06 S1.13 S1.33 S1.34 S1.38 S1.48
	for _, c := range []struct {
		who  access.Actor
		act  access.Action
		rel  access.Relation
		want fault.Code
	}{
		{actor(access.Contributor), access.ReadFirm, 0, ""},
		{contact, access.ReadFirm, 0, fault.Forbidden},
		{actor(access.Contributor), access.ReadMoney, 0, fault.Forbidden},
		{actor(access.AccountManager), access.ReadMoney, 0, ""},
		{actor(access.AccountManager), access.ManagePeople, 0, fault.Forbidden},
		{actor(access.Admin), access.ManagePeople, 0, ""},
		{actor(access.AccountManager), access.EditProject, 0, fault.Forbidden},
		{actor(access.AccountManager), access.EditProject, access.ProjectAM, ""},
		{actor(access.AccountManager), access.ClearProject, 0, ""},
		{actor(access.Contributor), access.ClearProject, access.ProjectAM, fault.Forbidden},
		{actor(access.Contributor), access.UnaskClearance, access.Requester, ""},
		{actor(access.AccountManager), access.UnaskClearance, 0, fault.Forbidden},
		{actor(access.Contributor), access.CreateTask, 0, fault.Forbidden},
		{actor(access.Contributor), access.CreateTask, access.ParentOwner, ""},
		{actor(access.Contributor), access.SetStatus, access.Assignee, access.NotOwner},
		{actor(access.Contributor), access.SetStatus, access.Owner, ""},
		{actor(access.AccountManager), access.SetStatus, access.ProjectAM, ""},
		{actor(access.Admin), access.SetStatus, 0, access.NotOwner},
		{actor(access.GroupManager), access.AssignTask, access.GM, ""},
		{actor(access.GroupManager), access.AssignTask, access.Member, access.NotOwner},
		{actor(access.Admin), access.AcceptTask, 0, "not_a_member"},
		{actor(access.Contributor), access.AcceptTask, access.Member, ""},
		{contact, access.RecordTime, 0, fault.Forbidden},
		{actor(access.Contributor), access.RecordForOther, access.Owner, fault.Forbidden},
		{actor(access.Contributor), access.EditTime, access.Self, ""},
		{actor(access.Admin), access.EditNote, 0, "not_author"},
		{actor(access.Contributor), access.AttachFile, 0, ""},
		{contact, access.AttachFile, 0, fault.Forbidden},
		{actor(access.Contributor), access.EditFile, 0, "not_author"},
		{actor(access.Contributor), access.EditFile, access.Self, ""},
		{actor(access.AccountManager), access.EditFile, access.ProjectAM, ""},
		{actor(access.Admin), access.EditFile, 0, ""},
		{actor(access.AccountManager), access.Bill, 0, fault.Forbidden},
		{actor(access.AccountManager), access.Bill, access.ProjectAM, ""},
		{actor(access.Admin), "no.such.action", 0, fault.Forbidden},
		{actor(access.Contributor), access.EditCalendar, access.Self, ""},
		{actor(access.Contributor), access.EditCalendar, access.Member, fault.Forbidden},
		{actor(access.GroupManager), access.EditCalendar, access.GM, ""},
		{actor(access.AccountManager), access.EditCalendar, 0, fault.Forbidden},
		{actor(access.Contributor), access.ReadPlan, 0, fault.Forbidden},
		{actor(access.Contributor), access.ReadPlan, access.Member, ""},
		{actor(access.AccountManager), access.ReadPlan, 0, ""},
		{contact, access.CreateRequest, access.ClientStaff, ""},
		{contact, access.CreateRequest, 0, fault.Forbidden},
		{contact, access.ReadRequest, access.Requester, ""},
		{contact, access.ReadRequest, access.ClientBoss, ""},
		{contact, access.ReadRequest, access.ClientStaff, fault.Forbidden},
		{contact, access.ReadRequest, access.ProjectAM | access.AnyStaff, fault.Forbidden},
		{contact, access.StatusRequest, access.ProjectAM | access.Requester, access.NotOwner},
		{contact, access.HandleRequest, access.Assignee, access.NotOwner},
		{contact, access.WriteNote, access.ClientBoss | access.Requester | access.AnyStaff, fault.Forbidden},
		{actor(access.Contributor), access.CreateRequest, 0, ""},
		{actor(access.Admin), access.StatusRequest, 0, access.NotOwner},
		{actor(access.AccountManager), access.StatusRequest, 0, access.NotOwner},
		{actor(access.AccountManager), access.StatusRequest, access.ProjectAM, ""},
		{actor(access.GroupManager, access.Contributor), access.StatusRequest, access.Assignee | access.Member | access.GM | access.Owner, access.NotOwner}, // S1.61
		{actor(access.Contributor), access.AcceptRequest, access.Member, ""},
		{actor(access.Contributor), access.AssignRequest, access.Assignee, access.NotOwner},
		{actor(access.Contributor), access.AssignRequest, access.GM, ""},
		{actor(access.Contributor), access.ReturnRequest, access.Assignee, ""},
		{actor(access.ProjectManager), access.MakeItem, access.ProjectAM, fault.Forbidden},
		{actor(access.CustomerProjectManager), access.MakeItem, 0, fault.Forbidden},
		{actor(access.Admin), access.MakeItem, 0, fault.Forbidden},
		{actor(access.ProjectManager, access.CustomerProjectManager), access.MakeItem, 0, ""},
		{actor(access.ProjectManager, access.CustomerProjectManager), access.EditRequest, 0, access.NotOwner},
		{access.Actor{Roles: []access.Role{access.ProjectManager, access.CustomerProjectManager}}, access.MakeItem, 0, fault.Forbidden},
	} {
		t.Run(fmt.Sprintf("%v %s %b", c.who.Roles, c.act, c.rel), func(t *testing.T) {
			err := access.Can(c.who, c.act, c.rel)
			f, ok := fault.From(err)
			if ok != (c.want != "") || ok && f.Code != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
