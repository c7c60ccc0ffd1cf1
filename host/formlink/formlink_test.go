package formlink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/formlink"
)

var (
	key = []byte("0123456789abcdef")
	now = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
)

func TestALinkNamesItsMemberUntilItExpires(t *testing.T) {
	token := formlink.Token(key, "contact", "01K", now.Add(time.Hour))
	for name, c := range map[string]struct {
		key         []byte
		form, token string
		now         time.Time
		ok          bool
	}{
		"right":       {key, "contact", token, now, true},
		"expired":     {key, "contact", token, now.Add(time.Hour), false},
		"other form":  {key, "survey", token, now, false},
		"other key":   {[]byte("another key"), "contact", token, now, false},
		"cut":         {key, "contact", token[:len(token)-2], now, false},
		"empty":       {key, "contact", "", now, false},
		"changed":     {key, "contact", strings.Replace(token, token[8:9], "_", 1), now, false},
		"not base64":  {key, "contact", "***", now, false},
		"only a hash": {key, "contact", token[len(token)-43:], now, false},
	} {
		member, err := formlink.Member(c.key, c.form, c.token, c.now)
		if (err == nil) != c.ok || (c.ok && member != "01K") {
			t.Errorf("%s: %q, %v", name, member, err)
		}
	}
}

func TestBodiesAreSigned(t *testing.T) {
	signature := formlink.Signature(key, "contact", []byte("body"))
	if !formlink.Signed(key, "contact", []byte("body"), strings.ToUpper(signature)) {
		t.Error("the right signature is refused")
	}
	if formlink.Signed(key, "contact", []byte("bodz"), signature) || formlink.Signed([]byte("x"), "contact", []byte("body"), signature) ||
		formlink.Signed(key, "contact", nil, "") {
		t.Error("a wrong signature is taken")
	}
	if formlink.Signed(key, "survey", []byte("body"), signature) {
		t.Error("what was signed for one form is taken at another of the same key")
	}
	if signature == formlink.Token(key, "body", "", now) {
		t.Error("a link is a signature")
	}
}

func FuzzTokensThatNobodySigned(f *testing.F) {
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if member, err := formlink.Member(key, "contact", token, now); err == nil {
			t.Errorf("%q is %q", token, member)
		}
	})
}
