package main

import (
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// botID is the account's own user id, the destination of its webhooks.
const botID = "U0123456789abcdef0123456789abcdef"

func (a *account) accountRoutes() {
	a.handle("GET", "/v2/bot/info", a.info)
	a.handle("GET", "/v2/bot/message/quota", a.quotaOf)
	a.handle("GET", "/v2/bot/message/quota/consumption", a.consumption)
	for _, kind := range []string{"push", "multicast", "broadcast", "reply"} {
		a.handle("GET", "/v2/bot/message/delivery/"+kind, func(c *call) (int, any, *refusal) { return a.delivered(c, kind) })
	}
	a.handle("GET", "/v2/bot/channel/webhook/endpoint", a.getEndpoint)
	a.handle("PUT", "/v2/bot/channel/webhook/endpoint", a.setEndpoint)
	a.handle("POST", "/v2/bot/channel/webhook/test", a.testEndpoint)
}

func (a *account) info(*call) (int, any, *refusal) {
	return http.StatusOK, map[string]string{
		"userId": botID, "basicId": "@123abcde", "displayName": "サンプル商店", "chatMode": "bot", "markAsReadMode": "auto",
	}, nil
}

func (a *account) quotaOf(*call) (int, any, *refusal) {
	if a.quota.most == 0 {
		return http.StatusOK, map[string]string{"type": "none"}, nil
	}
	return http.StatusOK, map[string]any{"type": "limited", "value": a.quota.most}, nil
}

func (a *account) consumption(*call) (int, any, *refusal) {
	return http.StatusOK, map[string]int64{"totalUsage": a.quota.used[a.quota.month()]}, nil
}

// delivered is known for days before today.
func (a *account) delivered(c *call, kind string) (int, any, *refusal) {
	day := c.r.FormValue("date")
	if len(day) != 8 || strings.Trim(day, "0123456789") != "" {
		return 0, nil, refused(http.StatusBadRequest, "The value for the 'date' parameter is invalid")
	}
	if day >= a.env.Clock.Now().In(jst).Format("20060102") {
		return http.StatusOK, map[string]string{"status": "unready"}, nil
	}
	return http.StatusOK, map[string]any{"status": "ready", "success": a.quota.days[kind+day]}, nil
}

func (a *account) getEndpoint(*call) (int, any, *refusal) {
	if a.endpoint == "" {
		return 0, nil, errNotFound
	}
	return http.StatusOK, map[string]any{"endpoint": a.endpoint, "active": true}, nil
}

// setEndpoint takes what LINE takes. Where webhooks really go is the control
// API's business: a test's receiver has no certificate.
func (a *account) setEndpoint(c *call) (int, any, *refusal) {
	var body struct {
		Endpoint string `json:"endpoint"`
	}
	if no := c.read(&body); no != nil {
		return 0, nil, no
	}
	if !strings.HasPrefix(body.Endpoint, "https://") || len(body.Endpoint) > 500 {
		return 0, nil, refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"Invalid webhook endpoint URL", "endpoint"})
	}
	a.endpoint = body.Endpoint
	a.effect(c, "set webhook endpoint")
	return http.StatusOK, empty{}, nil
}

// testEndpoint sends a delivery without events, as the console's button does.
func (a *account) testEndpoint(c *call) (int, any, *refusal) {
	answer := simkit.Answer{}
	if a.env.Hooks.Config().URL != "" {
		answer = a.env.Hooks.Deliver(c.r.Context(), a.hooks.message("ping"))
	}
	reason := "OK"
	if answer.Status != http.StatusOK {
		reason = "UNCLASSIFIED"
	}
	return http.StatusOK, map[string]any{
		"success": answer.Status == http.StatusOK, "timestamp": stamp(a.env.Clock.Now()),
		"statusCode": answer.Status, "reason": reason, "detail": http.StatusText(answer.Status),
	}, nil
}
