package abi

import (
	"encoding/json"
	"time"

	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// Op is what the host asks a plugin to do.
type Op string

// The operations.
const (
	// OpAction carries out the action Name: input JSON in, output JSON out.
	OpAction Op = "action"
	// OpConfirm asks whether the action Name, called before with this input and
	// without an answer, was carried out. Answers a [Confirmation].
	OpConfirm Op = "confirm"
	// OpWebhook turns one delivery (headers, query, raw body) into a [Receipt].
	OpWebhook Op = "webhook"
	// OpPoll fetches one page of the trigger Name: [PollInput] in, [PollPage] out.
	OpPoll Op = "poll"
)

// Call is one invocation of a plugin.
type Call struct {
	Op   Op
	Name string
	// Settings is the connection's settings, JSON, validated by the host. No secret is among them.
	Settings []byte
	// Now is the host's clock: a guest has none.
	Now time.Time
	// IdempotencyKey is the same for every attempt of one step, and different for every other.
	IdempotencyKey string
	// Since is when the first attempt of this step began whose outcome is unknown, or
	// the present one if there is none; zero on the first attempt.
	Since time.Time
	// Body is the input JSON or, for OpWebhook, the raw body.
	Body []byte
	// Headers, Method and Query belong to OpWebhook.
	Headers []Header
	Method  string
	Query   string
}

const (
	callOp byte = iota + 1
	callName
	callSettings
	callNow
	callKey
	callSince
	callBody
	callHeader
	callMethod
	callQuery
)

// Append appends the call's frame to buf.
func (c *Call) Append(buf []byte) []byte {
	buf = appendSection(buf, callOp, c.Op)
	buf = appendSection(buf, callName, c.Name)
	buf = appendSection(buf, callSettings, c.Settings)
	if !c.Now.IsZero() {
		buf = appendInt(buf, callNow, c.Now.UnixNano())
	}
	if c.IdempotencyKey != "" {
		buf = appendSection(buf, callKey, c.IdempotencyKey)
	}
	if !c.Since.IsZero() {
		buf = appendInt(buf, callSince, c.Since.UnixNano())
	}
	buf = appendHeaders(buf, callHeader, c.Headers)
	if c.Op == OpWebhook {
		buf = appendSection(buf, callMethod, c.Method)
		buf = appendSection(buf, callQuery, c.Query)
	}
	return appendSection(buf, callBody, c.Body)
}

// ParseCall reads a call's frame. Settings and Body alias frame.
func ParseCall(frame []byte) (Call, error) {
	var c Call
	err := eachSection(frame, func(tag byte, body []byte) (err error) {
		switch tag {
		case callOp:
			c.Op = Op(body)
		case callName:
			c.Name = string(body)
		case callSettings:
			c.Settings = body
		case callNow:
			c.Now, err = sectionTime(body)
		case callKey:
			c.IdempotencyKey = string(body)
		case callSince:
			c.Since, err = sectionTime(body)
		case callBody:
			c.Body = body
		case callHeader:
			var h Header
			h, err = parseHeader(body)
			c.Headers = append(c.Headers, h)
		case callMethod:
			c.Method = string(body)
		case callQuery:
			c.Query = string(body)
		}
		return err
	})
	return c, err
}

func sectionTime(body []byte) (time.Time, error) {
	nanos, err := sectionInt(body)
	return time.Unix(0, nanos).UTC(), err
}

// Reply is what a plugin answers: a body or an error, never both.
type Reply struct {
	Body []byte
	Err  *Error
	// Broken goes with Err: the handler panicked, so the instance must not be called again.
	Broken bool
}

const (
	replyBody byte = iota + 1
	replyError
	replyBroken
)

// Append appends the reply's frame to buf.
func (r *Reply) Append(buf []byte) []byte {
	if r.Err == nil {
		return appendSection(buf, replyBody, r.Body)
	}
	text, err := codec.Marshal(r.Err)
	if err != nil { // strings and integers only: cannot happen
		text = []byte(`{"kind":"internal","message":"unprintable error"}`)
	}
	if r.Broken {
		buf = appendSection(buf, replyBroken, "")
	}
	return appendSection(buf, replyError, text)
}

// ParseReply reads a reply's frame. Body aliases frame. A frame that does not
// hold exactly one of body and error, or an error of kind OK, is refused.
func ParseReply(frame []byte) (Reply, error) {
	var r Reply
	hasBody := false
	err := eachSection(frame, func(tag byte, body []byte) error {
		switch tag {
		case replyBody:
			r.Body, hasBody = body, true
		case replyError:
			r.Err = new(Error)
			return codec.Unmarshal(body, r.Err)
		case replyBroken:
			r.Broken = true
		}
		return nil
	})
	if err != nil {
		return Reply{}, err
	}
	if hasBody == (r.Err != nil) || (hasBody && r.Broken) || (r.Err != nil && r.Err.Kind == OK) {
		return Reply{}, errFrame
	}
	return r, nil
}

// Event is a fact that a connector announces, before the host gives it an
// envelope and an identity.
type Event struct {
	// Type is the trigger's name: noun.past.
	Type string `json:"type"`
	// Subject is the record's id at the platform. It orders: events of one
	// subject are handled one after the other.
	Subject string `json:"subject"`
	// Dedupe names the fact: a second event of the connection with the same
	// Type and Dedupe is a repetition and dropped. Empty: the host uses a hash
	// of type, subject and data.
	Dedupe string `json:"dedupe,omitempty"`
	// Time is when it happened at the platform; zero if the platform does not say.
	Time time.Time `json:"time,omitzero"`
	// CoarseMS says that Dedupe holds a time and cannot tell apart facts that are
	// less than this apart, in milliseconds. An event that arrives so soon after
	// Time is never taken for a repetition: doing something twice is better than
	// losing a change.
	CoarseMS int64 `json:"coarse_ms,omitempty"`
	// Also is the Dedupe that a poll gives the same change, where polls know less
	// of it than a delivery does: id and second of change, say, where Dedupe ends
	// with a hash of the body besides. So of two deliveries in one second neither is
	// dropped, and a poll brings neither again.
	Also string `json:"also,omitempty"`
	// Data has the shape that the trigger declares.
	Data json.RawMessage `json:"data"`
}

// Receipt is a plugin's answer to OpWebhook.
type Receipt struct {
	Events []Event `json:"events"`
	// Reply is what the platform insists on getting back; nil means a plain 200.
	Reply *HookReply `json:"reply,omitempty"`
}

// HookReply is an exact answer to a delivery. It is sent only after the
// receipt's events are durable.
type HookReply struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
}

