package client

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Members lists a part of the members that the filter selects.
func (c *Client) Members(ctx context.Context, f api.MemberFilter) (api.MemberPage, error) {
	q := filter{}
	q.text("where", f.Where).text("after", f.After)
	q.limit(f.Limit)
	var page api.MemberPage
	err := c.get(ctx, "/members", url.Values(q), &page)
	return page, err
}

// Member returns all about one member, or [host.ErrNotFound].
func (c *Client) Member(ctx context.Context, id string) (api.MemberDetail, error) {
	var detail api.MemberDetail
	err := c.get(ctx, "/members/"+url.PathEscape(id), nil, &detail)
	return detail, err
}

// FindMembers returns the members whom the search names.
func (c *Client) FindMembers(ctx context.Context, s api.MemberSearch) ([]commerce.Member, error) {
	q := filter{}
	q.text("phone", s.Phone).text("email", s.Email).text("connection", s.Connection).text("user", s.User).text("customer", s.CustomerID)
	var page api.MemberPage
	err := c.get(ctx, "/members/find", url.Values(q), &page)
	return page.Members, err
}

// TagMembers gives or takes a tag of a part of the members that a condition selects.
func (c *Client) TagMembers(ctx context.Context, t api.MemberTagging) (api.MemberTagged, error) {
	var tagged api.MemberTagged
	err := c.do(ctx, http.MethodPost, "/members/tag", t, &tagged)
	return tagged, err
}

// MessageMembers announces a campaign to a part of the members that a condition selects.
func (c *Client) MessageMembers(ctx context.Context, m api.MemberMessage) (api.MemberMessaged, error) {
	var messaged api.MemberMessaged
	err := c.do(ctx, http.MethodPost, "/members/message", m, &messaged)
	return messaged, err
}

// ActOnMember changes one member.
func (c *Client) ActOnMember(ctx context.Context, id string, act api.MemberAct) (api.MemberActed, error) {
	var acted api.MemberActed
	err := c.do(ctx, http.MethodPost, "/members/"+url.PathEscape(id), act, &acted)
	return acted, err
}

// EachMember calls visit with every member that the condition selects. The host
// writes down who had them.
func (c *Client) EachMember(ctx context.Context, where string, visit func(commerce.Member) error) error {
	q := filter{}
	q.text("where", where)
	return c.stream(ctx, "/members/export?"+url.Values(q).Encode(), func(body io.Reader) error { return eachLine(body, visit) })
}

// EraseMember forgets a member or a cart's customer.
func (c *Client) EraseMember(ctx context.Context, e api.MemberErasure) (api.MemberErased, error) {
	var erased api.MemberErased
	err := c.do(ctx, http.MethodPost, "/members/erase", e, &erased)
	return erased, err
}

// MemberForm makes a member's own address of a form.
func (c *Client) MemberForm(ctx context.Context, id string, ask api.MemberFormAsk) (api.MemberForm, error) {
	var form api.MemberForm
	err := c.do(ctx, http.MethodPost, "/members/"+url.PathEscape(id)+"/form", ask, &form)
	return form, err
}

// MemberReviews lists customers who wait for a person.
func (c *Client) MemberReviews(ctx context.Context) ([]host.MemberReview, error) {
	var page api.MemberReviewPage
	err := c.get(ctx, "/members/reviews", nil, &page)
	return page.Reviews, err
}

// DismissReview settles a review: the customer is none of the members.
func (c *Client) DismissReview(ctx context.Context, customer host.Ref) error {
	return c.do(ctx, http.MethodPost, "/members/reviews/dismiss", customer, nil)
}

// MemberPending lists customers who wait for their first order.
func (c *Client) MemberPending(ctx context.Context) ([]host.MemberPending, error) {
	var page api.MemberPendingPage
	err := c.get(ctx, "/members/pending", nil, &page)
	return page.Pending, err
}

// MemberFaults lists events that could not be taken in.
func (c *Client) MemberFaults(ctx context.Context) ([]api.MemberFault, error) {
	var page api.MemberFaultPage
	err := c.get(ctx, "/members/faults", nil, &page)
	return page.Faults, err
}

// MemberStats returns the numbers of members.
func (c *Client) MemberStats(ctx context.Context) (api.MemberStats, error) {
	var stats api.MemberStats
	err := c.get(ctx, "/members/stats", nil, &stats)
	return stats, err
}

// ImportMembers tells facts of the shared model.
func (c *Client) ImportMembers(ctx context.Context, in api.MemberImport) (api.MemberImported, error) {
	var imported api.MemberImported
	err := c.do(ctx, http.MethodPost, "/members/import", in, &imported)
	return imported, err
}
