package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func richMenuActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("rich_menu.link", abi.Text{EN: "Show a user a rich menu of their own", JA: "ユーザーにリッチメニューを設定する"}, linkMenu).Idempotent(),
		sdk.Do("rich_menu.unlink", abi.Text{EN: "Take a user's own rich menu away", JA: "ユーザーのリッチメニューを解除する"}, unlinkMenu).Idempotent(),
		sdk.Read("rich_menu.get", abi.Text{EN: "See which rich menu a user has of their own", JA: "ユーザーに設定されたリッチメニューを調べる"}, menuOf),
		sdk.Read("rich_menu.list", abi.Text{EN: "List the rich menus made by API", JA: "APIで作成したリッチメニューを一覧する"}, listMenus),
		sdk.Do("rich_menu.set_default", abi.Text{EN: "Show a rich menu to all who have none of their own", JA: "デフォルトのリッチメニューを設定する"}, setDefaultMenu).Idempotent(),
		sdk.Do("rich_menu.clear_default", abi.Text{EN: "Take the default rich menu away", JA: "デフォルトのリッチメニューを解除する"}, clearDefaultMenu).Idempotent(),
		sdk.Read("rich_menu.get_default", abi.Text{EN: "See which rich menu is the default", JA: "デフォルトのリッチメニューを調べる"}, defaultMenu),
	}
}

type menuID struct {
	RichMenuID string `json:"rich_menu_id" doc:"Rich menu id, as richmenu-…" ja:"リッチメニューID(richmenu-…)"`
}

// menuAnswer is the same under LINE's name.
type menuAnswer struct {
	RichMenuID string `json:"richMenuId"`
}

type menuLink struct {
	userID
	menuID
}

func linkMenu(call *sdk.Call, in menuLink) (nothing, error) {
	return ask(call.Post("/v2/bot/user/%s/richmenu/%s", in.UserID, in.RichMenuID))
}

func unlinkMenu(call *sdk.Call, in userID) (nothing, error) {
	return ask(call.Delete("/v2/bot/user/%s/richmenu", in.UserID))
}

// menuOf fails with not_found if the user has none of their own.
func menuOf(call *sdk.Call, in userID) (menuID, error) {
	var answer menuAnswer
	err := call.Get("/v2/bot/user/%s/richmenu", in.UserID).Into(&answer)
	return menuID(answer), told(err, answer.RichMenuID != "", abi.Unavailable)
}

type menusOutput struct {
	RichMenus []menu `json:"rich_menus" doc:"The rich menus" ja:"リッチメニュー"`
}

type menu struct {
	menuID

	Name string `json:"name,omitempty" doc:"Its name" ja:"名前"`
}

func listMenus(call *sdk.Call, _ nothing) (menusOutput, error) {
	var answer struct {
		Menus []struct {
			menuAnswer

			Name string `json:"name"`
		} `json:"richmenus"`
	}
	out := menusOutput{RichMenus: []menu{}}
	err := call.Get("/v2/bot/richmenu/list").Into(&answer)
	for _, m := range answer.Menus {
		out.RichMenus = append(out.RichMenus, menu{menuID: menuID(m.menuAnswer), Name: m.Name})
	}
	return out, told(err, answer.Menus != nil, abi.Unavailable)
}

func setDefaultMenu(call *sdk.Call, in menuID) (nothing, error) {
	return ask(call.Post("/v2/bot/user/all/richmenu/%s", in.RichMenuID))
}

func clearDefaultMenu(call *sdk.Call, _ nothing) (nothing, error) {
	return ask(call.Delete("/v2/bot/user/all/richmenu"))
}

// defaultMenu fails with not_found if there is none.
func defaultMenu(call *sdk.Call, _ nothing) (menuID, error) {
	var answer menuAnswer
	err := call.Get("/v2/bot/user/all/richmenu").Into(&answer)
	return menuID(answer), told(err, answer.RichMenuID != "", abi.Unavailable)
}
