package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func webhookActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("webhook.list", text("List the webhook subscriptions that the app made by API", "APIで登録したWebhookの一覧を取得する"), listWebhooks),
		sdk.Do("webhook.register", text("Have a topic delivered to an address; one that is there already is left as it is", "トピックのWebhookを登録する(登録済みならそのまま)"), registerWebhook).Idempotent(),
		sdk.Do("webhook.delete", text("Delete a webhook subscription", "Webhookの登録を削除する"), deleteWebhook),
	}
}

// hookSubscription is a topic that is delivered to an address.
type hookSubscription struct {
	ID      string `json:"id" doc:"Id of the subscription" ja:"登録ID"`
	Topic   string `json:"topic" doc:"Topic, as orders/create" ja:"トピック(例 orders/create)"`
	URL     string `json:"url" doc:"Where it is delivered" ja:"配信先"`
	Version string `json:"api_version,omitempty" doc:"Version that its bodies have" ja:"本文のAPIバージョン"`
}

type webhookList struct {
	Webhooks []hookSubscription `json:"webhooks" doc:"The subscriptions; those of the app's own configuration are not among them" ja:"登録一覧(アプリ設定ファイルによるものは含まれない)"`
}

const hookFields = `id topic uri apiVersion { handle }`

const hooksQuery = `query Webhooks($after: String) { webhookSubscriptions(first: 100, after: $after) { nodes {` + hookFields + `} pageInfo { hasNextPage endCursor } } }`

type hookNode struct {
	ID      string `json:"id"`
	Topic   string `json:"topic"`
	URI     string `json:"uri"`
	Version struct {
		Handle string `json:"handle"`
	} `json:"apiVersion"`
}

func (n *hookNode) subscription() hookSubscription {
	return hookSubscription{ID: number(n.ID), Topic: topicNamed(n.Topic), URL: n.URI, Version: n.Version.Handle}
}

// enumOf writes a topic the way the API's enum does.
func enumOf(topic string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.ReplaceAll(topic, "/", "_"), ".", "_"))
}

// topicNamed writes an enum's name the way deliveries name the topic; one that
// this connector does not know stays as it is.
func topicNamed(enum string) string {
	for topic := range topics {
		if enumOf(topic) == enum {
			return topic
		}
	}
	return enum
}

func listWebhooks(call *sdk.Call, _ struct{}) (webhookList, error) {
	all, err := shopOf(call).webhooks()
	return webhookList{Webhooks: all}, err
}

func (s shop) webhooks() ([]hookSubscription, error) {
	all, after := []hookSubscription{}, ""
	for {
		var data struct {
			Hooks struct {
				Nodes []hookNode `json:"nodes"`
				Page  pageInfo   `json:"pageInfo"`
			} `json:"webhookSubscriptions"`
		}
		withheld, err := s.read(hooksQuery, 200, variables{"after": orNull(after)}, &data)
		if err == nil {
			err = listed(data.Hooks.Nodes != nil, withheld)
		}
		if err != nil {
			return all, err
		}
		for i := range data.Hooks.Nodes {
			all = append(all, data.Hooks.Nodes[i].subscription())
		}
		if after = data.Hooks.Page.next(); after == "" {
			return all, nil
		}
	}
}

type registerInput struct {
	Topic string `json:"topic" doc:"Topic, as orders/create" ja:"トピック(例 orders/create)"`
	URL   string `json:"url" format:"uri" doc:"Where to deliver: this connection's own webhook address" ja:"配信先(この接続のWebhook URL)"`
}

const registerMutation = `mutation Register($topic: WebhookSubscriptionTopic!, $in: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $in) { webhookSubscription {` + hookFields + `} userErrors { field message } }
}`

// registerWebhook registers a topic. The platform refuses a second one, which is
// then what was wanted; it forgets one that failed eight times.
func registerWebhook(call *sdk.Call, in registerInput) (hookSubscription, error) {
	s := shopOf(call)
	out, err := write[struct {
		Hook hookNode `json:"webhookSubscription"`
	}](s, registerMutation, variables{"topic": enumOf(in.Topic), "in": map[string]any{"uri": in.URL, "format": "JSON"}})
	if err == nil && out.Hook.ID == "" {
		err = unshown("subscription")
	}
	if e := abi.AsError(err); e == nil || e.Kind != abi.Invalid || e.Code != "" {
		return out.Hook.subscription(), err
	}
	all, listed := s.webhooks()
	if listed != nil {
		return hookSubscription{}, listed
	}
	for _, hook := range all {
		if enumOf(hook.Topic) == enumOf(in.Topic) && hook.URL == in.URL {
			return hook, nil
		}
	}
	return hookSubscription{}, err
}

const deleteHookMutation = `mutation Unregister($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }`

func deleteWebhook(call *sdk.Call, in byID) (ref, error) {
	global, err := gid(kindHook, in.ID)
	if err != nil {
		return ref{}, err
	}
	_, err = write[struct{}](shopOf(call), deleteHookMutation, variables{"id": global})
	if abi.KindOf(err) == abi.NotFound {
		err = nil
	}
	return ref(in), err
}
