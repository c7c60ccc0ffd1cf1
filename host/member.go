package host

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Cause says why something about a member changed, so that a person can read it.
type Cause struct {
	// By is one of the By constants, Name the rule, person, flow or file that it was.
	By   string `json:"by"`
	Name string `json:"name,omitempty"`
	// Facts are what the rule saw: "birthday 04-02".
	Facts string `json:"facts,omitempty"`
}

// Who changes members.
const (
	ByRule   = "rule"
	ByPerson = "person"
	ByFlow   = "flow"
	ByForm   = "form"
	ByEvent  = "event"
	ByImport = "import"
)

// Text is the cause as a sentence's end.
func (c Cause) Text() abi.Text {
	names := map[string]abi.Text{
		ByRule: {EN: "rule", JA: "ルール"}, ByPerson: {EN: "by", JA: "操作者"}, ByFlow: {EN: "flow", JA: "フロー"},
		ByForm: {EN: "form", JA: "フォーム"}, ByEvent: {EN: "event", JA: "イベント"}, ByImport: {EN: "import", JA: "インポート"},
	}
	text := func(word string) string {
		said := strings.TrimSpace(word + " " + c.Name)
		if c.Facts != "" {
			said += ", " + c.Facts
		}
		return said
	}
	return abi.Text{EN: text(names[c.By].EN), JA: text(names[c.By].JA)}
}

// MemberTag is a tag that a member has, with its reason.
type MemberTag struct {
	Tag   string    `json:"tag"`
	At    time.Time `json:"at"`
	Cause Cause     `json:"cause"`
}

// MemberChange is one entry of a member's history.
type MemberChange struct {
	ID     string    `json:"id"`
	Member string    `json:"member"`
	At     time.Time `json:"at"`
	// What is one of the Member constants, Detail what it was about: a tag, a customer.
	What   string `json:"what"`
	Detail string `json:"detail,omitempty"`
	Cause  Cause  `json:"cause"`
}

// What can change about a member.
const (
	MemberRegistered = "registered"
	MemberChannel    = "channel"
	MemberContact    = "contact"
	MemberLinked     = "linked"
	MemberUnlinked   = "unlinked"
	MemberTagged     = "tagged"
	MemberUntagged   = "untagged"
	MemberFlagged    = "flagged"
	MemberUnflagged  = "unflagged"
	MemberPoints     = "points"
	MemberMerged     = "merged"
	MemberSplit      = "split"
)

// QuietTag is a tag that members got because its rule was new or changed: flows
// did not hear of them.
type QuietTag struct {
	Tag     string    `json:"tag"`
	Members int64     `json:"members"`
	At      time.Time `json:"at"`
}

// MemberReview is a customer whom nobody but a person can attribute.
type MemberReview struct {
	Customer Ref `json:"customer"`
	// Reason is one of the Review constants, Key and Value what matched.
	Reason string `json:"reason"`
	Key    string `json:"key"`
	Value  string `json:"value"`
	// Members are whom the customer may be, Others further customers of the cart that match as well.
	Members []string  `json:"members"`
	Others  []string  `json:"others,omitempty"`
	Since   time.Time `json:"since"`
}

// Why a customer waits for a person.
const (
	// ReviewAmbiguous is a key that several members, or several customers of the cart, have.
	ReviewAmbiguous = "ambiguous"
	// ReviewConflict is a customer whose keys lead to different members, or to
	// another member than the one whom it is linked with.
	ReviewConflict = "conflict"
	// ReviewUnsure is a match by a key of which the link rule is not sure enough.
	ReviewUnsure = "unsure"
)

// MemberPending is a customer who is linked when the first order comes.
type MemberPending struct {
	Customer Ref       `json:"customer"`
	Member   string    `json:"member"`
	Since    time.Time `json:"since"`
}

// MemberFault is an event that members could not take in.
type MemberFault struct {
	Event      string    `json:"event"`
	Connection string    `json:"connection"`
	Type       string    `json:"type"`
	Subject    string    `json:"subject"`
	At         time.Time `json:"at"`
	Error      string    `json:"error"`
}

// MemberMonth counts the members who were registered in one month, in Japan.
type MemberMonth struct {
	Month      string `json:"month"`
	Registered int64  `json:"registered"`
	// Linked are those of them who are linked with a customer now.
	Linked int64 `json:"linked"`
}

// MemberPurchase is one order of a member.
type MemberPurchase struct {
	Connection string         `json:"connection"`
	Customer   string         `json:"customer"`
	Order      string         `json:"order"`
	Number     string         `json:"number,omitempty"`
	OrderedAt  time.Time      `json:"ordered_at,omitzero"`
	ShippedAt  time.Time      `json:"shipped_at,omitzero"`
	Cancelled  bool           `json:"cancelled,omitempty"`
	Total      commerce.Money `json:"total"`
	Items      []string       `json:"items"`
	URL        string         `json:"url,omitempty"`
}
