package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Members is what a person may ask about members. A condition that is wrong is
// diag.Problems.
type Members interface {
	Members(ctx context.Context, f api.MemberFilter) (api.MemberPage, error)
	Member(ctx context.Context, id string) (api.MemberDetail, error)
	FindMembers(ctx context.Context, s api.MemberSearch) ([]commerce.Member, error)
	TagMembers(ctx context.Context, t api.MemberTagging) (api.MemberTagged, error)
	MessageMembers(ctx context.Context, m api.MemberMessage) (api.MemberMessaged, error)
	ActOnMember(ctx context.Context, id string, act api.MemberAct) (api.MemberActed, error)
	MemberLists
	MemberPrivacy
	ImportMembers(ctx context.Context, in api.MemberImport) (api.MemberImported, error)
}

// MemberLists are what waits for people, and the numbers.
type MemberLists interface {
	MemberReviews(ctx context.Context) ([]host.MemberReview, error)
	DismissReview(ctx context.Context, customer host.Ref) error
	MemberPending(ctx context.Context) ([]host.MemberPending, error)
	MemberFaults(ctx context.Context) ([]api.MemberFault, error)
	MemberStats(ctx context.Context) (api.MemberStats, error)
}

// MemberPrivacy is what is done with a person's data as a whole.
type MemberPrivacy interface {
	// ExportMembers returns what hands out the members that a condition selects,
	// and writes down who had them.
	ExportMembers(where string) (func(ctx context.Context, visit func(*commerce.Member) error) error, error)
	EraseMember(ctx context.Context, e api.MemberErasure) (api.MemberErased, error)
	MemberForm(ctx context.Context, id string, ask api.MemberFormAsk) (api.MemberForm, error)
}

func (s *Server) members(r fiber.Router) {
	if s.options.Members == nil {
		return
	}
	r.Get("/members", s.listMembers)
	r.Get("/members/find", s.findMembers)
	r.Get("/members/stats", s.memberStats)
	r.Get("/members/pending", s.memberPending)
	r.Get("/members/faults", s.memberFaults)
	r.Get("/members/reviews", s.memberReviews)
	r.Post("/members/reviews/dismiss", s.dismissReview)
	r.Post("/members/tag", s.tagMembers)
	r.Post("/members/message", s.messageMembers)
	r.Post("/members/import", s.importMembers)
	r.Get("/members/export", s.exportMembers)
	r.Post("/members/erase", s.eraseMember)
	r.Post("/members/:id/form", s.memberForm)
	r.Get("/members/:id", s.showMember)
	r.Post("/members/:id", s.actOnMember)
}

func (s *Server) listMembers(c *fiber.Ctx) error {
	q := queryOf(c, "where", "after", "limit")
	filter := api.MemberFilter{Where: q.text("where"), After: q.text("after"), Limit: q.limit()}
	if err := q.err(); err != nil {
		return err
	}
	page, err := s.options.Members.Members(s.base, filter)
	if err != nil {
		return wrongWhere(err)
	}
	page.Members = orEmpty(page.Members)
	return c.JSON(page)
}

// wrongWhere says of faults that they are the condition's.
func wrongWhere(err error) error {
	faults, ok := errors.AsType[diag.Problems](err)
	if !ok {
		return err
	}
	p := problem(http.StatusUnprocessableEntity, "the condition is wrong", "条件に誤りがあります")
	p.Problems = api.RuleProblems(faults)
	return p
}

func (s *Server) findMembers(c *fiber.Ctx) error {
	q := queryOf(c, "phone", "email", "connection", "user", "customer")
	search := api.MemberSearch{
		Phone: q.text("phone"), Email: q.text("email"), Connection: q.text("connection"), User: q.text("user"), CustomerID: q.text("customer"),
	}
	if err := q.err(); err != nil {
		return err
	}
	if cmp.Or(search.Phone, search.Email, search.User, search.CustomerID) == "" {
		return problem(http.StatusBadRequest, "give phone, email, user or customer", "phone、email、user、customer のどれかを指定してください")
	}
	found, err := s.options.Members.FindMembers(s.base, search)
	if err != nil {
		return err
	}
	return c.JSON(api.MemberPage{Members: orEmpty(found)})
}

func (s *Server) showMember(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	detail, err := s.options.Members.Member(s.base, id)
	if err != nil {
		return missing(err, "member", "会員", id)
	}
	return c.JSON(detail)
}

func (s *Server) actOnMember(c *fiber.Ctx) error {
	id := utils.CopyString(c.Params("id"))
	var act api.MemberAct
	if err := bodyOf(c, &act); err != nil {
		return err
	}
	acted, err := s.options.Members.ActOnMember(s.as(c), id, act)
	if err != nil {
		return missing(err, "member or customer", "会員または顧客", id)
	}
	return c.JSON(acted)
}

func (s *Server) tagMembers(c *fiber.Ctx) error {
	var tagging api.MemberTagging
	if err := bodyOf(c, &tagging); err != nil {
		return err
	}
	if tagging.Tag == "" {
		return problem(http.StatusBadRequest, "the tag is missing", "タグを指定してください")
	}
	tagged, err := s.options.Members.TagMembers(s.as(c), tagging)
	if err != nil {
		return wrongWhere(err)
	}
	return c.JSON(tagged)
}

func (s *Server) messageMembers(c *fiber.Ctx) error {
	var ask api.MemberMessage
	if err := bodyOf(c, &ask); err != nil {
		return err
	}
	messaged, err := s.options.Members.MessageMembers(s.as(c), ask)
	if err != nil {
		return wrongWhere(err)
	}
	messaged.Flows = orEmpty(messaged.Flows)
	return c.JSON(messaged)
}

func (s *Server) importMembers(c *fiber.Ctx) error {
	var in api.MemberImport
	if err := bodyOf(c, &in); err != nil {
		return err
	}
	imported, err := s.options.Members.ImportMembers(s.as(c), in)
	if err != nil {
		return err
	}
	imported.Refused = orEmpty(imported.Refused)
	return c.JSON(imported)
}

func (s *Server) memberStats(c *fiber.Ctx) error {
	stats, err := s.options.Members.MemberStats(s.base)
	if err != nil {
		return err
	}
	return c.JSON(stats)
}

func (s *Server) memberReviews(c *fiber.Ctx) error {
	reviews, err := s.options.Members.MemberReviews(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.MemberReviewPage{Reviews: orEmpty(reviews)})
}

func (s *Server) dismissReview(c *fiber.Ctx) error {
	var customer host.Ref
	if err := bodyOf(c, &customer); err != nil {
		return err
	}
	if err := s.options.Members.DismissReview(s.as(c), customer); err != nil {
		return missing(err, "review of customer", "要確認の顧客", customer.ID)
	}
	return c.SendStatus(http.StatusNoContent)
}

func (s *Server) memberPending(c *fiber.Ctx) error {
	pending, err := s.options.Members.MemberPending(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.MemberPendingPage{Pending: orEmpty(pending)})
}

func (s *Server) memberFaults(c *fiber.Ctx) error {
	faults, err := s.options.Members.MemberFaults(s.base)
	if err != nil {
		return err
	}
	return c.JSON(api.MemberFaultPage{Faults: orEmpty(faults)})
}
