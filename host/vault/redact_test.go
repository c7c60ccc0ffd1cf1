package vault_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/sdk/abi"
)

// disguises wraps a secret the ways that requests, logs and errors do.
func disguises(secret string) map[string]string {
	quoted, _ := json.Marshal(map[string]string{"k": secret})
	return map[string]string{
		"plain":      "x" + secret + "y",
		"json":       string(quoted),
		"query":      "a=1&t=" + url.QueryEscape(secret) + "&b=2",
		"path":       "/" + url.PathEscape(secret) + "/",
		"hex":        hex.EncodeToString([]byte(secret)),
		"upper hex":  strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base64":     base64.StdEncoding.EncodeToString([]byte(secret)),
		"basic":      base64.StdEncoding.EncodeToString([]byte("u:" + secret)),
		"base64 + 1": base64.URLEncoding.EncodeToString([]byte("x" + secret + "yz")),
		"base64 + 2": base64.RawURLEncoding.EncodeToString([]byte("xy" + secret + "z")),
	}
}

func TestSecretsAreFoundInEveryDisguise(t *testing.T) {
	for _, secret := range []string{"s3cr3t+/=? &\"'", "abcdef0123456789", "秘密の値です"} {
		r := vault.NewRedactor("another-secret", secret)
		for name, text := range disguises(secret) {
			for _, clean := range []string{r.Text(text), string(r.Bytes([]byte(text)))} {
				if clean == text || !strings.Contains(clean, vault.Redacted) {
					t.Errorf("%s of %q: %q became %q", name, secret, text, clean)
				}
			}
		}
	}
}

