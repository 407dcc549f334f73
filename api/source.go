package api

import (
	"net"
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
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	from, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	from = from.Unmap().WithZone("")
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
