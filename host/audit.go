package host

import (
	"context"
	"time"
)

// Actor is the person who asks the host for something.
type Actor struct {
	// Name is what the person calls themselves; nobody proves it.
	Name string
	// Address is where the request came from.
	Address string
}

type actorKey struct{}

// WithActor says on whose behalf what is done under ctx is done.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns on whose behalf something is done; false if the host does it by itself.
func ActorOf(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}

// Act is what a person did.
type Act string

// The acts of people. The words are part of the store's format.
const (
	ActRerun    Act = "run.rerun"
	ActCancel   Act = "run.cancel"
	ActReplay   Act = "dead_letter.replay"
	ActDismiss  Act = "dead_letter.dismiss"
	ActRun      Act = "event.run"
	ActCursor   Act = "cursor.set"
	ActResume   Act = "connection.resume"
	ActHook     Act = "connection.hook"
	ActReload   Act = "rules.reload"
	ActBackfill Act = "backfill.begin"
	ActBackup   Act = "store.backup"
	ActRestore  Act = "store.restore"
	ActExport   Act = "store.export"
	ActSet      Act = "vault.set"
	ActRemove   Act = "vault.remove"
	ActRotate   Act = "vault.rotate"
	ActMember   Act = "member.change"
	ActErase    Act = "member.erase"
	ActMessage  Act = "member.message"
)

// Audit is one act of a person. It is never changed.
type Audit struct {
	// ID sorts by when it was done.
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	Who  string    `json:"who"`
	// Address is where the request came from; empty for what was done beside the host.
	Address string `json:"address,omitempty"`
	Act     Act    `json:"act"`
	// On is what it was done to, as an id or name; Detail is how.
	On     string `json:"on,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Refused is why it was not done; empty if it was.
	Refused string `json:"refused,omitempty"`
}

// AuditFilter selects acts, newest first. Zero fields select all.
type AuditFilter struct {
	Since, Until time.Time
	// Before continues a listing: only acts older than this id.
	Before string
	Limit  int
}
