package api

import (
	"testing"
	"time"

	"steward/internal/access"
	"steward/internal/secret"
)

func TestATokenIsRememberedForAMomentOnly(t *testing.T) { // N.15
	var a actors
	hash, now := secret.Hash("token"), time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	_, era, ok := a.find(hash, now)
	if ok {
		t.Error("somebody is remembered who was never seen")
	}
	a.remember(hash, access.Actor{Name: "Ann"}, now, era)
	if got, _, ok := a.find(hash, now.Add(memory-1)); !ok || got.Name != "Ann" {
		t.Errorf("a moment later it is %+v, %v", got, ok)
	}
	if _, _, ok := a.find(hash, now.Add(memory)); ok {
		t.Error("a token is remembered for longer than a moment")
	}
	a.forget()
	if _, _, ok := a.find(hash, now); ok {
		t.Error("a token is remembered although rights have changed")
	}
	a.remember(hash, access.Actor{Name: "Ann"}, now, era) // who was read before the change
	if _, _, ok := a.find(hash, now); ok {
		t.Error("rights from before a change are remembered after it")
	}
}
