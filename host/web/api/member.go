package api

import (
	"encoding/json"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// MemberFilter selects members. Where is a condition over member, empty for all.
type MemberFilter struct {
	Where string
	// After continues a listing behind this id.
	After string
	Limit int
}

// MemberPage is a part of a listing of members, in order of registration.
type MemberPage struct {
	Members []commerce.Member `json:"members"`
	// Next goes on with the listing; empty at its end. A page may hold few members,
	// or none, and not be the last: one request looks at so many at most.
	Next string `json:"next,omitempty"`
}

// MemberSearch names a member by one thing; see members.Query.
type MemberSearch struct {
	Phone, Email                 string
	Connection, User, CustomerID string
}

// MemberDetail is all about one member.
type MemberDetail struct {
	Member    commerce.Member       `json:"member"`
	Tags      []host.MemberTag      `json:"tags"`
	Purchases []host.MemberPurchase `json:"purchases"`
	History   []host.MemberChange   `json:"history"`
}

// MemberTagging gives or takes a tag of the members that a condition selects.
type MemberTagging struct {
	Where  string `json:"where"`
	Tag    string `json:"tag"`
	Remove bool   `json:"remove,omitempty"`
	// Preview only counts.
	Preview bool   `json:"preview,omitempty"`
	After   string `json:"after,omitempty"`
}

// MemberTagged is what became of one part of the members.
type MemberTagged struct {
	// Selected is how many the condition selects, Changed how many of them change.
	Selected int    `json:"selected"`
	Changed  int    `json:"changed"`
	Next     string `json:"next,omitempty"`
}

// MemberAct changes one member; exactly one field is set.
type MemberAct struct {
	Tag    string    `json:"tag,omitempty"`
	Untag  string    `json:"untag,omitempty"`
	Flag   string    `json:"flag,omitempty"`
	Unflag string    `json:"unflag,omitempty"`
	Points int64     `json:"points,omitempty"`
	Link   *host.Ref `json:"link,omitempty"`
	Unlink *host.Ref `json:"unlink,omitempty"`
	// Merge is the member who becomes this one.
	Merge    string         `json:"merge,omitempty"`
	Split    *MemberParts   `json:"split,omitempty"`
	Describe *MemberDetails `json:"describe,omitempty"`
	// Forget is a telephone number or an e-mail address that is not the member's.
	Forget string `json:"forget,omitempty"`
}

// MemberErasure names who asks to be forgotten: a member, or else a cart's customer.
type MemberErasure struct {
	Member   string    `json:"member,omitempty"`
	Customer *host.Ref `json:"customer,omitempty"`
	// Customers are the member's customers with their orders: they are forgotten as well.
	Customers bool `json:"customers,omitempty"`
	// Preview only counts.
	Preview bool `json:"preview,omitempty"`
}

// MemberErased is what was forgotten, or would be.
type MemberErased struct {
	Member string `json:"member,omitempty"`
	// Name is told by a preview, so that a person can see who it is.
	Name      string     `json:"name,omitempty"`
	Customers []host.Ref `json:"customers"`
	Orders    int        `json:"orders"`
}

// MemberFormAsk asks for a member's own address of a form.
type MemberFormAsk struct {
	Form string `json:"form"`
	// ValidHours is how long the address works; 0 means three days.
	ValidHours int64 `json:"valid_hours,omitempty"`
}

// MemberForm is the address of a form, and when it stops working.
type MemberForm struct {
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

// MemberParts are what a split takes out of a member.
type MemberParts struct {
	Channels  []host.Ref `json:"channels,omitempty"`
	Customers []host.Ref `json:"customers,omitempty"`
}

// MemberDetails are what a person says of a member. What is empty stays.
type MemberDetails struct {
	Name     string            `json:"name,omitempty"`
	Kana     string            `json:"kana,omitempty"`
	Phone    string            `json:"phone,omitempty"`
	Email    string            `json:"email,omitempty"`
	Sex      string            `json:"sex,omitempty"`
	Birthday commerce.Birthday `json:"birthday,omitempty"`
}

// MemberActed is the member that an act was about, or that a split made.
type MemberActed struct {
	ID string `json:"id"`
}

// MemberReviewPage lists customers who wait for a person.
type MemberReviewPage struct {
	Reviews []host.MemberReview `json:"reviews"`
}

// MemberPendingPage lists customers who wait for their first order.
type MemberPendingPage struct {
	Pending []host.MemberPending `json:"pending"`
}

// MemberFault is an event that members could not take in. ErrorJA is why, in Japanese.
type MemberFault struct {
	host.MemberFault

	ErrorJA string `json:"error_ja,omitempty"`
}

// MemberFaultPage lists events that could not be taken in, newest first.
type MemberFaultPage struct {
	Faults []MemberFault `json:"faults"`
}

// MemberStats are the numbers of members.
type MemberStats struct {
	Registered int64              `json:"registered"`
	Linked     int64              `json:"linked"`
	Months     []host.MemberMonth `json:"months"`
	// Quiet are the tags that members got because their rules were new or changed.
	Quiet []host.QuietTag `json:"quiet,omitempty"`
}

// MemberImport tells facts of the shared model.
type MemberImport struct {
	Facts []MemberFact `json:"facts"`
	// Announce has flows hear of what follows; an import is quiet otherwise.
	Announce bool `json:"announce,omitempty"`
	// Source names the import, for the reasons that people read.
	Source string `json:"source,omitempty"`
	// Begins marks the first part of an import, which the audit log keeps.
	Begins bool `json:"begins,omitempty"`
}

// MemberFact is one fact: data is a customer, an order, a subscription or a contact.
type MemberFact struct {
	Connection string          `json:"connection"`
	Model      abi.Model       `json:"model"`
	Data       json.RawMessage `json:"data"`
}

// MemberImported says why facts were refused, by their place in the import.
type MemberImported struct {
	Refused []MemberRefusal `json:"refused"`
}

// MemberRefusal is a fact that was not taken in.
type MemberRefusal struct {
	Index int      `json:"index"`
	Why   abi.Text `json:"why"`
}

// FormMember is who sent a form: a member, or a user of a channel.
type FormMember struct {
	Member     string `json:"member,omitempty"`
	Connection string `json:"connection,omitempty"`
	UserID     string `json:"user_id,omitempty"`
}

// FormPost is what a form sends. Token is of the link by which it was opened;
// a server that signs names the member instead.
type FormPost struct {
	FormMember
	MemberDetails

	Token string `json:"t,omitempty"`
}

// FormTaken is the answer to a form that was taken.
type FormTaken struct {
	OK bool `json:"ok"`
}
