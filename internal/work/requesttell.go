package work

import "github.com/google/uuid"

// What people hear of requests, beside what they hear of tasks too (N.21).
const (
	Requested         NoticeKind = "requested"          // it came in, and you answer for it
	RequestGiven      NoticeKind = "request_given"      // you answer for it now
	RequestGone       NoticeKind = "request_taken"      // you answered for it, and somebody else does
	Returned          NoticeKind = "returned"           // whoever had it is finished; you answer for it
	Asked             NoticeKind = "asked"              // somebody asks you to record an answer (S1.68)
	Answered          NoticeKind = "answered"           // what you asked for has an answer
	ClientAwaited     NoticeKind = "client_awaited"     // it waits for you, its client
	ClientWrote       NoticeKind = "client_wrote"       // its client said something
	StaffWrote        NoticeKind = "staff_wrote"        // the staff said something to you, its client
	ResponseWarning   NoticeKind = "response_warning"   // part of the time for the first word is over
	ResolutionWarning NoticeKind = "resolution_warning" // part of the time to settle it is over
	ResponseMissed    NoticeKind = "response_missed"
	ResolutionMissed  NoticeKind = "resolution_missed"
)

// onDesk tells whoever has the request: a person, or a group as it wishes.
func (n *notices) onDesk(kind, group NoticeKind, r Request, a Audience) {
	if r.Assignee.Kind == Group {
		n.group(group, a)
		return
	}
	n.tell(kind, false, r.Assignee.ID)
}

// RequestMade is who hears of a new request: its AM (S1.52), or whoever an ask
// is put to (S1.68).
func RequestMade(r Request, by uuid.UUID, a Audience) []Notice {
	n := notices{by: by}
	if r.AboutID != nil {
		n.onDesk(Asked, GroupWork, r, a)
		return n.all
	}
	n.tell(Requested, false, r.AccountManagerID)
	return n.all
}

// RequestHandedOver is who hears that somebody else answers for a request now:
// both of them.
func RequestHandedOver(before, after Request, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(RequestGiven, false, after.AccountManagerID)
	n.tell(RequestGone, false, before.AccountManagerID)
	return n.all
}

// RequestHanded is who hears that a request went to another desk: that desk,
// the one it came from, and the AM.
func RequestHanded(before, after Request, by uuid.UUID, a Audience) []Notice {
	n := notices{by: by}
	kind := Assigned
	switch {
	case after.HandOver != nil && !after.Delegated:
		kind = Returned
	case after.HandOver != nil:
		kind = Delegated
	}
	n.onDesk(kind, GroupWork, after, a)
	n.tell(TakenAway, false, before.Assignee.person())
	n.tell(HandedOn, false, after.AccountManagerID)
	return n.all
}

// RequestTaken is who hears that somebody accepted a request: its AM.
func RequestTaken(r Request, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(Accepted, false, r.AccountManagerID)
	return n.all
}

// RequestTurned is who hears of a new status: who wanted it, who works on it,
// and who answers for it.
func RequestTurned(r Request, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(StatusSet, false, r.CreatedBy, r.Assignee.person(), r.AccountManagerID)
	return n.all
}

// RequestAwaits is who hears that the client is waited for: who wanted it.
func RequestAwaits(r Request, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(ClientAwaited, false, r.CreatedBy)
	return n.all
}

// RequestAnswered is who hears of an answer: who wanted it, and the AM.
func RequestAnswered(r Request, by uuid.UUID) []Notice {
	n := notices{by: by}
	n.tell(Answered, false, r.CreatedBy, r.AccountManagerID)
	return n.all
}

// RequestNoted is who hears of a note that the client can read: the client of
// one by the staff, and whoever has the request, with its AM, of one by the
// client.
func RequestNoted(r Request, by uuid.UUID, byClient bool, a Audience) []Notice {
	n := notices{by: by}
	if !byClient {
		n.tell(StaffWrote, false, r.CreatedBy)
		return n.all
	}
	n.onDesk(ClientWrote, ClientWrote, r, a)
	n.tell(ClientWrote, false, r.AccountManagerID)
	return n.all
}

// RequestWarned is who hears that part of a target is over: whoever has the
// request; from 90 per cent on its AM too; and when it is missed also the
// managers of the group that it waits in or was accepted from (N.20).
func RequestWarned(r Request, w Warning, a Audience) []Notice {
	n := notices{}
	kind := map[TargetKind]NoticeKind{Response: ResponseWarning, Resolution: ResolutionWarning}[w.Target]
	if w.Percent == 100 {
		kind = map[TargetKind]NoticeKind{Response: ResponseMissed, Resolution: ResolutionMissed}[w.Target]
		n.tell(kind, false, a.Managers...)
	}
	if w.Percent >= 90 {
		n.tell(kind, false, r.AccountManagerID)
	}
	n.onDesk(kind, kind, r, a)
	return n.all
}
