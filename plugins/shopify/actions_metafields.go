package main

import (
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// metafieldName is namespace.key.
type metafieldName struct{ namespace, key string }

// metafieldNamed splits a name at its last dot; keys have none.
func metafieldNamed(name string) metafieldName {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return metafieldName{key: name}
	}
	return metafieldName{namespace: name[:at], key: name[at+1:]}
}

// metafieldValue is a metafield with what to write.
type metafieldValue struct {
	metafieldName

	Value string
	Type  string
}

// wireMetafields are the metafields as mutations take them; owner is empty
// within the input of the record itself.
func wireMetafields(owner string, all []metafieldValue) []map[string]any {
	wire := make([]map[string]any, 0, len(all))
	for _, m := range all {
		wire = append(wire, given{"ownerId": owner, "namespace": m.namespace, "key": m.key, "type": m.Type, "value": m.Value}.object())
	}
	return wire
}

const setMetafieldsMutation = `mutation SetMetafields($m: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $m) { metafields { id } userErrors { field message code elementIndex } }
}`

type metafieldNode struct {
	Value string `json:"value"`
	Type  string `json:"type"`
}

func (s shop) setMetafields(owner string, all []metafieldValue) error {
	_, err := write[struct{}](s, setMetafieldsMutation, variables{"m": wireMetafields(owner, all)})
	return err
}

func metafieldActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("metafield.get", text("Read a metafield of a customer or an order", "顧客・注文のメタフィールドを取得する"), getMetafield),
		sdk.Do("metafield.set", text("Write metafields of a customer, an order or a product, all or none", "顧客・注文・商品のメタフィールドを書き込む(全件または0件)"), setMetafield).Idempotent(),
		sdk.Do("metafield.delete", text("Remove metafields of a customer, an order or a product; those that it has not are passed over", "顧客・注文・商品のメタフィールドを削除する(無いものは無視)"), deleteMetafields).Idempotent(),
	}
}

// metafieldOf is a metafield as rules see it.
type metafieldOf struct {
	Name  string `json:"name" doc:"Namespace and key, as custom.salesforce_id" ja:"名前空間とキー(例 custom.salesforce_id)"`
	Value string `json:"value" doc:"Value, as text" ja:"値(文字列)"`
	Type  string `json:"type,omitempty" doc:"Type; not needed where there is a definition" ja:"型(定義があれば不要)"`
}

type getMetafieldInput struct {
	Object string `json:"object" enum:"customer,order" doc:"Kind of record" ja:"レコードの種類"`
	ID     string `json:"id" doc:"Id of the record" ja:"レコードのID"`
	Name   string `json:"name" doc:"Namespace and key, as custom.salesforce_id" ja:"名前空間とキー(例 custom.salesforce_id)"`
}

type metafieldFound struct {
	Found bool   `json:"found" doc:"Whether it has a value" ja:"値があるか"`
	Value string `json:"value" doc:"The value; empty if there is none" ja:"値(無ければ空)"`
	Type  string `json:"type,omitempty" doc:"Type" ja:"型"`
}

func getMetafield(call *sdk.Call, in getMetafieldInput) (metafieldFound, error) {
	global, err := gid(owners[in.Object], in.ID)
	if err != nil {
		return metafieldFound{}, err
	}
	name := metafieldNamed(in.Name)
	var data struct {
		Owner *struct {
			Metafield *metafieldNode `json:"metafield"`
		} `json:"owner"`
	}
	document := `query Metafield($id: ID!, $namespace: String, $key: String!) {
  owner: ` + in.Object + `(id: $id) { metafield(namespace: $namespace, key: $key) { value type } }
}`
	vars := variables{"id": global, "namespace": orNull(name.namespace), "key": name.key}
	if _, err := shopOf(call).read(document, 2, vars, &data); err != nil {
		return metafieldFound{}, err
	}
	if data.Owner == nil {
		return metafieldFound{}, sdk.Errorf(abi.NotFound, "there is no %s %s", in.Object, in.ID)
	}
	if data.Owner.Metafield == nil {
		return metafieldFound{}, nil
	}
	return metafieldFound{Found: true, Value: data.Owner.Metafield.Value, Type: data.Owner.Metafield.Type}, nil
}

type setMetafieldInput struct {
	Object     string        `json:"object" enum:"customer,order,product" doc:"Kind of record" ja:"レコードの種類"`
	ID         string        `json:"id" doc:"Id of the record" ja:"レコードのID"`
	Metafields []metafieldOf `json:"metafields" doc:"Up to 25" ja:"メタフィールド(25件まで)"`
}

func setMetafield(call *sdk.Call, in setMetafieldInput) (ref, error) {
	global, err := gid(owners[in.Object], in.ID)
	if err != nil {
		return ref{}, err
	}
	all := make([]metafieldValue, 0, len(in.Metafields))
	for _, m := range in.Metafields {
		if m.Value == "" {
			return ref{}, sdk.Errorf(abi.Invalid, "the metafield %s has no value, and the platform takes no empty ones", m.Name)
		}
		all = append(all, metafieldValue{metafieldName: metafieldNamed(m.Name), Value: m.Value, Type: m.Type})
	}
	return ref{ID: in.ID}, shopOf(call).setMetafields(global, all)
}

type deleteMetafieldsInput struct {
	Object string   `json:"object" enum:"customer,order,product" doc:"Kind of record" ja:"レコードの種類"`
	ID     string   `json:"id" doc:"Id of the record" ja:"レコードのID"`
	Names  []string `json:"names" doc:"Namespaces and keys, as custom.salesforce_id" ja:"名前空間とキー(例 custom.salesforce_id)"`
}

const deleteMetafieldsMutation = `mutation DeleteMetafields($m: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $m) { deletedMetafields { key } userErrors { field message } }
}`

func deleteMetafields(call *sdk.Call, in deleteMetafieldsInput) (ref, error) {
	global, err := gid(owners[in.Object], in.ID)
	if err != nil {
		return ref{}, err
	}
	if len(in.Names) == 0 {
		return ref{}, sdk.Errorf(abi.Invalid, "names is empty: nothing to remove")
	}
	return ref{ID: in.ID}, shopOf(call).removeMetafields(global, in.Names)
}

// removeMetafields removes metafields of a record; those that it has not are passed over.
func (s shop) removeMetafields(owner string, names []string) error {
	all := make([]map[string]any, 0, len(names))
	for _, n := range names {
		name := metafieldNamed(n)
		if name.namespace == "" {
			return sdk.Errorf(abi.Invalid, "%q needs its namespace, as in custom.salesforce_id", n)
		}
		all = append(all, given{"ownerId": owner, "namespace": name.namespace, "key": name.key}.object())
	}
	_, err := write[struct{}](s, deleteMetafieldsMutation, variables{"m": all})
	return err
}
