package main

import (
	"github.com/musubi-run/musubi/host"
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
