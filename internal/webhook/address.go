package webhook

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"steward/internal/fault"
)

// inside are networks that are nobody's to be told things in, beside those that
// [netip.Addr] knows: shared, special and documentation addresses, and those of
// version 6 that stand for one of version 4.
var inside = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10")

func prefixes(all ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(all))
	for i, s := range all {
		parsed[i] = netip.MustParsePrefix(s)
	}
	return parsed
}

func within(networks []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// public tells whether an address is one of the open network.
func public(ip netip.Addr) bool {
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !within(inside, ip)
}

// reachable refuses an address that messages do not go to: what is not public
// and not of the networks that an operator has named. In the clear they go to
// named networks alone.
func reachable(named []netip.Prefix, ip netip.Addr, clear bool) error {
	ip = ip.Unmap().WithZone("")
	switch {
	case within(named, ip):
		return nil
	case clear:
		return fmt.Errorf("%s is reached by https only", ip)
	case !public(ip):
		return fmt.Errorf("%s is not an address of the open network", ip)
	}
	return nil
}

// Check refuses an address that cannot be a receiver's, as far as it can be told
// without asking anybody: what a name stands for is looked at when a message
// goes there.
func Check(address string, named []netip.Prefix) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return fault.Wrong("url", "is not an address such as https://example.com/hooks")
	case u.User != nil:
		return fault.Wrong("url", "holds a name or password; messages are signed instead")
	case u.Fragment != "":
		return fault.Wrong("url", "holds a #, which no receiver would see")
	case u.Scheme != "https" && (u.Scheme != "http" || len(named) == 0):
		return fault.Wrong("url", "begins with https://")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil // a name
	}
	if err := reachable(named, ip, u.Scheme == "http"); err != nil {
		return fault.Wrong("url", "%s", err)
	}
	return nil
}
