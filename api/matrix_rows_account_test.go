package api_test

import (
	"github.com/google/uuid"
)

// Rows of signing in, and of the accounts of clients.
var accountRows = map[string]row{
	"GET /sessions":                                      {may: isSignedIn},
	"DELETE /sessions/current":                           {may: isSignedIn, ends: "conflict"}, // a token is no session
	"DELETE /sessions/{id}":                              {on: aSession, may: isSelf | isClientSelf, code: "not_found"},
	"POST /me/password":                                  {may: isSignedIn, body: says(object{"current": "wrong", "new": "correct horse battery"}), ends: "wrong_password"},
	"GET /me/totp":                                       {may: isSignedIn},
	"POST /me/totp":                                      {may: isSignedIn, body: says(object{"password": "wrong"}), ends: "conflict"}, // who has no password; the rest is in secondfactor_test.go
	"POST /me/totp/confirm":                              {may: isSignedIn, body: says(object{"code": "123456"}), ends: "conflict"},
	"DELETE /me/totp":                                    {may: isSignedIn, body: says(object{"password": "wrong"}), ends: "wrong_password"},
	"DELETE /users/{id}/totp":                            {on: aPerson, may: isAdmin, ends: "not_found"},
	"GET /sign-in":                                       {may: isNobody},
	"GET /me/identities":                                 {may: isSignedIn},
	"DELETE /me/identities/{id}":                         {on: anIdentity, may: isSelf | isClientSelf, code: "not_found"},
	"DELETE /users/{id}/identities":                      {on: aPerson, may: isAdmin, ends: "not_found"},
	"POST /password-resets":                              {may: isNobody, body: says(object{"email": "nobody@firm.example"})},
	"POST /password-resets/redeem":                       {may: isNobody, body: says(object{"secret": "wrong", "new": "correct horse battery"}), ends: "reset_over"},
	"POST /users/{id}/invite":                            {on: aPerson, may: isAdmin},
	"GET /users/{id}/tokens":                             {on: aPerson, may: isAdmin},
	"GET /users/{id}/cost-rates":                         {on: aPerson, may: isAdmin | isAM},
	"POST /users/{id}/cost-rates":                        {on: aPerson, may: isAdmin, body: says(object{"rate": "40", "currency": "GBP", "from": "2026-05-01"})},
	"GET /reports/aging":                                 {may: isAdmin | isAM},
	"GET /reports/aging/pdf":                             {may: isAdmin | isAM, ends: "not_available"},
	"GET /reports/profitability":                         {may: isAdmin | isAM},
	"GET /reports/utilisation":                           {may: isAdmin | isAM},
	"GET /reports/wip":                                   {may: isAdmin | isAM},
	"GET /payments":                                      {may: isAdmin | isAM},
	"GET /payments/{id}":                                 {on: aPayment, may: isAdmin | isAM},
	"POST /payments/{id}/apply":                          {on: aPayment, may: isAdmin | isAM, body: says(object{})},
	"POST /payments/{id}/reverse":                        {on: aPayment, may: isAdmin | isAM, body: says(object{"reason": "bounced"})},
	"POST /payments/import":                              {may: isAdmin | isAM, body: says(raw{"text/csv", "date,amount,currency,text,reference,payer,key\n2026-03-19,1.00,GBP,nothing,,,\n"})},
	"GET /clients/{id}/credit":                           {on: aClient, may: isAdmin | isAM},
	"GET /clients/{id}/refunds":                          {on: aClient, may: isAdmin | isAM},
	"GET /refunds/{id}":                                  {on: aRefund, may: isAdmin | isAM},
	"POST /refunds/{id}/reverse":                         {on: aRefund, may: isAdmin | isAM, body: says(object{"reason": "sent back by the bank"})},
	"POST /clients/{id}/refunds":                         {on: aClient, may: isAdmin | isAM, body: says(object{"amount": "1"})},
	"GET /clients/{id}/statement":                        {on: aClient, may: isAdmin | isAM | isClientGM},
	"GET /credit-notes":                                  {may: isAdmin | isAM | isOutside},
	"GET /credit-notes/{id}":                             {on: aCreditNote, may: isAdmin | isAM | isClientGM},
	"GET /credit-notes/{id}/pdf":                         {on: aCreditNote, may: isAdmin | isAM | isClientGM, ends: "unavailable"},
	"GET /credit-notes/{id}/xml":                         {on: aCreditNote, may: isAdmin | isAM | isClientGM, ends: "einvoice_incomplete"},
	"POST /credit-notes/{id}/apply":                      {on: aCreditNote, may: isAdmin | isAM, body: says(object{})},
	"POST /credit-notes/{id}/send":                       {on: aCreditNote, may: isAdmin | isProjectAM, body: says(object{"by": "paper"})},
	"POST /credit-notes/{id}/void":                       {on: aCreditNote, may: isAdmin | isProjectAM, body: says(object{"reason": "by mistake"})},
	"GET /invoices/{id}/xml":                             {on: anInvoice, may: isAdmin | isAM | isClientGM, ends: "einvoice_incomplete not_rendered"},
	"POST /invoices/{id}/send":                           {on: aBill, may: isAdmin | isProjectAM, body: says(object{"by": "paper"})},
	"POST /invoices/{id}/void":                           {on: aBill, may: isAdmin | isProjectAM, body: says(object{"reason": "by mistake"})},
	"POST /invoices/{id}/write-off":                      {on: aBill, may: isAdmin | isProjectAM, body: says(object{"reason": "a few pennies short", "amount": "0.02"})},
	"POST /invoices/{id}/write-offs/{write_off}/reverse": {on: aShortOne, may: isAdmin | isProjectAM, body: says(object{"reason": "it was paid after all"})},
	"POST /invoices/{id}/credit": {on: aBill, may: isAdmin | isProjectAM, body: func(a asked) any {
		line, ok := a.inner[a.side]["line"]
		if !ok {
			line = a.inner[own]["line"]
		}
		return object{"lines": []object{{"line_id": line, "release": true}}, "reason": "too much"}
	}},
	"POST /payments": {on: aClient, may: isAdmin | isAM, gone: "invalid", body: func(a asked) any {
		return object{"client_id": a.id, "amount": "1.00", "currency": "GBP", "received_on": "2026-03-19", "applications": []uuid.UUID{}}
	}},
	"GET /clients/{id}/statement/csv": {on: aClient, may: isAdmin | isAM | isClientGM},
	"GET /clients/{id}/statement/pdf": {on: aClient, may: isAdmin | isAM | isClientGM, ends: "not_available"},
}
