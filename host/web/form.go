package web

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed" // the page
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/formlink"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Form is a web form by which members tell their telephone number or address.
type Form struct {
	Name string
	// Key signs its links, and what servers post for their users.
	Key []byte
	Tag string
	// Origins are the pages elsewhere that may post to it.
	Origins []string
	// PerMinute is how many posts of one member are taken.
	PerMinute int
}

// FormTaker keeps what a member sent. An error of kind Invalid is the sender's.
type FormTaker interface {
	TakeForm(ctx context.Context, form string, who api.FormMember, said api.MemberDetails, tag string) error
}

const (
	formRoute = formPrefix + ":form"
	// SignatureHeader carries a server's signature over what it posts.
	SignatureHeader = "Musubi-Signature"
	// formMaxBody bounds what a form may send.
	formMaxBody = 8 << 10
	// mostSenders bounds how many members are remembered for their rate.
	mostSenders = 10_000
)

//go:embed form.html
var formPage string

// form is a Form made ready.
type form struct {
	Form

	page *template.Template
	// key is replaced when it changes.
	key atomic.Pointer[[]byte]
	mu  sync.Mutex
	// senders hold back who sends too often.
	senders map[api.FormMember]*rate.Limiter
}

func newForm(f Form) *form {
	ready := &form{Form: f, page: template.Must(template.New("form").Parse(formPage)), senders: map[api.FormMember]*rate.Limiter{}}
	ready.key.Store(&f.Key)
	return ready
}

// SetFormKey has the form's links and servers checked by this key from now on.
func (s *Server) SetFormKey(name string, key []byte) {
	if f := s.forming[name]; f != nil {
		f.key.Store(&key)
	}
}

func (f *form) allows(who api.FormMember, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.senders[who]
	if l == nil {
		if len(f.senders) >= mostSenders {
			clear(f.senders)
		}
		l = rate.NewLimiter(rate.Limit(f.PerMinute)/60, f.PerMinute)
		f.senders[who] = l
	}
	return l.AllowN(now, 1)
}

func (s *Server) forms() {
	if len(s.forming) == 0 {
		return
	}
	s.app.Get(formRoute, s.showForm)
	s.app.Post(formRoute, s.takeForm)
	s.app.Options(formRoute, s.preflight)
}

// openForm finds the form and lets its pages elsewhere read the answer.
func (s *Server) openForm(c *fiber.Ctx) (*form, error) {
	f := s.forming[c.Params("form")]
	if f == nil {
		return nil, fiber.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderVary, fiber.HeaderOrigin)
	c.Set("Referrer-Policy", "no-referrer") // the address is the credential
	if origin := c.Get(fiber.HeaderOrigin); slices.Contains(f.Origins, origin) {
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	}
	return f, nil
}

func (s *Server) preflight(c *fiber.Ctx) error {
	if _, err := s.openForm(c); err != nil {
		return err
	}
	c.Set(fiber.HeaderAccessControlAllowMethods, http.MethodPost)
	c.Set(fiber.HeaderAccessControlAllowHeaders, fiber.HeaderContentType)
	return c.SendStatus(http.StatusNoContent)
}

func (s *Server) showForm(c *fiber.Ctx) error {
	f, err := s.openForm(c)
	if err != nil {
		return err
	}
	_, err = formlink.Member(*f.key.Load(), f.Name, c.Query("t"), s.options.Clock())
	return f.show(c, formView{Expired: err != nil})
}

// takeForm takes what the shipped page, another page or a server sends.
func (s *Server) takeForm(c *fiber.Ctx) error {
	f, err := s.openForm(c)
	if err != nil {
		return err
	}
	said, page, err := readForm(c)
	if err != nil {
		return err
	}
	err = s.takePost(c, f, said)
	if page {
		return f.answer(c, said, err)
	}
	if err != nil {
		return err
	}
	return c.JSON(api.FormTaken{OK: true})
}

// takePost keeps what a known sender says, unless that comes too often. Who is
// not known is not counted: nobody can use up what a member has.
func (s *Server) takePost(c *fiber.Ctx, f *form, said api.FormPost) error {
	now := s.options.Clock()
	who, err := f.sender(c, said, now)
	if err != nil {
		return err
	}
	if !f.allows(who, now) {
		c.Set(fiber.HeaderRetryAfter, "60")
		return problem(http.StatusTooManyRequests, "too many posts of this member", "送信回数が多すぎます。しばらくしてから送信してください")
	}
	return s.options.Forms.TakeForm(s.base, f.Name, who, said.MemberDetails, f.Tag)
}