// TestEscapesOfOtherLanguagesAreFound writes a token as PHP, .NET, Gson and others do.
func TestEscapesOfOtherLanguagesAreFound(t *testing.T) {
	for secret, written := range map[string][]string{
		"AbCd/efGh+ijKl/mnOp=": {
			`AbCd\/efGh+ijKl\/mnOp=`, `AbCd\/efGh\u002bijKl\/mnOp\u003d`,
			`AbCd/efGh\u002bijKl/mnOp=`, `AbCd/efGh\u002BijKl/mnOp=`,
			`AbCd/efGh+ijKl/mnOp\u003d`, `AbCd/efGh+ijKl/mnOp\u003D`,
			`AbCd\u002fefGh+ijKl\u002fmnOp=`, `AbCd\u002FefGh\u002BijKl\u002FmnOp\u003D`,
			`AbCd%2fefGh%2bijKl%2fmnOp%3d`, `AbCd%2FefGh%2BijKl%2FmnOp%3D`, `AbCd/efGh%2bijKl/mnOp%3d`,
			`AbCd/efGh&#43;ijKl/mnOp=`, `AbCd/efGh&#x2b;ijKl/mnOp=`, `AbCd&#x2F;efGh&#x2B;ijKl&#x2F;mnOp&#x3D;`,
			`AbCd&#x2F;efGh+ijKl&#x2F;mnOp&#x3D;`,
		},
		`a&b<c>d"e'f`: {
			`a\u0026b\u003cc\u003ed\"e'f`, `a\u0026b\u003Cc\u003Ed\u0022e\u0027f`, `a&b<c>d\"e'f`,
			`a&amp;b&lt;c&gt;d&quot;e&#039;f`, `a&amp;b&lt;c&gt;d&#34;e&#39;f`, `a&amp;b&lt;c&gt;d&quot;e&#x27;f`,
			`a%26b%3cc%3ed%22e'f`, `a&#38;b&#60;c&#62;d&#34;e&#39;f`,
		},
		"秘密の 値":          {`\u79d8\u5bc6\u306e \u5024`, `\u79D8\u5BC6\u306E \u5024`, "%e7%a7%98%e5%af%86%e3%81%ae%20%e5%80%a4"},
		"\xff/\xfe+abcd": {"%FF%2F%FE%2Babcd", "%ff%2f%fe%2babcd"},
	} {
		r := vault.NewRedactor(secret)
		for _, text := range written {
			if got := r.Text("<" + text + ">"); got != "<"+vault.Redacted+">" {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}

func TestPlainTokensHaveFewForms(t *testing.T) {
	plain, hard := vault.Forms("a-token-of-some-length-0123456789"), vault.Forms("AbCd/efGh+ijKl/mnOp=")
	if plain > 12 || hard > 80 {
		t.Errorf("%d and %d forms are looked for", plain, hard)
	}
}

func TestEveryLineIsASecret(t *testing.T) {
	r := vault.NewRedactor("old-key/1111\r\n\nshort\n  new-key/2222\n", "-----BEGIN KEY-----\nMIIBVgIBADANBgkq\n-----END KEY-----\n")
	for text, want := range map[string]string{
		"old-key/1111":        vault.Redacted,
		`"new-key\/2222"`:     `"` + vault.Redacted + `"`,
		"a short text":        "a short text",
		"MIIBVgIBADANBgkq":    vault.Redacted,
		"-----BEGIN KEY-----": "-----BEGIN KEY-----",
		`-----BEGIN KEY-----\nMIIBVgIBADANBgkq\n-----END KEY-----`: vault.Redacted,
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestLongerSecretGoesFirst(t *testing.T) {
	r := vault.NewRedactor("secret", "secret-and-more")
	if got := r.Text("is secret-and-more"); got != "is "+vault.Redacted {
		t.Errorf("got %q", got)
	}
}

func TestRenewedSecretsAreForgottenInTime(t *testing.T) {
	r := vault.NewRedactor("for-good")
	for i := range 100 {
		r.Renew("crm", fmt.Sprintf("token-number-%03d", i))
		r.Renew("crm", fmt.Sprintf("token-number-%03d", i))
	}
	for text, hidden := range map[string]bool{
		"for-good": true, "token-number-099": true, "token-number-098": true, "token-number-097": true, "token-number-096": false,
	} {
		if got := r.Text(text); (got == vault.Redacted) != hidden {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestShortAndEmptyValuesAreLeftAlone(t *testing.T) {
	r := vault.NewRedactor("", " ", "ja", "12345")
	if got := r.Text("ja 12345"); got != "ja 12345" {
		t.Errorf("got %q", got)
	}
	b := []byte("nothing here")
	if got := r.Bytes(b); &got[0] != &b[0] {
		t.Error("clean bytes were copied")
	}
}

func TestErrorsAreCleanedWhole(t *testing.T) {
	e := &abi.Error{Kind: abi.Auth, Message: "no s3cr3t-x", Code: "s3cr3t-x", Fields: []string{"s3cr3t-x"}, Status: 401}
	clean := vault.NewRedactor("s3cr3t-x").Error(e)
	if strings.Contains(clean.Message+clean.Code+clean.Fields[0], "s3cr3t") || clean.Status != 401 {
		t.Errorf("got %+v", clean)
	}
	if e.Message != "no s3cr3t-x" || e.Fields[0] != "s3cr3t-x" {
		t.Error("the original changed")
	}
	if vault.NewRedactor().Error(nil) != nil {
		t.Error("nil became an error")
	}
}

func FuzzRedactorLeavesNothing(f *testing.F) {
	f.Add("secret-value", "before ", " after")
	f.Add("a\"b\\c\nd", "{\"k\":\"", "\"}")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		r := vault.NewRedactor(secret)
		secret = strings.TrimSpace(secret)
		if len(secret) < 6 {
			return
		}
		clean := r.Text(before + secret + after)
		// What is left when the marks are taken out too may join to the secret anew: only the whole counts.
		if strings.Contains(strings.ReplaceAll(clean, vault.Redacted, "\x00"), secret) {
			t.Errorf("%q is in %q", secret, clean)
		}
	})
}
