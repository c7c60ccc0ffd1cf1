package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// memberDesk answers and acts for people who look after members.
type memberDesk struct{ app *App }

// One request looks at so many members at most, so that it is answered in time.
const (
	mostLookedAt = 20_000
	mostTagged   = 2_000
)

// Members returns a part of the members that the condition selects.
func (d memberDesk) Members(ctx context.Context, f api.MemberFilter) (api.MemberPage, error) {
	var page api.MemberPage
	next, err := d.each(ctx, f.Where, f.After, mostLookedAt, func(m *commerce.Member) error {
		page.Members = append(page.Members, *m)
		if len(page.Members) >= f.Limit {
			return store.ErrStop
		}
		return nil
	})
	page.Next = next
	return page, err
}

// each calls visit with the members that a condition selects, behind the id
// after, until it has looked at most of them, and returns where to go on.
func (d memberDesk) each(ctx context.Context, where, after string, most int, visit func(*commerce.Member) error) (next string, err error) {
	segment, err := d.segment(where)
	if err != nil {
		return "", err
	}
	now, looked := d.app.opts.Now(), 0
	err = d.app.members.Each(ctx, after, func(m *commerce.Member) error {
		next, looked = m.ID, looked+1
		if err := visitIf(segment, m, now, visit); err != nil {
			return err
		}
		if looked >= most {
			return store.ErrStop
		}
		next = ""
		return nil
	})
	return next, err
}

func visitIf(segment *rules.Segment, m *commerce.Member, now time.Time, visit func(*commerce.Member) error) error {
	if segment != nil {
		if belongs, err := segment.Holds(rules.NewMemberView(m), now); err != nil || !belongs {
			return err
		}
	}
	return visit(m)
}

// segment compiles a condition; nil for an empty one.
func (d memberDesk) segment(where string) (*rules.Segment, error) {
	if where == "" {
		return nil, nil
	}
	return rules.CompileSegment(where, d.app.catalog)
}

// How much of a member one page shows.
const (
	purchasesShown = 100
	historyShown   = 200
)

// Member returns all about one member.
func (d memberDesk) Member(ctx context.Context, id string) (api.MemberDetail, error) {
	m, err := d.app.members.Get(ctx, id)
	if err != nil {
		return api.MemberDetail{}, err
	}
	tags, tagsErr := d.app.members.Tags(ctx, m.ID)
	purchases, purchasesErr := d.app.members.Purchases(ctx, m.ID, purchasesShown)
	history, historyErr := d.app.members.History(ctx, m.ID, historyShown)
	return api.MemberDetail{Member: *m, Tags: tags, Purchases: purchases, History: history}, errors.Join(tagsErr, purchasesErr, historyErr)
}

// FindMembers returns whom the search names.
func (d memberDesk) FindMembers(ctx context.Context, s api.MemberSearch) ([]commerce.Member, error) {
	found, err := d.app.members.Find(ctx, members.Query{
		Phone: s.Phone, Email: s.Email,
		User: host.Ref{Connection: s.Connection, ID: s.User}, Customer: host.Ref{Connection: s.Connection, ID: s.CustomerID},
	})
	all := make([]commerce.Member, 0, len(found))
	for _, m := range found {
		all = append(all, *m)
	}
	return all, err
}

// TagMembers gives or takes a tag of a part of the members that a condition selects.
func (d memberDesk) TagMembers(ctx context.Context, t api.MemberTagging) (api.MemberTagged, error) {
	var tagged api.MemberTagged
	var ids []string
	next, err := d.each(ctx, t.Where, t.After, mostTagged, func(m *commerce.Member) error {
		tagged.Selected++
		if slices.Contains(m.Tags, t.Tag) == t.Remove {
			ids = append(ids, m.ID)
		}
		return nil
	})
	tagged.Next, tagged.Changed = next, len(ids)
	if err != nil || t.Preview || len(ids) == 0 {
		return tagged, err
	}
	act := d.app.members.Tag
	if t.Remove {
		act = d.app.members.Untag
	}
	if tagged.Changed, err = act(ctx, personOf(ctx), ids, t.Tag); err != nil {
		return tagged, err
	}
	how := fmt.Sprintf("+%s: %d", t.Tag, tagged.Changed)
	if t.Remove {
		how = fmt.Sprintf("-%s: %d", t.Tag, tagged.Changed)
	}
	return tagged, d.app.engine.Record(ctx, host.ActMember, t.Where, how)
}

// personOf is the person who acts, as a reason.
func personOf(ctx context.Context) host.Cause {
	actor, _ := host.ActorOf(ctx)
	return host.Cause{By: host.ByPerson, Name: actor.Name}
}

// ActOnMember does what a person wants with one member.
func (d memberDesk) ActOnMember(ctx context.Context, id string, act api.MemberAct) (api.MemberActed, error) {
	acted := api.MemberActed{ID: id}
	made, err := d.act(ctx, id, act)
	if err != nil {
		return acted, err
	}
	if made != "" {
		acted.ID = made
	}
	how, err := json.Marshal(impersonal(act))
	if err != nil {
		return acted, fmt.Errorf("writing down the act: %w", err)
	}
	return acted, d.app.engine.Record(ctx, host.ActMember, id, string(how))
}

