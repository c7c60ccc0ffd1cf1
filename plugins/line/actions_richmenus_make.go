package main

import (
	"encoding/base64"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func richMenuMakeActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("rich_menu.create", abi.Text{EN: "Make a rich menu; it needs an image before it can be shown", JA: "リッチメニューを作成する(表示するには画像が必要)"}, createMenu),
		sdk.Do("rich_menu.upload_image", abi.Text{EN: "Give a rich menu its image", JA: "リッチメニューに画像をアップロードする"}, uploadMenuImage).Idempotent(),
		sdk.Do("rich_menu.delete", abi.Text{EN: "Delete a rich menu", JA: "リッチメニューを削除する"}, deleteMenu).Idempotent(),
		sdk.Read("rich_menu.alias_list", abi.Text{EN: "List the aliases of rich menus", JA: "リッチメニューエイリアスを一覧する"}, listAliases),
		sdk.Do("rich_menu.alias_set", abi.Text{EN: "Have an alias stand for a rich menu, a new one if need be", JA: "リッチメニューエイリアスを設定する(無ければ作成)"}, setAlias).Idempotent(),
		sdk.Do("rich_menu.alias_delete", abi.Text{EN: "Delete an alias", JA: "リッチメニューエイリアスを削除する"}, deleteAlias).Idempotent(),
	}
}

type menuInput struct {
	Menu map[string]any `json:"menu" doc:"Rich menu object, as in LINE's reference: size, selected, name, chatBarText, areas" ja:"リッチメニューオブジェクト(size・selected・name・chatBarText・areas)"`
}

// createMenu is not repeated by itself: LINE would make a second menu.
func createMenu(call *sdk.Call, in menuInput) (menuID, error) {
	polish(in.Menu, false)
	var answer menuAnswer
	err := call.Post("/v2/bot/richmenu").JSON(in.Menu).Into(&answer)
	return menuID(answer), told(err, answer.RichMenuID != "", abi.Unknown)
}

type imageInput struct {
	menuID

	ContentType string `json:"content_type" enum:"image/png,image/jpeg" doc:"Kind of image" ja:"画像の種類"`
	Data        string `json:"data" doc:"The image in base64, up to 1 MB" ja:"画像(base64、1MBまで)"`
}

// maxImage is how large a rich menu's image may be, in bytes.
const maxImage = 1 << 20

func uploadMenuImage(call *sdk.Call, in imageInput) (nothing, error) {
	image, err := base64.StdEncoding.DecodeString(in.Data)
	if err != nil {
		return nothing{}, sdk.Errorf(abi.Invalid, "data is no base64: %w", err)
	}
	if len(image) == 0 || len(image) > maxImage {
		return nothing{}, sdk.Errorf(abi.Invalid, "the image has %d bytes, it may have up to %d", len(image), maxImage)
	}
	request, err := onDataHost(call, "POST", "/v2/bot/richmenu/%s/content", in.RichMenuID)
	if err != nil {
		return nothing{}, err
	}
	_, err = ask(request.Body(in.ContentType, image))
	if abi.KindOf(err) == abi.Invalid && !call.Since().IsZero() && hasImage(call, in.RichMenuID) {
		return nothing{}, nil // the attempt before this one gave it, and LINE takes no second
	}
	return nothing{}, err
}

func hasImage(call *sdk.Call, menu string) bool {
	request, err := onDataHost(call, "GET", "/v2/bot/richmenu/%s/content", menu)
	if err != nil {
		return false
	}
	_, err = request.Send()
	return err == nil
}

func deleteMenu(call *sdk.Call, in menuID) (nothing, error) {
	return gone(call, call.Delete("/v2/bot/richmenu/%s", in.RichMenuID))
}

type alias struct {
	AliasID string `json:"alias_id" doc:"Alias, letters, digits, - and _, up to 32" ja:"エイリアスID(半角英数字・-・_、32文字まで)"`
}

type aliasOf struct {
	alias
	menuID
}

// aliasBody is the same under LINE's names.
type aliasBody struct {
	AliasID    string `json:"richMenuAliasId,omitempty"`
	RichMenuID string `json:"richMenuId"`
}

type aliasesOutput struct {
	Aliases []aliasOf `json:"aliases" doc:"The aliases" ja:"エイリアス"`
}

func listAliases(call *sdk.Call, _ nothing) (aliasesOutput, error) {
	var answer struct {
		Aliases []aliasBody `json:"aliases"`
	}
	out := aliasesOutput{Aliases: []aliasOf{}}
	err := call.Get("/v2/bot/richmenu/alias/list").Into(&answer)
	for _, a := range answer.Aliases {
		out.Aliases = append(out.Aliases, aliasOf{alias{a.AliasID}, menuID{a.RichMenuID}})
	}
	return out, told(err, answer.Aliases != nil, abi.Unavailable)
}

// setAlias changes the alias and, if there is none of that name, makes it.
func setAlias(call *sdk.Call, in aliasOf) (nothing, error) {
	_, err := ask(call.Post("/v2/bot/richmenu/alias/%s", in.AliasID).JSON(aliasBody{RichMenuID: in.RichMenuID}))
	if abi.KindOf(err) != abi.NotFound {
		return nothing{}, err
	}
	return ask(call.Post("/v2/bot/richmenu/alias").JSON(aliasBody{in.AliasID, in.RichMenuID}))
}

func deleteAlias(call *sdk.Call, in alias) (nothing, error) {
	return gone(call, call.Delete("/v2/bot/richmenu/alias/%s", in.AliasID))
}