// sender is who says it: the member of the link, or whom a server that signs names.
func (f *form) sender(c *fiber.Ctx, said api.FormPost, now time.Time) (api.FormMember, error) {
	if signature := c.Get(SignatureHeader); signature != "" {
		if formlink.Signed(*f.key.Load(), f.Name, c.Request().Body(), signature) {
			return said.FormMember, nil
		}
		return api.FormMember{}, problem(http.StatusUnauthorized,
			"the signature is wrong: it is the HMAC-SHA256 of the form's name, a line break and the body, in hexadecimal",
			"署名が正しくありません。フォーム名・改行・本文をつないだもののHMAC-SHA256(16進数)です")
	}
	token := said.Token
	if token == "" {
		token = c.Query("t")
	}
	member, err := formlink.Member(*f.key.Load(), f.Name, token, now)
	if err != nil {
		return api.FormMember{}, problem(http.StatusForbidden, "the link is not valid, or no longer", "リンクが無効か、有効期限が切れています")
	}
	return api.FormMember{Member: member}, nil
}

// answer shows a person what became of it.
func (f *form) answer(c *fiber.Ctx, said api.FormPost, err error) error {
	view := formView{Done: err == nil, Phone: said.Phone, Email: said.Email}
	switch {
	case err == nil:
	case statusOfProblem(err) == http.StatusForbidden, errors.Is(err, host.ErrNotFound): // the member was erased
		view.Expired = true
	case statusOfProblem(err) == http.StatusTooManyRequests:
		view.Often = true
	case abi.KindOf(err) == abi.Invalid:
		view.Wrong = true
	default:
		return err
	}
	return f.show(c, view)
}

func statusOfProblem(err error) int {
	if p, ok := err.(*api.Problem); ok { //nolint:errorlint // sender's own
		return p.Status
	}
	return 0
}

// formView is what the page shows.
type formView struct {
	Lang, Other, Token, Nonce string
	Done, Expired             bool
	Wrong, Often              bool
	Phone, Email              string
	Words                     formWords
}

type formWords struct{ Title, Lead, Phone, Email, Send, Done, Wrong, Often, Expired, Switch string }

var formLanguages = map[string]formWords{
	"ja": {
		Title: "お客様情報の確認", Lead: "ご注文時の電話番号またはメールアドレスを入力してください。会員情報と連携します。",
		Phone: "電話番号", Email: "メールアドレス", Send: "送信する", Done: "ありがとうございます。送信しました。",
		Wrong: "電話番号またはメールアドレスをご確認ください。", Often: "送信回数が多すぎます。しばらくしてから送信してください。",
		Expired: "リンクの有効期限が切れています。もう一度メッセージからお開きください。", Switch: "English",
	},
	"en": {
		Title: "Who are you?", Lead: "Enter the telephone number or e-mail address that you order with, and we will find your account.",
		Phone: "Telephone number", Email: "E-mail address", Send: "Send", Done: "Thank you. It has been sent.",
		Wrong: "Please check the telephone number or the e-mail address.", Often: "This was sent too often. Please try again in a minute.",
		Expired: "This link has expired. Please open it from the message again.", Switch: "日本語",
	},
}

func (f *form) show(c *fiber.Ctx, v formView) error {
	v.Lang, v.Other = "ja", "en"
	if lang := c.Query("lang"); lang == "en" || (lang == "" && strings.HasPrefix(c.Get(fiber.HeaderAcceptLanguage), "en")) {
		v.Lang, v.Other = "en", "ja"
	}
	v.Words, v.Token, v.Nonce = formLanguages[v.Lang], c.Query("t"), rand.Text()
	var page bytes.Buffer
	if err := f.page.Execute(&page, v); err != nil {
		return fmt.Errorf("making the page of form %s: %w", f.Name, err)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'nonce-"+v.Nonce+"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	switch {
	case v.Expired:
		c.Status(http.StatusForbidden)
	case v.Often:
		c.Status(http.StatusTooManyRequests)
	}
	return c.Send(page.Bytes())
}
