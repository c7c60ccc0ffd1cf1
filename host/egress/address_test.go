package egress

import (
	"net/netip"
	"testing"
)

func TestReachableAddresses(t *testing.T) {
	const public, private, never = "public", "private", "never"
	for text, want := range map[string]string{
		"93.184.216.34": public, "8.8.8.8": public, "172.32.0.1": public, "100.128.0.1": public,
		"2606:4700::1111": public, "64:ff9b::808:808": public, "2002:808:808::1": public,

		"127.0.0.1": private, "127.255.0.1": private, "10.1.2.3": private, "172.16.0.1": private,
		"172.31.255.255": private, "192.168.1.1": private, "100.64.0.1": private,
		"::1": private, "fd00::1": private, "fc00::1": private,
		"::ffff:127.0.0.1": private, "::ffff:10.0.0.1": private,
		"64:ff9b::7f00:1": private, "64:ff9b::a00:1": private, "2002:7f00:1::": private, "2002:c0a8:101::1": private,

		"169.254.169.254": never, "169.254.0.1": never, "fe80::1": never, "::ffff:169.254.169.254": never,
		"64:ff9b::a9fe:a9fe": never, "2002:a9fe:a9fe::": never, "fd00:ec2::254": never, "100.100.100.200": never, "168.63.129.16": never,
		"0.0.0.0": never, "0.1.2.3": never, "::": never, "::127.0.0.1": never, "255.255.255.255": never,
		"224.0.0.1": never, "ff02::1": never, "240.0.0.1": never, "192.0.0.1": never, "198.18.0.1": never,
		"192.0.2.1": never, "198.51.100.1": never, "203.0.113.1": never, "2001:db8::1": never,
		"2001::1": never, "fec0::1": never, "100::1": never, "64:ff9b:1::1": never, "fe80::1%eth0": never,
	} {
		a := netip.MustParseAddr(text)
		got := never
		switch {
		case reachable(a, false):
			got = public
		case reachable(a, true):
			got = private
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if reachable(netip.Addr{}, true) {
		t.Error("no address is reachable")
	}
}
