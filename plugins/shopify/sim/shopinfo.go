package main

import (
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// domain is the shop's permanent name.
const domain = "example-shop.myshopify.com"

func (s *shop) shopFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.shop": func(*graphql.Field) any {
			return object{
				"id": gid("Shop", "1"), "name": "Example", "myshopifyDomain": domain, "currencyCode": currency,
				"ianaTimezone": "Asia/Tokyo", "plan": object{"publicDisplayName": s.rules.Plan},
			}
		},
		"QueryRoot.currentAppInstallation": func(*graphql.Field) any {
			granted := make([]object, 0, len(s.rules.Scopes))
			for _, scope := range s.rules.Scopes {
				granted = append(granted, object{"handle": scope})
			}
			return object{"id": gid("AppInstallation", "1"), "accessScopes": granted}
		},
		"QueryRoot.node": func(f *graphql.Field) any {
			id := asText(f.Args["id"])
			record := s.get(id)
			if record == nil {
				return nil
			}
			return object{"__typename": kindOf(id), "id": id}
		},
	}
}

func (s *shop) subscriptionFields() map[string]graphql.Resolver {
	return map[string]graphql.Resolver{
		"QueryRoot.webhookSubscriptions":     func(f *graphql.Field) any { return nested(f, s.tables[kindSubscription].Select(nil)) },
		"Mutation.webhookSubscriptionCreate": s.subscribe,
		"Mutation.webhookSubscriptionDelete": func(f *graphql.Field) any {
			id := asText(f.Args["id"])
			if s.get(id) == nil || !s.tables[kindSubscription].Delete(id) {
				return payload("deletedWebhookSubscriptionId", nil, &refusal{[]any{"id"}, "Webhook subscription does not exist", ""})
			}
			effect(f, "delete WebhookSubscription %s", number(id))
			s.follow()
			return payload("deletedWebhookSubscriptionId", id)
		},
	}
}

func (s *shop) subscribe(f *graphql.Field) any {
	in, topic := argument(f, "webhookSubscription"), asText(f.Args["topic"])
	uri := text(in, "uri")
	if !strings.HasPrefix(uri, "https://") && !strings.HasPrefix(uri, "http://127.0.0.1") && !strings.HasPrefix(uri, "pubsub://") {
		return payload("webhookSubscription", nil, &refusal{[]any{"webhookSubscription", "callbackUrl"}, "Address protocol http:// is not supported", ""})
	}
	taken := s.tables[kindSubscription].Select(func(o object) bool { return o["topic"] == topic && o["uri"] == uri && o["filter"] == in["filter"] })
	if len(taken) > 0 {
		return payload("webhookSubscription", nil, &refusal{[]any{"webhookSubscription", "callbackUrl"}, "Address for this topic has already been taken", ""})
	}
	record := object{
		"id": s.next(kindSubscription), "topic": topic, "uri": uri, "format": orDefault(in, "format", "JSON"), "filter": in["filter"],
		"includeFields": []any{}, "apiVersion": object{"handle": versionOf(f)}, "createdAt": s.stamp(),
	}
	s.put(record)
	effect(f, "create WebhookSubscription %s %s", topic, uri)
	s.follow()
	return payload("webhookSubscription", record)
}

// follow has webhooks delivered where the last subscription wants them, with
// the topics of that address; the control PUT /_sim/hooks overrides it.
func (s *shop) follow() {
	all := s.tables[kindSubscription].Select(nil)
	hook := simkit.Hook{Secret: s.env.Hooks.Config().Secret}
	if len(all) > 0 {
		hook.URL = text(all[len(all)-1], "uri")
	}
	for _, subscription := range all {
		if text(subscription, "uri") == hook.URL {
			hook.Events = append(hook.Events, s.topicOf(text(subscription, "topic")))
		}
	}
	s.env.Hooks.Set(hook)
}

// topicOf writes the name of a topic's enum the way deliveries do.
func (s *shop) topicOf(name string) string {
	for topic := range s.renderers {
		if enumOf(topic) == name {
			return topic
		}
	}
	return strings.ToLower(name)
}

func enumOf(topic string) string {
	return strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(topic))
}
