package main

import (
	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// state names a run's state for people.
func (p *program) state(s host.RunState) string {
	switch s {
	case host.RunQueued:
		return p.say("queued", "順番待ち")
	case host.RunRunning:
		return p.say("running", "実行中")
	case host.RunWaiting:
		return p.say("waiting", "待機中")
	case host.RunDone:
		return p.say("done", "完了")
	case host.RunFailed:
		return p.say("failed", "失敗")
	case host.RunCancelled:
		return p.say("cancelled", "取り消し")
	default:
		return string(s)
	}
}

// stepState names a step's state for people.
func (p *program) stepState(s host.StepState) string {
	switch s {
	case host.StepStarted:
		return p.say("started", "開始")
	case host.StepDone:
		return p.say("done", "完了")
	case host.StepSkipped:
		return p.say("skipped", "対象外")
	case host.StepFailed:
		return p.say("failed", "失敗")
	default:
		return string(s)
	}
}

// connectionState names a connection's state for people.
func (p *program) connectionState(s host.ConnectionState) string {
	switch s {
	case host.ConnectionReady:
		return p.say("ready", "利用可")
	case host.ConnectionPaused:
		return p.say("paused", "一時停止")
	case host.ConnectionParked:
		return p.say("parked", "要対応")
	default:
		return string(s)
	}
}

// failure is an error of a platform or plugin on one line.
func failure(e *abi.Error) string {
	if e == nil {
		return ""
	}
	return e.Kind.String() + ": " + e.Error()
}

// remedy says what a person can do about an error; empty if only time helps.
func (p *program) remedy(e *abi.Error) string {
	if e.Code == host.CodeLoop {
		return p.say("Two flows change each other's values for ever: compare what they write, mend one, then run it again.",
			"2つのフローが互いの値を書き換え続けています。書き込む値を見比べて片方を直し、再実行してください。")
	}
	switch e.Kind {
	case abi.Auth:
		return p.say("The platform refuses the credential: renew the connection's secret.", "認証情報が拒否されました。接続の秘密の値を更新してください。")
	case abi.Denied:
		return p.say("The credential lacks a right: grant it on the platform.", "権限が足りません。プラットフォーム側で権限を付けてください。")
	case abi.Config:
		return p.say("The connection's settings or secrets are wrong: mend them; after a change of the settings, restart.", "接続の設定か秘密の値に誤りがあります。直してください(設定を変えた場合は再起動してください)。")
	case abi.Invalid:
		return p.say("The platform refuses the values: mend the rule or the record.", "値が受け付けられません。ルールか元データを直してください。")
	case abi.Conflict:
		return p.say("A record stands in the way: look for duplicates.", "レコードが競合しています。重複を確認してください。")
	case abi.NotFound:
		return p.say("The record does not exist on the platform.", "プラットフォームに該当のレコードがありません。")
	case abi.Blocked:
		return p.say("The address is not allowed to the connector; see allow_private and the setting base_url.", "許可されていない宛先です。allow_private と設定 base_url を確認してください。")
	default:
		return ""
	}
}
