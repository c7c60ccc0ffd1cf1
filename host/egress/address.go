package egress

import (
	"net/netip"
	"slices"
)

// reserved are the ranges that lead to nothing public, besides those that
// netip knows by name. The list follows the IANA special-purpose registries.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
)

// metadata are addresses at which clouds hand out the credentials of their
// machines, besides link-local ones: AWS over IPv6, Alibaba, and Azure's host.
var metadata = prefixes("fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32")

// embedding ranges carry an IPv4 address, which then is what is reached:
// NAT64 in its last 32 bits, 6to4 after its first 16.
var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour  = netip.MustParsePrefix("2002::/16")
	shared     = netip.MustParsePrefix("100.64.0.0/10")
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// reachable says whether a connection may be dialled to a. Private means
// loopback, private and shared networks; those where clouds
// keep the credentials of their machines, link-local ones, multicast and the like are never reached.
func reachable(a netip.Addr, private bool) bool {
	a = inner(a)
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == broadcast {
		return false
	}
	if within(a, metadata) {
		return false
	}
	if a.IsLoopback() || a.IsPrivate() || shared.Contains(a) {
		return private
	}
	return !within(a, reserved)
}

func within(a netip.Addr, all []netip.Prefix) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// inner returns the IPv4 address that an IPv6 form stands for, else a itself.
func inner(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case nat64Local.Contains(a):
		return netip.Addr{}
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	default:
		return a
	}
}
