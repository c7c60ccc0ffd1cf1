package enginebench

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// platforms is a shop and a CRM that remember nothing and answer at once.
type platforms struct{}

// Invoke answers a call.
func (platforms) Invoke(_ context.Context, in host.Invocation) ([]byte, error) {
	switch in.Name {
	case "customer.get":
		var customer struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(in.Input, &customer); err != nil {
			return nil, &abi.Error{Kind: abi.Invalid, Message: err.Error()}
		}
		return fmt.Appendf(nil, `{"id":%q,"email":"%s@example.com"}`, customer.ID, customer.ID), nil
	case "record.search":
		return []byte(`{"total_size":0,"records":[]}`), nil
	case "record.create", "record.update":
		return fmt.Appendf(nil, `{"id":"a-%s"}`, in.IdempotencyKey), nil
	default:
		return nil, &abi.Error{Kind: abi.Unsupported, Message: in.Name}
	}
}

func object(required []string, properties map[string]*abi.Schema) *abi.Schema {
	return &abi.Schema{Type: abi.TypeObject, Properties: properties, Required: required}
}

// catalog is what the two platforms declare.
func catalog() *rules.Catalog {
	text, fields := &abi.Schema{Type: abi.TypeString}, &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
	ref := object([]string{"id"}, map[string]*abi.Schema{"id": text})
	shop := &abi.Manifest{
		ABI: abi.Version, ID: "shop", Version: "1",
		Triggers: []abi.Trigger{{Name: "customer.updated", Webhook: true, Data: object([]string{"id", "n"},
			map[string]*abi.Schema{"id": text, "n": {Type: abi.TypeInteger}})}},
		Actions: []abi.Action{{Name: "customer.get", Reads: true, Input: ref, Output: object([]string{"id", "email"},
			map[string]*abi.Schema{"id": text, "email": text})}},
	}
	crm := &abi.Manifest{
		ABI: abi.Version, ID: "crm", Version: "1",
		Records: &abi.Records{Search: "record.search", Create: "record.create", Update: "record.update"},
		Actions: []abi.Action{
			{
				Name: "record.search", Reads: true, Input: object([]string{"object", "match"}, map[string]*abi.Schema{"object": text, "match": fields}),
				Output: object([]string{"total_size", "records"}, map[string]*abi.Schema{
					"total_size": {Type: abi.TypeInteger}, "records": {Type: abi.TypeArray, Items: ref},
				}),
			},
			{Name: "record.create", Idempotent: true, Output: ref, Input: object([]string{"object", "fields"},
				map[string]*abi.Schema{"object": text, "fields": fields})},
			{Name: "record.update", Idempotent: true, Output: ref, Input: object([]string{"object", "id", "fields"},
				map[string]*abi.Schema{"object": text, "id": text, "fields": fields})},
		},
	}
	return &rules.Catalog{Connections: map[string]*rules.Connection{"shop": {Manifest: shop}, "crm": {Manifest: crm}}}
}
