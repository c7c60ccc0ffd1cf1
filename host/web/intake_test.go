package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestADeliveryArrivesWhole(t *testing.T) {
	s := start(t)
	body := "{\"id\":1,\n \"名前\":\"花子\"}"
	got := s.send(t, "POST", "/hooks/shop/"+hookToken+"?a=1&b=%20", body, "X-Ecf-Event", "customer_updated", "Content-Type", "application/json")
	if got.status != 200 {
		t.Fatalf("answered %d", got.status)
	}
	d := s.intake.all()[0]
	if d.Connection != "shop" || d.Method != http.MethodPost || d.Query != "a=1&b=%20" || string(d.Body) != body || d.RemoteIP != "127.0.0.1" {
		t.Errorf("delivery is %+v", d)
	}
	if v := abi.HeaderValue(d.Headers, "x-ecf-event"); v != "customer_updated" {
		t.Errorf("headers are %v", d.Headers)
	}
	if s.meter.last() != "shop accepted" {
		t.Errorf("counted as %q", s.meter.last())
	}
}

// TestDeliveriesAreCopied sends many over one connection: what is kept of the
// first must not change with the next.
func TestDeliveriesAreCopied(t *testing.T) {
	s := start(t)
	for i := range 20 {
		s.send(t, "POST", fmt.Sprintf("/hooks/shop/%s?n=%d", hookToken, i), fmt.Sprintf("body %d", i), "X-Event", fmt.Sprint("event ", i))
	}
	for i, d := range s.intake.all() {
		got := []string{d.Method, d.Query, string(d.Body), abi.HeaderValue(d.Headers, "X-Event")}
		want := []string{"POST", fmt.Sprint("n=", i), fmt.Sprint("body ", i), fmt.Sprint("event ", i)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("delivery %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestAPlatformMayVerifyByGet(t *testing.T) {
	s := start(t)
	s.intake.answer = func(d host.Delivery) (host.Receipt, error) {
		return host.Receipt{Reply: &abi.HookReply{Status: 202, ContentType: "text/xml", Body: "<Ack>" + d.Query + "</Ack>"}}, nil
	}
	got := s.send(t, "GET", "/hooks/shop/"+hookToken+"?challenge=7", "")
	if got.status != 202 || got.body != "<Ack>challenge=7</Ack>" || got.headers.Get("Content-Type") != "text/xml" {
		t.Errorf("answered %+v", got)
	}
}

// TestNothingTellsWhatWasWrong sends deliveries that are wrong in different ways.
func TestNothingTellsWhatWasWrong(t *testing.T) {
	s := start(t)
	want := answer{}
	for i, path := range []string{
		"/hooks/nobody/" + hookToken, "/hooks/shop/wrong-token", "/hooks/shop/" + hookToken + "x", "/hooks/signed/" + hookToken,
	} {
		got := s.send(t, "POST", path, "x")
		got.headers.Del("Date")
		if i == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); got.status != http.StatusUnauthorized || diff != "" {
			t.Errorf("%s answered %+v:\n%s", path, got, diff)
		}
	}
	if n := len(s.intake.all()); n != 0 {
		t.Errorf("%d deliveries got through", n)
	}
	if s.meter.last() != "signed unauthorized" {
		t.Errorf("counted as %q", s.meter.last())
	}
}

func TestSecretsReachNeitherLogNorPlugin(t *testing.T) {
	s := start(t)
	if got := s.send(t, "POST", "/hooks/signed/"+hookToken, "x", "X-Secret", hookSecret); got.status != 200 {
		t.Fatalf("answered %d", got.status)
	}
	if v := abi.HeaderValue(s.intake.all()[0].Headers, "X-Secret"); v != "" {
		t.Errorf("the secret header was handed on as %q", v)
	}
	s.send(t, "POST", "/hooks/shop/guessed-token", "x")
	s.send(t, "POST", "/hooks/signed/"+hookToken, "x", "X-Secret", "guessed-secret")
	s.stop(t)
	log := s.log.String()
	for _, secret := range []string{hookToken, hookSecret, "guessed-token", "guessed-secret"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %s:\n%s", secret, log)
		}
	}
	if !strings.Contains(log, `connection=shop reason="wrong token"`) || !strings.Contains(log, `connection=signed reason="wrong signature"`) {
		t.Errorf("the log does not say what was refused:\n%s", log)
	}
}

// The address is a credential, and what stands before a host writes it into headers of its own.
func TestTheAddressReachesNeitherLogNorPlugin(t *testing.T) {
	s := start(t)
	path := "/hooks/shop/" + hookToken
	s.send(t, "POST", path, "x", "X-Forwarded-Uri", path+"?a=1", "X-Original-Url", "https://hooks.example.com"+path)
	d := s.intake.all()[0]
	if v := abi.HeaderValue(d.Headers, "X-Forwarded-Uri"); v != "/hooks/shop/[redacted]?a=1" {
		t.Errorf("X-Forwarded-Uri is %q", v)
	}
	if v := abi.HeaderValue(d.Headers, "X-Original-Url"); v != "https://hooks.example.com/hooks/shop/[redacted]" {
		t.Errorf("X-Original-Url is %q", v)
	}
	s.intake.answer = func(host.Delivery) (host.Receipt, error) { panic("a fault of ours") }
	if got := s.send(t, "POST", path, "x"); got.status != http.StatusInternalServerError {
		t.Errorf("answered %d", got.status)
	}
	s.stop(t)
	if log := s.log.String(); strings.Contains(log, hookToken) || !strings.Contains(log, "a fault of ours") {
		t.Errorf("the log is\n%s", log)
	}
}

// A password in the address, which a reverse proxy asks for, is the proxy's and no plugin's.
func TestAPasswordForTheProxyReachesNoPlugin(t *testing.T) {
	s := start(t)
	s.send(t, "POST", "/hooks/shop/"+hookToken, "x", "Authorization", "Basic aGFuYWtvOnNlY3JldA==", "Proxy-Authorization", "Basic eA==", "X-Event", "e")
	d := s.intake.all()[0]
	if v := abi.HeaderValue(d.Headers, "Authorization") + abi.HeaderValue(d.Headers, "Proxy-Authorization"); v != "" {
		t.Errorf("handed on: %q", v)
	}
	if v := abi.HeaderValue(d.Headers, "X-Event"); v != "e" {
		t.Errorf("headers are %v", d.Headers)
	}
}

// A header that is misspelt in a manifest, and a clock that is wrong, look like a
// wrong secret to whoever is not told; the platform is told nothing.
func TestTheLogTellsWhatIsWrongWithASignature(t *testing.T) {
	hook := web.Hook{
		Connection: "shop", Token: hookToken, Secrets: map[string]string{"secret": hookSecret},
		Webhook: abi.Webhook{Signatures: []abi.Signature{{
			Type: abi.SignatureHMAC, Header: "X-Sign", Secret: "secret", Payload: "{timestamp}{body}", TimestampHeader: "X-Time", ToleranceSeconds: 300,
		}}},
	}
	now := time.Now()
	for want, headers := range map[string][]string{
		`reason="no signature: it has no header X-Sign"`:                      {"X-Time", fmt.Sprint(now.Unix())},
		`reason="the time in X-Time is not within 5m0s of this host's clock"`: {"X-Time", fmt.Sprint(now.Unix() - 400), "X-Sign", "AAAA"},
		`reason="wrong signature"`:                                            {"X-Time", fmt.Sprint(now.Unix()), "X-Sign", "AAAA"},
	} {
		s := start(t, func(o *web.Options) {
			o.Hooks, o.Clock = []web.Hook{hook}, func() time.Time { return now }
		})
		if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x", headers...); got.status != http.StatusUnauthorized || got.body != "Unauthorized" {
			t.Errorf("answered %+v", got)
		}
		s.stop(t)
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, s.log)
		}
	}
}

