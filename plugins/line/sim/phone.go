package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// pushToPhone is the notification message: to the user whose telephone number
// hashes to "to", told later by a delivery event if there is a tag.
func (a *account) pushToPhone(c *call) (int, any, *refusal) {
	s, no := c.readSending()
	if no != nil {
		return 0, nil, no
	}
	tag := c.r.Header.Get("X-Line-Delivery-Tag")
	if tag != "" && (len(tag) < 16 || len(tag) > 100) {
		return 0, nil, refused(http.StatusBadRequest, "The value for the 'X-Line-Delivery-Tag' header is invalid")
	}
	for _, u := range a.users.Select(func(u user) bool { return u.Phone != "" }) {
		sum := sha256.Sum256([]byte(u.Phone))
		if hex.EncodeToString(sum[:]) != s.To {
			continue
		}
		a.deliver(c, "phone", []string{u.ID}, []string{u.ID}, s)
		if tag != "" {
			a.hooks.send(event{"type": "delivery", "delivery": map[string]any{"data": tag}}, u.ID)
		}
		return http.StatusOK, empty{}, nil
	}
	return 0, nil, refused(http.StatusUnprocessableEntity, "Failed to send messages")
}
