package egress_test

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

// names resolves every name to the next of its lists, and stays at the last.
type names struct {
	lists [][]netip.Addr
	asked atomic.Int32
}

func (n *names) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	i := int(n.asked.Add(1)) - 1
	return n.lists[min(i, len(n.lists)-1)], nil
}

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// named lets the connection reach server as shop.example.com.
func named(t *testing.T, serverURL string, o egress.Options, lists ...[]netip.Addr) (address string, _ egress.Options) {
	t.Helper()
	u, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	address = "http://shop.example.com:" + u.Port()
	o.Settings = []byte(`{"base_url":"` + address + `"}`)
	o.Route.Resolver = &names{lists: lists}
	return address, o
}

func TestPrivateAddressesNeedPermission(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	address, o := named(t, server.URL, o, addrs("127.0.0.1"))
	answers(t, newClient(t, o), get(address), http.StatusOK)
	o.AllowPrivate = false
	refuses(t, newClient(t, o), get(address), abi.Blocked, "allow_private")
	for _, inside := range []string{"::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"} {
		o.Route.Resolver = &names{lists: [][]netip.Addr{addrs(inside)}}
		refuses(t, newClient(t, o), get(address), abi.Blocked, "private")
	}
}

func TestOnlyTheNamedPrivateNetworksAreReached(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	address, o := named(t, server.URL, o, addrs("127.0.0.1"))
	o.AllowPrivate = false
	o.PrivateNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for inside, status := range map[string]int{"127.0.0.1": http.StatusOK, "::ffff:127.0.0.1": http.StatusOK, "10.0.0.1": 0, "::1": 0} {
		o.Route.Resolver = &names{lists: [][]netip.Addr{addrs(inside)}}
		if status == 0 {
			refuses(t, newClient(t, o), get(address), abi.Blocked, "allow_private")
			continue
		}
		answers(t, newClient(t, o), get(address), status)
	}
	o.PrivateNetworks = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	o.Route.Resolver = &names{lists: [][]netip.Addr{addrs("169.254.169.254")}}
	refuses(t, newClient(t, o), get(address), abi.Blocked, "private") // where clouds keep their credentials
}

func TestLiteralPrivateAddressNeedsPermission(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	o.AllowPrivate = false
	refuses(t, newClient(t, o), get(server.URL), abi.Blocked, "allow_private")
}

func TestCheckedAddressIsTheOneThatIsDialled(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) { t.Error("the request went out") })
	address, o := named(t, server.URL, o, addrs("169.254.169.254"), addrs("127.0.0.1"))
	refuses(t, newClient(t, o), get(address), abi.Blocked, "")
	if n := o.Route.Resolver.(*names).asked.Load(); n != 1 {
		t.Errorf("the name was looked up %d times for one dial", n)
	}
}

func TestForbiddenAddressesAreSkipped(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	address, o := named(t, server.URL, o, addrs("169.254.169.254", "0.0.0.0", "127.0.0.1"))
	answers(t, newClient(t, o), get(address), http.StatusOK)
}

func TestProxyTunnelsEverything(t *testing.T) {
	proxy, o := platform(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Asked", r.Method+" "+r.RequestURI)
	})
	o.AllowPrivate = false // the proxy itself may be inside
	o.Settings = []byte(`{"base_url":"http://shop.example.com"}`)
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.Route.Proxy = u
	response := newClient(t, o).Do(t.Context(), get("http://shop.example.com/a"))
	if got := abi.HeaderValue(response.Headers, "X-Asked"); got != "GET http://shop.example.com/a" {
		t.Errorf("the proxy was asked for %q, %v", got, response.Err)
	}
}

func TestSourceAddressIsKept(t *testing.T) {
	server, o := platform(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-From", r.RemoteAddr) })
	o.Route.Source = netip.MustParseAddr("127.0.0.9")
	response := newClient(t, o).Do(t.Context(), get(server.URL))
	if got := abi.HeaderValue(response.Headers, "X-From"); !strings.HasPrefix(got, "127.0.0.9:") {
		t.Errorf("came from %q, %v", got, response.Err)
	}
}
