package wasm_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

const secret = "correct-horse-battery"

// addresses are what shop.example.com means, one look-up after the other.
type addresses []string

func (a *addresses) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	next := netip.MustParseAddr((*a)[0])
	if len(*a) > 1 {
		*a = (*a)[1:]
	}
	return []netip.Addr{next}, nil
}

// hostile returns a pool of the probe behind a real way out to the platform,
// which it knows as http://shop.example.com, and its address for the plugin.
func hostile(t *testing.T, platform http.Handler, resolver *addresses) (*wasm.Pool, string) {
	t.Helper()
	server := httptest.NewServer(platform)
	t.Cleanup(server.Close)
	server.Config.SetKeepAlivesEnabled(false) // every request is a dial
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	address := "http://shop.example.com:" + u.Port()
	manifest := *shared.Manifest()
	manifest.Auth = []abi.AuthScheme{{Type: abi.AuthHeader, Header: "Authorization", Value: "Bearer {token}"}}
	out, err := egress.NewClient(egress.Options{
		Connection: "shop", Manifest: &manifest, Settings: []byte(`{"base_url":"` + address + `"}`),
		Secrets: map[string]string{"token": secret}, Clock: time.Now,
		PrivateNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Route: egress.Route{Resolver: resolver},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := out.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return newPool(t, wasm.PoolOptions{HTTP: out}), address
}

func request(t *testing.T, r abi.Request) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAHostilePluginReachesNothingElse(t *testing.T) {
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		t.Errorf("a request arrived: %s", r.URL)
	}
	p, address := hostile(t, http.HandlerFunc(elsewhere), &addresses{"127.0.0.1"})
	port := address[strings.LastIndexByte(address, ':'):]
	for name, r := range map[string]abi.Request{
		"metadata":          {Method: "GET", URL: "http://169.254.169.254/latest/meta-data/"},
		"loopback":          {Method: "GET", URL: "http://127.0.0.1" + port},
		"loopback, IPv6":    {Method: "GET", URL: "http://[::1]" + port},
		"mapped":            {Method: "GET", URL: "http://[::ffff:127.0.0.1]" + port},
		"decimal":           {Method: "GET", URL: "http://2130706433" + port},
		"octal":             {Method: "GET", URL: "http://0177.0.0.1" + port},
		"zone":              {Method: "GET", URL: "http://[fe80::1%25eth0]" + port},
		"another port":      {Method: "GET", URL: "http://shop.example.com:1/"},
		"another scheme":    {Method: "GET", URL: "https://shop.example.com" + port},
		"file":              {Method: "GET", URL: "file:///etc/passwd"},
		"user in address":   {Method: "GET", URL: "http://shop.example.com" + port + "@evil.example.com/"},
		"suffix":            {Method: "GET", URL: "http://shop.example.com.evil.example.com" + port},
		"redirect inside":   {Method: "GET", URL: address + "/?to=http://169.254.169.254/"},
		"redirect outside":  {Method: "GET", URL: address + "/?to=https://evil.example.com/"},
		"redirect to file":  {Method: "GET", URL: address + "/?to=file:///etc/passwd"},
		"endless redirects": {Method: "GET", URL: address + "/?to=" + url.QueryEscape("?to="+url.QueryEscape("?to=%3Fto%3D%253Fto%253D%25253Fto%25253Dx"))},
		"host header":       {Method: "GET", URL: address, Headers: []abi.Header{{Name: "Host", Value: "evil.example.com"}}},
		"line break":        {Method: "GET", URL: address, Headers: []abi.Header{{Name: "X-A", Value: "b\r\nHost: evil.example.com"}}},
		"second request":    {Method: "GET", URL: address, Headers: []abi.Header{{Name: "Transfer-Encoding", Value: "chunked"}}},
		"request in method": {Method: "GET / HTTP/1.1\r\nX: ", URL: address},
		"tunnel":            {Method: "CONNECT", URL: address},
	} {
		t.Run(name, func(t *testing.T) { fails(t, p, "ask", request(t, r), abi.Blocked, "") })
	}
}

// What a name means is checked for each dial, on the very address that is dialled.
func TestANameThatComesToMeanInsideIsNotReached(t *testing.T) {
	for _, inside := range []string{"169.254.169.254", "10.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "0.0.0.0"} {
		p, address := hostile(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), &addresses{"127.0.0.1", inside})
		do(t, p, "fetch", address)
		fails(t, p, "fetch", address, abi.Blocked, "allow_private")
	}
}

// The platform, or the plugin by its help, tries to show the plugin its credential.
func TestNoSecretReachesThePlugin(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		credential := r.Header.Get("Authorization")
		w.Header().Set("X-Echo", credential)
		w.Header().Set("X-Hex", hex.EncodeToString([]byte(secret)))
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to+credential[len("Bearer "):], http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, credential+" "+url.QueryEscape(credential)+" "+base64.StdEncoding.EncodeToString([]byte(credential))+" "+r.URL.String())
	}
	p, address := hostile(t, http.HandlerFunc(echo), &addresses{"127.0.0.1"})
	for name, r := range map[string]abi.Request{
		"echo":            {Method: "GET", URL: address},
		"placeholder":     {Method: "GET", URL: address + "/{token}", Headers: []abi.Header{{Name: "X-A", Value: "{token}"}}},
		"redirect":        {Method: "GET", URL: address + "/?to=/"},
		"bad redirect":    {Method: "GET", URL: address + "/?to=http://evil.example.com/"},
		"lost connection": {Method: "GET", URL: "http://shop.example.com:1/" + "{token}"},
	} {
		out, _, err := p.Invoke(t.Context(), action("ask", request(t, r)))
		seen := string(out)
		if err != nil {
			seen = err.Error()
		}
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("Bearer " + secret))[8:32]} {
			if strings.Contains(seen, form) {
				t.Errorf("%s: the plugin sees %s in %s", name, form, seen)
			}
		}
	}
}
