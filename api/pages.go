package api

import (
	"crypto/sha256"
	_ "embed" // the pages
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// passwordHTML is the page that mails about a password lead to: whoever has no
// other program for it sets theirs there. The secret of the mail stands behind
// the #, so that no server sees it but with the new password.
//
//go:embed pages/password.html
var passwordHTML string

// pageRoutes are what a browser is shown beside the contract.
func pageRoutes(g *gin.Engine) {
	g.GET("/", func(c *gin.Context) { c.Redirect(http.StatusFound, "/docs/") })
	policy := "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; script-src '" +
		digest(passwordHTML, "script") + "'; style-src '" + digest(passwordHTML, "style") + "'"
	g.GET("/password", func(c *gin.Context) {
		c.Header("Content-Security-Policy", policy)
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(passwordHTML))
	})
}

// digest is the hash by which a browser lets the one script or style of a page
// run, and no other.
func digest(page, tag string) string {
	_, after, _ := strings.Cut(page, "<"+tag+">")
	text, _, _ := strings.Cut(after, "</"+tag+">")
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
