package main

import (
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const addTagsMutation = `mutation AddTags($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } } }`

const removeTagsMutation = `mutation RemoveTags($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) { node { id } userErrors { field message } } }`

// owners are the kinds of record that tags and metafields belong to.
var owners = map[string]string{"customer": kindCustomer, "order": kindOrder, "product": kindProduct}

// longest is how long a tag may be, in characters; those of orders are short.
func longest(kind string) int {
	if kind == kindOrder {
		return 40
	}
	return 255
}

func tagActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("tag.add", text("Add tags; those that are there already stay", "タグを付ける(既にあるタグはそのまま)"), addTags).Idempotent(),
		sdk.Do("tag.remove", text("Remove tags; those that are not there do not matter", "タグを外す(無いタグは無視)"), removeTags).Idempotent(),
	}
}

type tagInput struct {
	Object string   `json:"object" enum:"customer,order,product" doc:"Kind of record" ja:"レコードの種類"`
	ID     string   `json:"id" doc:"Id of the record" ja:"レコードのID"`
	Tags   []string `json:"tags" doc:"The tags; those of orders have 40 characters at the most" ja:"タグ(注文のタグは40文字まで)"`
}

func addTags(call *sdk.Call, in tagInput) (ref, error) {
	return shopOf(call).changeTags(addTagsMutation, owners[in.Object], in.ID, in.Tags)
}

func removeTags(call *sdk.Call, in tagInput) (ref, error) {
	return shopOf(call).changeTags(removeTagsMutation, owners[in.Object], in.ID, in.Tags)
}

func (s shop) changeTags(mutation, kind, id string, tags []string) (ref, error) {
	global, err := gid(kind, id)
	if err != nil {
		return ref{}, err
	}
	for _, tag := range tags {
		if strings.Contains(tag, ",") || strings.TrimSpace(tag) == "" || utf8.RuneCountInString(tag) > longest(kind) {
			return ref{}, &abi.Error{Kind: abi.Invalid, Fields: []string{"tags"}, Message: "the tag \"" + tag + "\" is empty, too long or has a comma"}
		}
	}
	_, err = write[struct{}](s, mutation, variables{"id": global, "tags": tags})
	return ref{ID: number(global)}, err
}
