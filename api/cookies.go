package api

import (
	"net/http"
	"time"
)

// What browsers keep: the secret of a session, and that of a device that has
// signed in before.
const (
	cookieName = "steward_session"
	deviceName = "steward_device"
)

// deviceAge is how long a browser is known.
const deviceAge = 365 * 24 * time.Hour

// cookies are how this installation keeps secrets in browsers: out of reach of
// scripts and of other sites, and where people open it by https, never sent
// without.
type cookies struct{ secure bool }

// name is what a cookie is called. __Host- makes browsers refuse one that was
// planted by another host of the domain or without https.
func (c cookies) name(name string) string {
	if c.secure {
		return "__Host-" + name
	}
	return name
}

func (c cookies) make(name, value string, age time.Duration) http.Cookie {
	seconds := int(age.Seconds())
	if value == "" {
		seconds = -1
	}
	return http.Cookie{Name: c.name(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteStrictMode}
}

// read is the value of a cookie that came with a request, or nothing.
func (c cookies) read(r *http.Request, name string) string {
	cookie, err := r.Cookie(c.name(name))
	if err != nil {
		return ""
	}
	return cookie.Value
}
