package egress_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestOnlyTheManifestsOriginsAreReached(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, o)
	host := strings.TrimPrefix(server.URL, "http://")
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	answers(t, c, get(strings.ToUpper(server.URL)+"/ok"), http.StatusOK)
	for name, address := range map[string]string{
		"another host":     "https://evil.example.com/",
		"another port":     "http://127.0.0.1:1/",
		"another scheme":   "https://" + host + "/",
		"same host, name":  "http://localhost" + port + "/",
		"ipv6":             "http://[::1]" + port + "/",
		"mapped ipv6":      "http://[::ffff:127.0.0.1]" + port + "/",
		"decimal address":  "http://2130706433" + port + "/",
		"octal address":    "http://0177.0.0.1" + port + "/",
		"short address":    "http://127.1" + port + "/",
		"suffix":           "http://127.0.0.1.evil.example.com" + port + "/",
		"trailing dot":     "http://127.0.0.1." + port + "/",
		"user":             "http://" + host + "@evil.example.com/",
		"user here":        "http://evil@" + host + "/",
		"backslash":        `http://evil.example.com\@` + host + "/",
		"encoded at":       "http://evil.example.com%40" + host + "/",
		"file":             "file:///etc/passwd",
		"gopher":           "gopher://" + host + "/",
		"no scheme":        "//" + host + "/",
		"opaque":           "http:" + host,
		"empty":            "",
		"control":          "http://" + host + "/\r\nX: y",
		"full-width":       "http://１２７．０．０．１" + port + "x/",
		"fragment as host": "http://evil.example.com#@" + host + "/",
	} {
		t.Run(name, func(t *testing.T) { refuses(t, c, get(address), abi.Blocked, "") })
	}
}

func TestSettingListsOrigins(t *testing.T) {
	one, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	other, _ := platform(t, func(http.ResponseWriter, *http.Request) {})
	o.Manifest.Hosts = append(o.Manifest.Hosts, "{hosts}")
	o.Manifest.Settings = &abi.Schema{Properties: map[string]*abi.Schema{"hosts": {Type: abi.TypeArray}}}
	refuses(t, newClient(t, o), get(other.URL), abi.Blocked, "")
	o.Settings = []byte(`{"base_url":"` + one.URL + `","hosts":["` + other.URL + `","https://api.example.com"]}`)
	answers(t, newClient(t, o), get(one.URL), http.StatusOK)
	answers(t, newClient(t, o), get(other.URL), http.StatusOK)
}

func TestFullWidthHostIsTheSameHost(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	answers(t, newClient(t, o), get(strings.Replace(server.URL, "127.0.0.1", "１２７.０.０.１", 1)), http.StatusOK)
}

func TestMethodsThatTunnelAreRefused(t *testing.T) {
	server, o := platform(t, func(http.ResponseWriter, *http.Request) {})
	for _, method := range []string{"CONNECT", "TRACE", "", "GET /x HTTP/1.1\r\nHost: evil", "G ET"} {
		refuses(t, newClient(t, o), &abi.Request{Method: method, URL: server.URL}, abi.Blocked, "method")
	}
}

func TestManifestHostsAreChecked(t *testing.T) {
	for name, c := range map[string]struct{ host, settings, text string }{
		"literal http":     {"http://api.example.com", `{}`, "must be https"},
		"missing setting":  {"{base_url}", `{}`, "base_url is missing"},
		"setting no url":   {"{base_url}", `{"base_url":"shop"}`, "scheme"},
		"setting with key": {"{base_url}", `{"base_url":"https://key@shop.example.com"}`, "user name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := platform(t, nil)
			o.Manifest, o.Settings = &abi.Manifest{Hosts: []string{c.host}}, []byte(c.settings)
			_, err := egress.NewClient(o)
			if abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}