// TestABlankSecretSwitchesNothingOff gives an optional signature a secret that came out empty.
func TestABlankSecretSwitchesNothingOff(t *testing.T) {
	hook := web.Hook{
		Connection: "shop", Token: hookToken, Secrets: map[string]string{"secret": hookSecret},
		Webhook: abi.Webhook{Signatures: []abi.Signature{{Type: abi.SignatureHeader, Header: "X-Secret", Secret: "secret", Optional: true}}},
	}
	s := start(t, func(o *web.Options) { o.Hooks = []web.Hook{hook} })
	for _, blank := range []string{"", " ", "\n \n\t\r\n"} {
		hook.Secrets = map[string]string{"secret": blank}
		if _, err := web.New(web.Options{AdminToken: adminToken, Hooks: []web.Hook{hook}}); abi.KindOf(err) != abi.Config || !strings.Contains(err.Error(), "not configured") {
			t.Errorf("%q at the start: %v", blank, err)
		}
		if err := s.SetSecrets(hook); abi.KindOf(err) != abi.Config {
			t.Errorf("%q at run time: %v", blank, err)
		}
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != http.StatusUnauthorized {
		t.Errorf("an unsigned delivery got %d", got.status)
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x", "X-Secret", hookSecret); got.status != http.StatusOK {
		t.Errorf("a delivery with the last good secret got %d", got.status)
	}
	hook.Secrets = nil
	if _, err := web.New(web.Options{AdminToken: adminToken, Hooks: []web.Hook{hook}}); err != nil {
		t.Errorf("without the optional secret: %v", err)
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	s := start(t)
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, strings.Repeat("x", 1001)); got.status != 413 {
		t.Errorf("over the connection's limit: %d", got.status)
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, strings.Repeat("x", 1000)); got.status != 200 {
		t.Errorf("at the limit: %d", got.status)
	}
	if got := rawStatus(t, s, fmt.Sprintf("POST /hooks/shop/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n", hookToken)); !strings.Contains(got, "413") {
		t.Errorf("a giant was answered %q", got)
	}
}

// A body is kept in memory until it is whole: who has no right to bring one is
// answered by the request's head.
func TestABodyIsReadByWhoMayBringIt(t *testing.T) {
	s := start(t, withForm(&taker{}, 1))
	for name, c := range map[string]struct {
		target, head string
		length       int
		want         string
	}{
		"hook":                  {"/hooks/shop/" + hookToken, "", 1001, "413"},
		"hook, absolute target": {"http://host.example.com/hooks/shop/" + hookToken + "?a=b", "", 1000, "wait"},
		"wrong token":           {"/hooks/shop/x", "", 1000, "wait"},
		"wrong token, large":    {"/hooks/shop/x", "", 1025, "401"},
		"nobody's hook, large":  {"/hooks/shoes/" + hookToken, "", 1025, "401"},
		"hook, encoded":         {"/%68ooks/shop/" + hookToken, "", 1025, "413"},
		"form":                  {"/forms/contact", "", 8192, "wait"},
		"form, large":           {"/forms/contact", "", 8193, "413"},
		"no such form":          {"/forms/other", "", 1025, "413"},
		"admin":                 {api.Prefix + "/runs/cancel", "Authorization: Bearer " + adminToken + "\r\n", 1 << 20, "wait"},
		"admin, large":          {api.Prefix + "/runs/cancel", "Authorization: Bearer " + adminToken + "\r\n", 1<<20 + 1, "413"},
		"admin, wrong token":    {api.Prefix + "/runs/cancel", "Authorization: Bearer x\r\n", 1025, "401"},
		"admin, no token":       {api.Prefix + "/runs/cancel", "", 1025, "401"},
		"elsewhere":             {"/", "", 1025, "413"},
	} {
		got := rawStatus(t, s, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n", c.target, c.head, c.length))
		if c.want == "wait" { // it was waited for, until the sender went away
			c.want = "400"
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %s", name, got, c.want)
		}
	}
}

func TestBrokenRequestsDoNotStopTheServer(t *testing.T) {
	s := start(t)
	for name, raw := range map[string]string{
		"not http":     "hello\r\n\r\n",
		"endless head": "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 1<<17) + "\r\n\r\n",
		"two lengths":  "POST /hooks/shop/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 20\r\n\r\nx",
	} {
		if got := rawStatus(t, s, raw); strings.Contains(got, " 200 ") {
			t.Errorf("%s was answered %q", name, got)
		}
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 200 {
		t.Errorf("a good delivery after them got %d", got.status)
	}
}

func TestAPanicIsOnlyThatDeliverys(t *testing.T) {
	s := start(t)
	s.intake.answer = func(host.Delivery) (host.Receipt, error) { panic("broken intake") }
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 500 || strings.Contains(got.body, "broken") {
		t.Errorf("answered %+v", got)
	}
	if got := s.send(t, "GET", "/healthz", ""); got.status != 200 {
		t.Errorf("health after it is %d", got.status)
	}
	s.stop(t)
	if !strings.Contains(s.log.String(), "broken intake") {
		t.Errorf("the log does not tell: %s", s.log)
	}
}

func TestOnlyPostAndGetAreDeliveries(t *testing.T) {
	s := start(t)
	for _, method := range []string{"HEAD", "PUT", "DELETE", "OPTIONS"} {
		if got := s.send(t, method, "/hooks/shop/"+hookToken, ""); got.status != 404 && got.status != 405 {
			t.Errorf("%s was answered %d", method, got.status)
		}
	}
	if n := len(s.intake.all()); n != 0 {
		t.Errorf("%d deliveries got through", n)
	}
}

func TestAFullHostAsksThePlatformToComeAgain(t *testing.T) {
	for name, c := range map[string]struct {
		err        error
		status     int
		retryAfter string
		outcome    string
	}{
		"rate limited": {&abi.Error{Kind: abi.RateLimited, RetryAfterMS: 7000}, 429, "7", "shop refused"},
		"unavailable":  {fmt.Errorf("committing: %w", &abi.Error{Kind: abi.Unavailable}), 503, "5", "shop refused"},
		"our fault":    {errors.New("broken"), 500, "", "shop failed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.intake.answer = func(host.Delivery) (host.Receipt, error) { return host.Receipt{}, c.err }
			got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x")
			if got.status != c.status || got.headers.Get("Retry-After") != c.retryAfter || s.meter.last() != c.outcome {
				t.Errorf("answered %d, Retry-After %q, counted as %q", got.status, got.headers.Get("Retry-After"), s.meter.last())
			}
		})
	}
}

// What does not fit is refused at once: it waits at the platform and not in memory.
func TestDeliveriesBeyondTheRoomAreRefused(t *testing.T) {
	s := start(t, func(o *web.Options) { o.MaxDeliveries = 2 })
	s.intake.block = make(chan struct{})
	answers := make(chan int, 3)
	for n := range 2 {
		go func() { answers <- s.send(t, "POST", "/hooks/shop/"+hookToken, "x").status }()
		await(t, func() bool { return len(s.intake.all()) == n+1 })
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 503 || got.headers.Get("Retry-After") != "5" {
		t.Errorf("the third is answered %d, Retry-After %q", got.status, got.headers.Get("Retry-After"))
	}
	close(s.intake.block)
	if first, second := <-answers, <-answers; first != 200 || second != 200 {
		t.Errorf("those that fitted are answered %d and %d", first, second)
	}
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 200 {
		t.Errorf("afterwards one is answered %d", got.status)
	}
}

func await(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited ten seconds")
		}
	}
}

func TestASlowDeliveryIsAskedToComeAgain(t *testing.T) {
	s := start(t, func(o *web.Options) { o.DeliveryTime = 20 * time.Millisecond })
	s.intake.block = make(chan struct{})
	if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 503 || got.headers.Get("Retry-After") == "" {
		t.Errorf("answered %d, Retry-After %q", got.status, got.headers.Get("Retry-After"))
	}
}

func TestOutcomesAreCounted(t *testing.T) {
	for outcome, receipt := range map[string]host.Receipt{
		"shop accepted":  {Accepted: []string{"01E"}, Duplicates: 1},
		"shop duplicate": {Duplicates: 2},
		"shop dead":      {Dead: "01D"},
	} {
		s := start(t)
		s.intake.answer = func(host.Delivery) (host.Receipt, error) { return receipt, nil }
		if got := s.send(t, "POST", "/hooks/shop/"+hookToken, "x"); got.status != 200 || s.meter.last() != outcome {
			t.Errorf("answered %d, counted as %q, want %q", got.status, s.meter.last(), outcome)
		}
	}
}

// rawStatus sends bytes as they are and returns the first line of the answer.
func rawStatus(t *testing.T, s *site, raw string) string {
	t.Helper()
	conn, err := net.DialTCP("tcp", nil, s.tcp(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := conn.Write([]byte(raw)); err != nil {
		return err.Error()
	}
	if err := conn.CloseWrite(); err != nil {
		return err.Error()
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return line
}

func (s *site) tcp(t *testing.T) *net.TCPAddr {
	t.Helper()
	addr, err := net.ResolveTCPAddr("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}
