package builtin

import (
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// What the host announces about its own work.
const (
	RunFailed           = "run.failed"
	ConnectionAuthFail  = "connection.auth_failed"
	ConnectionPaused    = "connection.paused"
	ConnectionRecovered = "connection.recovered"
	CredentialExpiring  = "credential.expiring"
	PollFailing         = "poll.failing"
)

// Notices is the part that tells ops what needs them.
func Notices() Part {
	return Part{Triggers: []Trigger{
		Announce[FailedRun](RunFailed, abi.Text{EN: "A run failed and needs a person", JA: "実行が失敗し、対応が必要になった"}),
		Announce[Trouble](ConnectionAuthFail, abi.Text{EN: "A connection's credential is refused", JA: "接続の認証情報が拒否された"}),
		Announce[Trouble](ConnectionPaused, abi.Text{EN: "A connection does not work and is paused", JA: "接続が使えず、一時停止した"}),
		Announce[Trouble](ConnectionRecovered, abi.Text{EN: "A connection works again", JA: "接続が復旧した"}),
		Announce[FailingPoll](PollFailing, abi.Text{EN: "A poll keeps failing and needs a person", JA: "定期取得の失敗が続き、対応が必要になった"}),
		Announce[Expiry](CredentialExpiring, abi.Text{EN: "A credential expires soon", JA: "認証情報の期限が近づいた"}),
	}}
}

// FailedRun is the data of [RunFailed]. The first failure of a flow for one
// reason is told at once; those that follow within the notice window are told
// together at its end, by one event whose run is the latest of them.
type FailedRun struct {
	Run        string    `json:"run" doc:"The run's id" ja:"実行のID"`
	Flow       string    `json:"flow" doc:"The flow's id" ja:"フローのID"`
	FlowTitle  string    `json:"flow_title" doc:"The flow's title, or its id" ja:"フローの題名(なければID)"`
	Step       string    `json:"step" doc:"The step that failed" ja:"失敗したステップ"`
	StepTitle  string    `json:"step_title" doc:"The step's title, or its name" ja:"ステップの題名(なければ名前)"`
	Connection string    `json:"connection" doc:"The connection that the step called; empty if none" ja:"ステップが呼び出した接続(なければ空)"`
	Kind       string    `json:"kind" doc:"Kind of error, such as invalid or unavailable" ja:"エラーの種類(invalid、unavailableなど)"`
	Code       string    `json:"code,omitempty" doc:"What exactly, where that is known: the platform's own code, fail of the step fail, or loop" ja:"詳しい種類(プラットフォームのコード、ステップfailならfail、終わらない繰り返しならloop。なければ無し)"`
	Message    string    `json:"message" doc:"The error" ja:"エラーの内容"`
	Event      Cause     `json:"event" doc:"The event that the run was for" ja:"実行のもとになったイベント"`
	FailedAt   time.Time `json:"failed_at" doc:"When the run failed" ja:"失敗した日時"`
	Link       string    `json:"link" doc:"Address of the run; empty while public_url is not configured" ja:"実行のURL(public_urlが未設定なら空)"`
	Count      int64     `json:"count" doc:"How many runs failed so since the last notice" ja:"前回の通知から同じ理由で失敗した件数"`
	Summary    bool      `json:"summary" doc:"Whether this tells of all failures of a notice window" ja:"まとめの通知かどうか"`
	Since      time.Time `json:"since" doc:"Since when the failures are counted" ja:"集計の開始日時"`
}

// Cause is the event that a run was for.
type Cause struct {
	ID         string `json:"id" doc:"The event's id" ja:"イベントのID"`
	Connection string `json:"connection" doc:"Who announced it" ja:"イベントの接続"`
	Type       string `json:"type" doc:"What happened" ja:"イベントの種類"`
	Subject    string `json:"subject" doc:"The record's id at the platform" ja:"プラットフォームでのレコードのID"`
}

// Trouble is the data of the connection triggers.
type Trouble struct {
	Connection string    `json:"connection" doc:"The connection" ja:"接続の名前"`
	State      string    `json:"state" doc:"ready, paused or parked" ja:"状態(ready、paused、parked)" enum:"ready,paused,parked"`
	Kind       string    `json:"kind" doc:"Kind of error; empty when it works again" ja:"エラーの種類(復旧時は空)"`
	Message    string    `json:"message" doc:"The error; empty when it works again" ja:"エラーの内容(復旧時は空)"`
	Since      time.Time `json:"since" doc:"Since when it has been so" ja:"その状態になった日時"`
}

// FailingPoll is the data of [PollFailing]: a poll that fails for a reason that
// does not pass by itself, and is not that of the whole connection.
type FailingPoll struct {
	Connection string    `json:"connection" doc:"The connection" ja:"接続の名前"`
	Trigger    string    `json:"trigger" doc:"What is polled" ja:"定期取得のトリガー"`
	Kind       string    `json:"kind" doc:"Kind of error" ja:"エラーの種類"`
	Message    string    `json:"message" doc:"The error" ja:"エラーの内容"`
	Tries      int64     `json:"tries" doc:"How often it was tried" ja:"試した回数"`
	Since      time.Time `json:"since" doc:"Since when it fails" ja:"失敗し始めた日時"`
}

// Expiry is the data of [CredentialExpiring].
type Expiry struct {
	Connection string    `json:"connection" doc:"The connection" ja:"接続の名前"`
	Secret     string    `json:"secret" doc:"The secret's name" ja:"秘密の値の名前"`
	Expires    time.Time `json:"expires" doc:"When it expires" ja:"期限"`
	DaysLeft   int64     `json:"days_left" doc:"Days until then; 0 or less when it has expired" ja:"期限までの日数(0以下は期限切れ)"`
}
