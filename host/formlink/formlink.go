// Package formlink signs the addresses of forms: who opens one is the member
// for whom it was made, until it expires. A link is worth what the message is
// worth in which it was sent; it shows nothing that the host knows.
package formlink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrInvalid is returned for a token that was not signed with the key, is of
// another form, or has expired.
var ErrInvalid = errors.New("formlink: the link is not valid, or no longer")

const separator = "\x00"

// Token names a member in a form's address until expires.
func Token(key []byte, form, member string, expires time.Time) string {
	payload := strings.Join([]string{form, member, strconv.FormatInt(expires.Unix(), 36)}, separator)
	return base64.RawURLEncoding.EncodeToString(append([]byte(payload+separator), sign(key, "link"+separator+payload)...))
}

// Member returns whom a token of the form names.
func Member(key []byte, form, token string, now time.Time) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= sha256.Size {
		return "", ErrInvalid
	}
	payload, signature := string(raw[:len(raw)-sha256.Size]), raw[len(raw)-sha256.Size:]
	payload, _ = strings.CutSuffix(payload, separator)
	if !hmac.Equal(signature, sign(key, "link"+separator+payload)) {
		return "", ErrInvalid
	}
	parts := strings.Split(payload, separator)
	if len(parts) != 3 || parts[0] != form {
		return "", ErrInvalid
	}
	expires, err := strconv.ParseInt(parts[2], 36, 64)
	if err != nil || now.Unix() >= expires {
		return "", ErrInvalid
	}
	return parts[1], nil
}

// Signature is what a server that posts for its users sends along: the HMAC of
// the form's name, a line break and the body, in hexadecimal. It serves at no
// other form of the same key. No form's name begins as what a link signs.
func Signature(key []byte, form string, body []byte) string {
	return hex.EncodeToString(sign(key, form+"\n"+string(body)))
}

// Signed says whether the signature is that of the body for the form.
func Signed(key []byte, form string, body []byte, signature string) bool {
	return hmac.Equal([]byte(Signature(key, form, body)), []byte(strings.ToLower(signature)))
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
