package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	multipartType = "multipart/form-data; boundary=b"
	multipartBody = "--b\r\ncontent-disposition: form-data; name=\"z\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--b--\r\n"
)

// Parts that were taken apart and put together again are other bytes, and no
// signature over the bytes holds any more.
func TestADeliveryInPartsArrivesAsItWasSent(t *testing.T) {
	s := start(t, func(o *web.Options) {
		o.Hooks = append(o.Hooks, web.Hook{
			Connection: "parts", Token: hookToken, Secrets: map[string]string{"secret": hookSecret},
			Webhook: abi.Webhook{Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "X-Signature", Secret: "secret"}}},
		})
	})
	for name, body := range map[string]string{"whole": multipartBody, "broken": "--b\r\nno parts"} {
		mac := hmac.New(sha256.New, []byte(hookSecret))
		mac.Write([]byte(body))
		signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		got := s.send(t, "POST", "/hooks/parts/"+hookToken, body, "Content-Type", multipartType, "X-Signature", signature)
		if got.status != http.StatusOK {
			t.Errorf("%s: answered %d", name, got.status)
			continue
		}
		all := s.intake.all()
		if d := all[len(all)-1]; string(d.Body) != body {
			t.Errorf("%s: arrived as %q", name, d.Body)
		}
	}
}

// A reverse proxy sends requests of many people over one connection: what
// stands within a body must never be taken for the next request.
func TestNothingOfABodyIsTakenForARequest(t *testing.T) {
	s := start(t, withForm(&taker{}, 1))
	within := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	parts := multipartBody + strings.Repeat("x", 4096-len(multipartBody)) + within // what reads parts has a buffer of 4096 bytes
	for name, c := range map[string]struct{ head, body string }{
		"after the last part": {"POST /forms/contact HTTP/1.1\r\nContent-Type: " + multipartType, parts},
		"get":                 {"GET /readyz HTTP/1.1", within},
		"head":                {"HEAD /readyz HTTP/1.1", within},
		"options":             {"OPTIONS /forms/contact HTTP/1.1", within},
		"nobody's hook":       {"POST /hooks/x/y HTTP/1.1", within},
		"refused, large":      {"POST /hooks/x/y HTTP/1.1", parts},
		"continued":           {"POST /hooks/x/y HTTP/1.1\r\nExpect: 100-continue", within},
	} {
		for framing, body := range map[string]string{
			fmt.Sprint("Content-Length: ", len(c.body)): c.body,
			"Transfer-Encoding: chunked":                fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(c.body), c.body),
		} {
			got := s.raw(t, c.head+"\r\nHost: x\r\n"+framing+"\r\n\r\n"+body)
			got = strings.TrimPrefix(got, "HTTP/1.1 100 Continue\r\n\r\n")
			if n := strings.Count(got, "HTTP/1.1 "); n != 1 {
				t.Errorf("%s, %s: %d answers:\n%s", name, framing, n, got)
			}
		}
	}
}

// Who stands before the host may take another length for the right one: what
// follows then is of nobody knows whom.
func TestNothingFollowsABodyOfTwoLengths(t *testing.T) {
	s := start(t)
	within := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
	long := fmt.Sprint("Content-Length: ", 5+len(within))
	for name, c := range map[string]struct{ head, body string }{
		"length, then chunks": {long + "\r\nTransfer-Encoding: chunked", "0\r\n\r\n"},
		"chunks, then length": {"transfer-encoding: chunked\r\n" + long, "0\r\n\r\n"},
		"two lengths":         {long + "\r\nContent-length: 0", ""},
		"two codings":         {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", ""},
	} {
		got := s.raw(t, fmt.Sprintf("POST /hooks/shop/%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", hookToken, c.head, c.body+within))
		if n := strings.Count(got, "HTTP/1.1 "); n != 1 {
			t.Errorf("%s: %d answers:\n%s", name, n, got)
		}
	}
	once := fmt.Sprintf("POST /hooks/shop/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\nContent-Length:0", hookToken)
	if got := s.raw(t, once+within); strings.Count(got, "HTTP/1.1 ") != 2 {
		t.Errorf("after a body of one length:\n%s", got)
	}
}

// What one request may bring is not what the next over the same connection may.
func TestEachRequestOfAConnectionHasItsOwnLimit(t *testing.T) {
	s := start(t)
	send := func(path, framing, body string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", path, framing, body)
	}
	mine := send("/hooks/signed/"+hookToken, "X-Secret: "+hookSecret+"\r\nContent-Length: 2000", strings.Repeat("x", 2000))
	chunks := strings.Repeat("200\r\n"+strings.Repeat("x", 0x200)+"\r\n", 3) + "0\r\n\r\n"
	for name, stranger := range map[string]string{
		"length":    send("/hooks/signed/x", "Content-Length: 1025", strings.Repeat("x", 1025)),
		"chunks":    send("/hooks/signed/x", "Transfer-Encoding: chunked", chunks),
		"continued": send("/hooks/signed/x", "Expect: 100-continue\r\nContent-Length: 1025", strings.Repeat("x", 1025)),
	} {
		got := s.raw(t, mine+mine+stranger+mine)
		if strings.Count(got, " 200 OK") != 2 || strings.Count(got, " 401 ")+strings.Count(got, " 413 ") != 1 {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// A delivery that its platform was told to keep is an event that may be lost: the operator can see why.
func TestADeliveryThatIsTooLargeIsToldOf(t *testing.T) {
	for framing, c := range map[string]struct{ head, body, counted, logged string }{
		"length": {"Content-Length: 1001", strings.Repeat("x", 1001), "shop too_large", `connection=shop reason="body too large"`},
		"chunks": {
			"Transfer-Encoding: chunked", "3e9\r\n" + strings.Repeat("x", 1001) + "\r\n0\r\n\r\n",
			" too_large", `connection="" reason="body too large"`,
		},
	} {
		s := start(t)
		got := s.raw(t, fmt.Sprintf("POST /hooks/shop/%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", hookToken, c.head, c.body))
		s.stop(t)
		if !strings.Contains(got, " 413 ") || s.meter.last() != c.counted || !strings.Contains(s.log.String(), c.logged) {
			t.Errorf("%s: counted as %q, answered and logged:\n%s\n%s", framing, s.meter.last(), got, s.log)
		}
	}
}

// raw sends bytes as they are and returns all that is answered.
func (s *site) raw(t *testing.T, text string) string {
	t.Helper()
	conn, err := net.DialTCP("tcp", nil, s.tcp(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) { // a refused body is not read
		t.Error(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	return string(got)
}
