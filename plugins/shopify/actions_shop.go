package main

import (
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk"
)

func shopActions() []sdk.Action {
	return []sdk.Action{sdk.Read("shop.get", text("Tell the shop's plan, the app's rights, and what is missing", "ショップのプラン・アプリの権限・不足しているものを調べる"), getShop)}
}

const shopQuery = `query Shop { currentAppInstallation { accessScopes { handle } } shop { id name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName } } }`

// shopInfo is the shop as its staff should see it.
type shopInfo struct {
	ID       string   `json:"id" doc:"Id of the shop" ja:"ショップID"`
	Name     string   `json:"name" doc:"Name" ja:"ショップ名"`
	Domain   string   `json:"domain" doc:"Permanent domain" ja:"固定ドメイン"`
	Currency string   `json:"currency" doc:"Currency" ja:"通貨"`
	TimeZone string   `json:"time_zone" doc:"Time zone" ja:"タイムゾーン"`
	Plan     string   `json:"plan" doc:"Plan, as it is called" ja:"プラン名"`
	Scopes   []string `json:"scopes" doc:"What the app may do" ja:"アプリに付与された権限"`
	Missing  []string `json:"missing_scopes" doc:"What it would need for everything that this connector does" ja:"この接続の全機能に不足している権限"`
	Personal bool     `json:"personal_data" doc:"Whether names, addresses, phones and e-mail are shown: not on the plans Starter and Basic" ja:"氏名・住所・電話・メールが取得できるか(Starter・Basicプランでは不可)"`
	Warnings []string `json:"warnings" doc:"What staff should know" ja:"注意事項"`
}

// needed are the rights that everything takes; one to write includes reading.
var needed = []string{"write_orders", "read_all_orders", "write_customers", "read_products", "write_inventory", "read_locations"}

// withholding are the plans on which personal data is withheld from apps of one's own.
var withholding = []string{"basic", "starter", "ベーシック", "スターター"}

func getShop(call *sdk.Call, _ struct{}) (shopInfo, error) {
	var data struct {
		App struct {
			Scopes []struct {
				Handle string `json:"handle"`
			} `json:"accessScopes"`
		} `json:"currentAppInstallation"`
		Shop struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			Domain   string `json:"myshopifyDomain"`
			Currency string `json:"currencyCode"`
			TimeZone string `json:"ianaTimezone"`
			Plan     struct {
				Name string `json:"publicDisplayName"`
			} `json:"plan"`
		} `json:"shop"`
	}
	if _, err := shopOf(call).read(shopQuery, 4, nil, &data); err != nil {
		return shopInfo{}, err
	}
	info := shopInfo{
		ID: number(data.Shop.ID), Name: data.Shop.Name, Domain: data.Shop.Domain, Currency: data.Shop.Currency, TimeZone: data.Shop.TimeZone,
		Plan: data.Shop.Plan.Name, Scopes: []string{}, Missing: []string{}, Warnings: []string{},
	}
	for _, scope := range data.App.Scopes {
		info.Scopes = append(info.Scopes, scope.Handle)
	}
	info.judge()
	return info, nil
}

func (i *shopInfo) judge() {
	for _, scope := range needed {
		if !slices.Contains(i.Scopes, scope) && !slices.Contains(i.Scopes, strings.Replace(scope, "read_", "write_", 1)) {
			i.Missing = append(i.Missing, scope)
		}
	}
	i.Personal = !slices.Contains(withholding, strings.ToLower(i.Plan))
	if !i.Personal {
		i.Warnings = append(i.Warnings, "The plan "+i.Plan+" withholds names, addresses, phones and e-mail from apps: they are missing, not empty / このプランでは個人情報が取得できません(空ではなく不明)")
	}
	if slices.Contains(i.Missing, "read_all_orders") {
		i.Warnings = append(i.Warnings, "Only orders of the last 60 days are visible without read_all_orders / read_all_orders権限が無いため直近60日の注文のみ取得できます")
	}
}