func (d memberDesk) act(ctx context.Context, id string, act api.MemberAct) (made string, err error) {
	m, cause, one := d.app.members, personOf(ctx), []string{id}
	if _, err := m.Get(ctx, id); err != nil {
		return "", err
	}
	switch {
	case act.Tag != "":
		_, err = m.Tag(ctx, cause, one, act.Tag)
	case act.Untag != "":
		_, err = m.Untag(ctx, cause, one, act.Untag)
	case act.Flag != "":
		err = m.Flag(ctx, cause, id, act.Flag, true)
	case act.Unflag != "":
		err = m.Flag(ctx, cause, id, act.Unflag, false)
	case act.Points != 0:
		_, err = m.AddPoints(ctx, cause, id, act.Points, "")
	case act.Link != nil:
		err = m.Link(ctx, cause, id, *act.Link)
	case act.Unlink != nil:
		err = m.Unlink(ctx, cause, *act.Unlink)
	case act.Merge != "":
		err = m.Merge(ctx, cause, id, act.Merge)
	case act.Split != nil:
		return m.Split(ctx, cause, id, members.Parts(*act.Split))
	case act.Describe != nil:
		err = m.Describe(ctx, cause, id, members.Details(*act.Describe))
	case act.Forget != "":
		err = m.Forget(ctx, cause, id, act.Forget)
	default:
		err = &abi.Error{Kind: abi.Invalid, Message: "nothing is to be done with the member"}
	}
	return "", err
}

// mostListed is how many rows a list of things that wait for people shows.
const mostListed = 1000

// MemberReviews lists customers who wait for a person.
func (d memberDesk) MemberReviews(ctx context.Context) ([]host.MemberReview, error) {
	return d.app.members.Reviews(ctx, mostListed)
}

// DismissReview settles a review: the customer is none of the members.
func (d memberDesk) DismissReview(ctx context.Context, customer host.Ref) error {
	if err := d.app.members.Dismiss(ctx, personOf(ctx), customer); err != nil {
		return err
	}
	return d.app.engine.Record(ctx, host.ActMember, recorded(customer), "dismiss")
}

// MemberPending lists customers who wait for their first order.
func (d memberDesk) MemberPending(ctx context.Context) ([]host.MemberPending, error) {
	return d.app.members.Pending(ctx, mostListed)
}

// MemberFaults lists events that could not be taken in.
func (d memberDesk) MemberFaults(ctx context.Context) ([]api.MemberFault, error) {
	kept, err := d.app.members.Faults(ctx, mostListed)
	told := make([]api.MemberFault, len(kept))
	for i, fault := range kept {
		told[i] = api.MemberFault{MemberFault: fault, ErrorJA: faultJA(fault.Error)}
	}
	return told, err
}

// faultJA is in Japanese what a row keeps in English alone: the words of each
// [members.RefusedError]; "" for others.
func faultJA(en string) string {
	if why, is := strings.CutPrefix(en, "reading the data of the event: "); is {
		return "イベントのデータを読めません: " + why
	}
	return map[string]string{
		"the customer has no id":     "顧客にIDがありません",
		"the order has no id":        "注文にIDがありません",
		"the subscription has no id": "定期購入にIDがありません",
	}[en]
}

// MemberStats counts members by the month of their registration.
func (d memberDesk) MemberStats(ctx context.Context) (api.MemberStats, error) {
	months, err := d.app.members.Months(ctx)
	stats := api.MemberStats{Months: months}
	for _, m := range months {
		stats.Registered += m.Registered
		stats.Linked += m.Linked
	}
	if err != nil {
		return stats, err
	}
	stats.Quiet, err = d.app.members.QuietTags(ctx)
	return stats, err
}

// ImportMembers takes facts in. Nothing is announced unless that is asked for.
func (d memberDesk) ImportMembers(ctx context.Context, in api.MemberImport) (api.MemberImported, error) {
	var out api.MemberImported
	if in.Begins {
		if err := d.app.engine.Record(ctx, host.ActMember, in.Source, "import"); err != nil {
			return out, err
		}
	}
	facts, places := make([]members.Fact, 0, len(in.Facts)), make([]int, 0, len(in.Facts))
	for i := range in.Facts {
		fact, err := d.fact(&in.Facts[i])
		if err != nil {
			out.Refused = append(out.Refused, api.MemberRefusal{Index: i, Why: words(err)})
			continue
		}
		facts, places = append(facts, fact), append(places, i)
	}
	refused, err := d.app.members.Import(ctx, host.Cause{By: host.ByImport, Name: in.Source}, facts, !in.Announce)
	for i, why := range refused {
		if why != nil {
			out.Refused = append(out.Refused, api.MemberRefusal{Index: places[i], Why: words(why)})
		}
	}
	return out, err
}

// words are what an error says to a person.
func words(err error) abi.Text {
	if problem, is := errors.AsType[*api.Problem](err); is {
		return abi.Text{EN: problem.Detail, JA: problem.DetailJA}
	}
	if refused, is := errors.AsType[members.RefusedError](err); is {
		return abi.Text(refused)
	}
	return abi.Text{EN: err.Error()}
}

func (d memberDesk) fact(in *api.MemberFact) (members.Fact, error) {
	if all := d.app.catalog.Connections; all[in.Connection] == nil {
		return members.Fact{}, unknown(abi.Text{EN: "connection", JA: "接続"}, in.Connection, slices.Sorted(maps.Keys(all)))
	}
	value := members.Blank(in.Model)
	if value == nil {
		return members.Fact{}, refusal(
			fmt.Sprintf("%q is no customer, order, subscription or contact", in.Model),
			fmt.Sprintf("「%s」は customer、order、subscription、contact のどれでもありません", in.Model))
	}
	if err := json.Unmarshal(in.Data, value); err != nil {
		return members.Fact{}, refusal(fmt.Sprintf("reading the %s: %v", in.Model, err), fmt.Sprintf("%s を読めません: %v", in.Model, err))
	}
	return members.Fact{Connection: in.Connection, Value: value, Raw: in.Data}, nil
}
