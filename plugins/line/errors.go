package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

// Codes of errors that rules may want to tell apart.
const (
	codeMonthlyLimit = "monthly_limit"
	codeReplyToken   = "reply_token"
	codeOtherUser    = "unknown_recipient"
)

// failure is the Messaging API's error body.
type failure struct {
	Message string   `json:"message"`
	Details []detail `json:"details"`
}

// detail names one property of the request and what is wrong with it.
type detail struct {
	Message  string `json:"message"`
	Property string `json:"property"`
}

// maxSaid is how much of the platform's words an error carries, in bytes.
const maxSaid = 600

// readError adds what the body says to what the status says. 429 has three
// meanings, which only the words tell apart: too fast, too much for one user,
// and the month's messages used up. The last one does not pass by waiting, so
// it is Denied: a person buys messages, or waits for the next month.
func readError(answer *rest.Response) error {
	fault := rest.StatusError(answer)
	var body failure
	if sdk.Decode(answer.Body, &body) != nil || body.Message == "" {
		return fault
	}
	fault.Message = clip(body.said(), maxSaid)
	switch {
	case answer.Status == 429 && strings.Contains(body.Message, "monthly limit"):
		fault.Kind, fault.Code = abi.Denied, codeMonthlyLimit
	case answer.Status == 400 && strings.Contains(body.Message, "Invalid reply token"):
		fault.Code = codeReplyToken
	case answer.Status == 400 && body.isOfUsers():
		fault.Code = codeOtherUser
	default:
		fault.Code = body.code()
	}
	return fault
}

// isOfUsers says that the message was refused for whom it is to.
func (f *failure) isOfUsers() bool {
	return strings.Contains(f.Message, "Failed to send messages") ||
		strings.Contains(f.Message, "The property, to,") || strings.Contains(f.Message, "The property, to[")
}

// isOtherUser says that a recipient is none of this account's.
func isOtherUser(err error) bool { return abi.AsError(err).Code == codeOtherUser }

// said is all of the body in one line.
func (f *failure) said() string {
	var text strings.Builder
	text.WriteString(f.Message)
	for _, d := range f.Details {
		text.WriteString("; ")
		if d.Property != "" {
			text.WriteString(d.Property + ": ")
		}
		text.WriteString(d.Message)
	}
	return text.String()
}

// code returns the code that audience operations put into the details, such as AUDIENCE_GROUP_NOT_FOUND.
func (f *failure) code() string {
	for _, d := range f.Details {
		if len(d.Message) > 3 && strings.Trim(d.Message, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
			return d.Message
		}
	}
	return ""
}

// clip shortens text to limit bytes, at a rune's end.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
