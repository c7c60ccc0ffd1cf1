package main

import (
	"fmt"
	"strconv"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/sdk/abi"
)

// paceTable shows how fast the platform lets a connection go, by the keys that
// change it in musubi.yaml.
func (p *program) paceTable(l *abi.Limits) table {
	t := table{}
	add := func(key, value, en, ja string) {
		if value != "" && value != "0" {
			t.row(key, value, p.say(en, ja))
		}
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	add("per_second", number(l.PerSecond), "requests per second", "1秒あたりの回数")
	add("burst", strconv.Itoa(l.Burst), "at once for a moment", "瞬間の上限")
	add("concurrency", strconv.Itoa(l.Concurrency), "at the same time", "同時実行数")
	add("per_day", strconv.Itoa(l.PerDay), "requests per day", "1日あたりの回数")
	add("day_start", l.DayStart, "when a day begins", "1日の始まり")
	if l.Points.Capacity > 0 {
		add("points", fmt.Sprintf("%g, +%g/s", l.Points.Capacity, l.Points.PerSecond),
			"points that requests cost; the platform corrects them", "リクエストのコストポイント(プラットフォームの応答で補正)")
	}
	for _, e := range l.Endpoints {
		add(e.Match, fmt.Sprintf("%d / %s", e.Requests, window(e.Seconds)), "requests at this endpoint", "このエンドポイントの回数")
	}
	for i := range l.Gauges {
		add("", l.Gauges[i].Header, "tells how much is left", "残量を知らせるヘッダー")
	}
	return t
}

// window writes seconds as people say them: s, min, h, or 90s.
func window(seconds int) string {
	switch seconds {
	case 1:
		return "s"
	case 60:
		return "min"
	case 3600:
		return "h"
	default:
		return strconv.Itoa(seconds) + "s"
	}
}

// boundTable shows what bounds a call, and one of its requests.
func (p *program) boundTable(b app.Bounds) table {
	call, request := b.Call, b.Request
	t := table{}
	for _, row := range []struct{ key, value, en, ja string }{
		{"memory", sizeText(call.Memory), "memory of an instance", "インスタンスのメモリー"},
		{"fuel", strconv.FormatInt(call.Fuel, 10), "instructions", "命令数"},
		{"time", call.Time.String(), "time, requests included", "時間(リクエストを含む)"},
		{"recursion", strconv.Itoa(call.Recursion), "how deep functions call one another", "関数呼び出しの深さ"},
		{"http_calls", strconv.Itoa(call.HTTPCalls), "HTTP requests", "HTTPリクエスト数"},
		{"request_bytes", sizeText(call.RequestBytes), "one request", "リクエスト1件の大きさ"},
		{"request_time", request.Timeout.String(), "one request, from dial to the end of its answer", "リクエスト1件の時間(応答の終わりまで)"},
		{"rate_wait", request.MaxWait.String(), "a request's wait for its turn", "流量制限の順番待ち"},
		{"redirects", strconv.Itoa(request.Redirects), "redirects that are followed", "たどるリダイレクト数"},
		{"response_bytes", sizeText(request.ResponseBytes), "an answer's body, decompressed", "応答本文の大きさ(展開後)"},
		{"header_bytes", sizeText(request.HeaderBytes), "an answer's header fields", "応答ヘッダーの大きさ"},
		{"header_count", strconv.Itoa(request.HeaderCount), "their number", "応答ヘッダーの数"},
		{"output_bytes", sizeText(call.OutputBytes), "the call's result", "結果の大きさ"},
		{"log_lines", strconv.Itoa(call.LogLines), "lines of log", "ログの行数"},
		{"log_bytes", sizeText(call.LogBytes), "one line of log", "ログ1行の長さ"},
		{"state_keys", strconv.Itoa(call.StateKeys), "keys of state that are set", "設定できる状態キーの数"},
		{"state_bytes", sizeText(call.StateBytes), "one value of state", "状態の値1件の大きさ"},
		{"state_total", strconv.Itoa(b.StateTotal), "keys of state in all", "状態キーの総数"},
	} {
		t.row(row.key, row.value, p.say(row.en, row.ja))
	}
	return t
}

// sizeText writes a size as musubi.yaml has it.
func sizeText[T int | int64](bytes T) string {
	for _, unit := range []struct {
		name string
		size T
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= unit.size && bytes%unit.size == 0 {
			return fmt.Sprintf("%d%s", bytes/unit.size, unit.name)
		}
	}
	return strconv.FormatInt(int64(bytes), 10)
}
