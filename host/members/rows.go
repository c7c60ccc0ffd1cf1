package members

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Tables, each a key prefix, beside the ledger's. The letters are part of the
// store's format.
const (
	tableMember   = "mbm"
	tableUser     = "mbu" // member by channel and user
	tableCustomer = "mbc"
	tableOrder    = "mbo" // customer by order
	tableBought   = "mbb" // what an order contributes, by customer
	tableSubs     = "mbs" // customer by subscription
	tableIdentity = "mbi" // who has a telephone number, an address, a user id
	tableHistory  = "mbh"
	tableReview   = "mbr"
	tablePending  = "mbp"
	tableTimer    = "mbt"
	tableMonth    = "mbk"
	tableFault    = "mbf"
	tableState    = "mbv"
)

// key joins a table's name and parts. Ids of platforms may hold any byte; a zero
// byte is written as 00 FF, which keeps keys unique and in order.
func key(table string, parts ...string) string {
	length := len(table)
	for _, p := range parts {
		length += 1 + len(p)
	}
	var b strings.Builder
	b.Grow(length)
	b.WriteString(table)
	for _, p := range parts {
		b.WriteByte(0)
		b.WriteString(strings.ReplaceAll(p, "\x00", "\x00\xff"))
	}
	return b.String()
}

// under is the prefix of the keys that have these leading parts and one more.
func under(table string, parts ...string) string { return key(table, parts...) + "\x00" }

// timerKey has an instant of fixed length before the member, so it needs no escape.
func timerKey(due time.Time, member string) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(due.UnixNano(), 0))) //nolint:gosec // not negative
	return under(tableTimer) + string(b[:]) + member
}

func parseTimer(k string) (due time.Time, member string) {
	k = k[len(under(tableTimer)):]
	nanos := int64(binary.BigEndian.Uint64([]byte(k[:8]))) //nolint:gosec // written by timerKey
	return time.Unix(0, nanos).UTC(), k[8:]
}

// person is a member as it is stored: what belongs to nobody but the member.
// What customers say is read from them each time.
type person struct {
	ID       string                   `json:"id"`
	Name     string                   `json:"name,omitempty"`
	Kana     string                   `json:"kana,omitempty"`
	Sex      string                   `json:"sex,omitempty"`
	Birthday commerce.Birthday        `json:"birthday,omitempty"`
	Phones   []string                 `json:"phones,omitempty"`
	Emails   []string                 `json:"emails,omitempty"`
	Channels []commerce.MemberChannel `json:"channels,omitempty"`
	// Customers are in the order in which they were linked.
	Customers []host.Ref `json:"customers,omitempty"`
	Tags      []given    `json:"tags,omitempty"`
	// Refused are tags that a person took away: no rule gives them again.
	Refused []string `json:"refused,omitempty"`
	// Waived are tags that a flow took off while their rules held: these give them again
	// when they hold anew.
	Waived     []string  `json:"waived,omitempty"`
	Flags      []string  `json:"flags,omitempty"`
	Points     int64     `json:"points,omitempty"`
	Registered time.Time `json:"registered"`
	Linked     time.Time `json:"linked,omitzero"`
	// Due is when a rule may decide otherwise by time alone; there is a timer then.
	Due time.Time `json:"due,omitzero"`
	// Merged is the member whom this one became.
	Merged string `json:"merged,omitempty"`
}

// buyer is a cart's customer as it is stored.
type buyer struct {
	Connection string            `json:"cn"`
	ID         string            `json:"id"`
	Number     string            `json:"no,omitempty"`
	Name       string            `json:"na,omitempty"`
	Kana       string            `json:"ka,omitempty"`
	Sex        string            `json:"sx,omitempty"`
	Birthday   commerce.Birthday `json:"bd,omitempty"`
	// Phone and Email are normalised; LineID is the channel's user id that the cart keeps.
	Phone  string `json:"ph,omitempty"`
	Email  string `json:"em,omitempty"`
	LineID string `json:"li,omitempty"`
	URL    string `json:"url,omitempty"`
	// Own are those of Phone and Email that the customer's own record told, and not an order.
	Own []string `json:"ow,omitempty"`
	// Gone is a customer who is no longer there, and is recognised by nothing. Into
	// is whom the cart says that one became; Former are those who became this one.
	Gone   bool     `json:"gn,omitempty"`
	Into   string   `json:"in,omitempty"`
	Former []string `json:"fo,omitempty"`
	// Guest is somebody who bought without an account.
	Guest   bool      `json:"gu,omitempty"`
	Updated time.Time `json:"up,omitzero"`

	Member string    `json:"me,omitempty"`
	Key    string    `json:"ke,omitempty"`
	Linked time.Time `json:"ln,omitzero"`
	// Wanted are the link rules with a condition that held when the cart told of the customer last.
	Wanted []string `json:"wa,omitempty"`
	// Apart are members from whom a person took the customer away.
	Apart   []string    `json:"ap,omitempty"`
	Pending string      `json:"pe,omitempty"`
	Review  bool        `json:"re,omitempty"`
	Tally   tally.Tally `json:"ta,omitzero"`
}

func (b *buyer) ref() host.Ref { return host.Ref{Connection: b.Connection, ID: b.ID} }

// name is the customer in a history.
func (b *buyer) name() string {
	r := Impersonal(b.ref())
	return r.Connection + " " + r.ID
}

// Impersonal is a customer as histories and the audit log name one, which
// outlive the customer: of a guest, whose id is an address or a number, they say
// no more than that it is one.
func Impersonal(r host.Ref) host.Ref {
	if strings.HasPrefix(r.ID, guestPrefix) {
		r.ID = strings.TrimSuffix(guestPrefix, ":")
	}
	return r
}

func (b *buyer) row() string { return customerKey(b.ref()) }

func customerKey(r host.Ref) string { return key(tableCustomer, r.Connection, r.ID) }

// identity is everybody who has one telephone number, e-mail address or user id.
type identity struct {
	Members   []string   `json:"m,omitempty"`
	Customers []host.Ref `json:"c,omitempty"`
	// Common is a value that so many have that it tells nobody apart.
	Common bool `json:"x,omitempty"`
}

// mostHolders is how many may share a value before it is common: a shop's own
// number, 000-0000-0000, test@example.com.
const mostHolders = 50

func (i *identity) empty() bool { return len(i.Members)+len(i.Customers) == 0 && !i.Common }

func (i *identity) crowded() bool { return len(i.Members)+len(i.Customers) > mostHolders }

// addOnce appends v if it is not there and says whether it did.
func addOnce[T comparable](list *[]T, v T) bool {
	if slices.Contains(*list, v) {
		return false
	}
	*list = append(*list, v)
	return true
}

// remove takes v out of the list and says whether it was there.
func remove[T comparable](list *[]T, v T) bool {
	at := slices.Index(*list, v)
	if at < 0 {
		return false
	}
	*list = slices.Delete(*list, at, at+1)
	return true
}

// owner is a row that leads to a customer.
type owner struct {
	Customer string `json:"c"`
}
