package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// source is the address that a request comes from, without the port. What a
// proxy says of it counts only if the proxy is trusted: X-Forwarded-For is read
// from its end, where our own proxies write, up to the first address that is
// not one of them. What stands before that, anybody can have written.
func (s *Server) source(r *http.Request) string {
	from, err := peer(r)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil || !s.trusts(from) {
			break
		}
		from = before.Unmap().WithZone("")
	}
	return from.String()
}

// peer is who is at the other end of the connection.
func peer(r *http.Request) (netip.Addr, error) {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	return a.Addr().Unmap().WithZone(""), err
}

func (s *Server) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// network is what counts as one address: who has one of version 6 has all that
// begin with the same 64 bits.
func network(source string) string {
	a, err := netip.ParseAddr(source)
	if err != nil || a.Is4() {
		return source
	}
	p, err := a.Prefix(64)
	if err != nil {
		return source
	}
	return p.String()
}