// Confirmation is a plugin's answer to OpConfirm.
type Confirmation struct {
	// Done says that the earlier attempt was carried out; Output is then what it would have answered.
	Done   bool            `json:"done"`
	Output json.RawMessage `json:"output,omitempty"`
}

// PollInput is what a poll is asked.
type PollInput struct {
	// Cursor is what the last page returned; null on the very first poll.
	Cursor json.RawMessage `json:"cursor,omitempty"`
	// Since bounds the first poll and a backfill: nothing older is wanted.
	Since time.Time `json:"since,omitzero"`
	// Limit is how many events a page should hold at the most.
	Limit int `json:"limit,omitempty"`
}

// PollPage is one page of a poll. Its events and its cursor are committed together.
type PollPage struct {
	Events []Event         `json:"events"`
	Cursor json.RawMessage `json:"cursor"`
	// More says that another page is there now.
	More bool `json:"more,omitempty"`
	// Wait says that the platform still prepares what was asked for, such as an
	// export of all its records. That is no failure: the poll goes on at Cursor
	// when the wait is over, and More need not be said.
	Wait *PollWait `json:"wait,omitempty"`
}

// PollWait is what a poll waits for.
type PollWait struct {
	// For tells people what the platform is at, such as "the export 42, 1200 records so far".
	For Text `json:"for"`
	// AfterMS is when to ask again, in milliseconds; 0 leaves it to the host.
	AfterMS int64 `json:"after_ms,omitempty"`
}

const (
	pollWait    = 10 * time.Second
	leastWait   = time.Second
	longestWait = time.Hour
)

// After is when to ask again: no sooner than in a second, no later than in an hour.
func (w *PollWait) After() time.Duration {
	if w.AfterMS <= 0 {
		return pollWait
	}
	return min(max(leastWait, time.Duration(w.AfterMS)*time.Millisecond), longestWait)
}
