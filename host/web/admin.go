package web

import (
	"context"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// Operator is what a person may ask of a running host. An id that names
// nothing is [host.ErrNotFound]; every other error says by its kind who must act.
type Operator interface {
	Runs
	Events
	DeadLetters
	Links
	Cursors
	Backfills
	Connections
	PlatformReader
	Rules
	Archive
	AuditReader
	Vault
	StatusReader
}

// RunReader looks at runs.
type RunReader interface {
	Runs(ctx context.Context, f host.RunFilter) ([]host.Run, error)
	Run(ctx context.Context, id string) (host.Run, []host.StepRecord, error)
	// Lineup tells which of these runs wait behind a failed one, or hold others up.
	Lineup(ctx context.Context, runs []string) (api.Lineup, error)
}

// Runs looks at runs and steers them.
type Runs interface {
	RunReader
	Rerun(ctx context.Context, id string, again host.Rerun) error
	Cancel(ctx context.Context, id string) error
}

// EventReader looks at accepted events.
type EventReader interface {
	Events(ctx context.Context, f host.EventFilter) ([]host.Event, error)
	Event(ctx context.Context, id string) (host.Event, []host.Run, error)
}

// Events looks at accepted events, and runs flows that missed some. Missed returns
// those of a page of the events on which the flow would start and has not, the
// oldest first, and behind which event the next page begins, "" after the last one.
type Events interface {
	EventReader
	Missed(ctx context.Context, flow string, f host.EventFilter) (missed []host.Event, after string, err error)
	RunMissed(ctx context.Context, flow, event string) error
}

// DeadLetterReader looks at deliveries that could not be read.
type DeadLetterReader interface {
	DeadLetters(ctx context.Context, f host.EventFilter) ([]host.DeadLetter, error)
	DeadLetter(ctx context.Context, id string) (host.DeadLetter, error)
}

// DeadLetters looks at deliveries that could not be read, and tries them again or lets them be.
type DeadLetters interface {
	DeadLetterReader
	Replay(ctx context.Context, id string) (host.Receipt, error)
	Dismiss(ctx context.Context, id string) error
}

// Links looks at links.
type Links interface {
	Links(ctx context.Context, f host.LinkFilter) ([]host.Link, error)
}

// CursorReader looks at cursors.
type CursorReader interface {
	Cursors(ctx context.Context) ([]api.Cursor, error)
}

// Cursors looks at cursors and moves them.
type Cursors interface {
	CursorReader
	SetCursor(ctx context.Context, c host.Cursor) error
}

// BackfillReader looks at how far backfills have come.
type BackfillReader interface {
	Backfills(ctx context.Context) ([]api.Backfill, error)
}

// Backfills looks at backfills. Backfill begins one, or has it go on where it stands.
type Backfills interface {
	BackfillReader
	Backfill(ctx context.Context, job api.Backfill) (api.Backfill, error)
}

// Connections looks at how connections fare, and at what a plugin's calls used.
// Resume has one that holds its runs tried again at once. RenewHook gives one
// another webhook address, whose path it returns; the old one is refused from then on.
type Connections interface {
	Connections(ctx context.Context) ([]api.Connection, error)
	Fuel(ctx context.Context, connection string) (api.Fuel, error)
	Resume(ctx context.Context, connection string) error
	RenewHook(ctx context.Context, connection string) (path string, err error)
}

// Rules looks at the rules in use. ReloadRules reads the folder again, whole
// or not at all; faults of the files are diag.Problems.
type Rules interface {
	RulesReader
	Rules(ctx context.Context) (api.Rules, error)
	ReloadRules(ctx context.Context) (api.Rules, error)
}

// AuditReader looks at what people did.
type AuditReader interface {
	Audits(ctx context.Context, f host.AuditFilter) ([]api.Audit, error)
}

// Vault changes which secrets the host holds. Nobody can read one.
type Vault interface {
	SecretNames(ctx context.Context) ([]string, error)
	SetSecret(ctx context.Context, name, value string) error
	RemoveSecret(ctx context.Context, name string) error
}

// Exporter hands out all rows of a kind, one after the other.
type Exporter interface {
	EachRun(ctx context.Context, visit func(host.Run) error) error
	EachLink(ctx context.Context, visit func(host.Link) error) error
}

// Archive hands out what is stored. Backup writes all of it, as it is at one moment.
type Archive interface {
	Exporter
	Backup(ctx context.Context, w io.Writer) error
}

func (s *Server) admin(r fiber.Router) {
	r.Get("/version", func(c *fiber.Ctx) error { return c.JSON(s.options.Version) })
	r.Get("/status", s.showStatus)
	r.Get("/runs", s.listRuns)
	r.Post("/runs/rerun", s.rerunMany)
	r.Post("/runs/cancel", s.cancelMany)
	r.Post("/runs/lineup", s.lineup)
	r.Get("/runs/:id", s.showRun)
	r.Post("/runs/:id/rerun", s.rerun)
	r.Post("/runs/:id/cancel", s.cancel)
	r.Get("/events", s.listEvents)
	r.Post("/events/run", s.runMissed)
	r.Get("/events/:id", s.showEvent)
	r.Get("/dead-letters", s.listDeadLetters)
	r.Post("/dead-letters/replay", s.replayMany)
	r.Get("/dead-letters/:id", s.showDeadLetter)
	r.Post("/dead-letters/:id/replay", s.replay)
	r.Post("/dead-letters/:id/dismiss", s.dismiss)
	r.Get("/links", s.listLinks)
	r.Get("/cursors", s.listCursors)
	r.Put("/cursors/:connection/:trigger", s.setCursor)
	r.Get("/backfills", s.listBackfills)
	r.Post("/backfills", s.beginBackfill)
	r.Get("/connections", s.listConnections)
	r.Get("/connections/:name/fuel", s.showFuel)
	r.Get("/connections/:name/hook", s.showHook)
	r.Post("/connections/:name/hook/renew", s.renewHook)
	r.Post("/connections/:name/resume", s.resume)
	r.Post("/connections/:name/read", s.readPlatform)
	r.Get("/rules", s.showRules)
	r.Get("/rules/history", s.showRulesHistory)
	r.Get("/rules/history/:version", s.showRulesSources)
	r.Post("/rules/reload", s.reloadRules)
	r.Get("/audit", s.listAudits)
	r.Get("/vault", s.listSecrets)
	r.Put("/vault/:name", s.setSecret)
	r.Delete("/vault/:name", s.removeSecret)
	r.Get("/backup", s.backup)
	r.Get("/export/runs", s.exportRuns)
	r.Get("/export/links", s.exportLinks)
	s.members(r)
}

// authorize lets through who carries the admin token.
func (s *Server) authorize(c *fiber.Ctx) error {
	if s.mayAdminister(c.Get(fiber.HeaderAuthorization)) {
		return c.Next()
	}
	return s.notAdmin(c)
}

// SetAdminToken has the admin API guarded by this token from now on.
func (s *Server) SetAdminToken(token string) {
	value := []byte(token)
	s.adminToken.Store(&value)
}

func (s *Server) mayAdminister(authorization string) bool {
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	return same(token, *s.adminToken.Load()) && bearer
}

func (*Server) notAdmin(c *fiber.Ctx) error {
	c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	return problem(fiber.StatusUnauthorized,
		"the admin token is missing or wrong: send Authorization: Bearer with the token that admin_token in the host's musubi.yaml names or, where that is not there, the one in admin.token in its data folder",
		"管理トークンがないか、違います。musubi.yaml の admin_token が示す値(なければ、ホストのデータフォルダーにある admin.token の値)を Authorization: Bearer で送ってください")
}
