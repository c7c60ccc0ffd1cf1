package main

import (
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// addressNode is an address as the API has it.
type addressNode struct {
	FirstName    string `json:"firstName"`
	LastName     string `json:"lastName"`
	Company      string `json:"company"`
	Zip          string `json:"zip"`
	Province     string `json:"province"`
	ProvinceCode string `json:"provinceCode"`
	City         string `json:"city"`
	Address1     string `json:"address1"`
	Address2     string `json:"address2"`
	Country      string `json:"countryCodeV2"`
	Phone        string `json:"phone"`
}

// addressHook is an address as deliveries have it.
type addressHook struct {
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	Company      string `json:"company"`
	Zip          string `json:"zip"`
	Province     string `json:"province"`
	ProvinceCode string `json:"province_code"`
	City         string `json:"city"`
	Address1     string `json:"address1"`
	Address2     string `json:"address2"`
	Country      string `json:"country_code"`
	Phone        string `json:"phone"`
}

func (a *addressHook) address() *commerce.Address {
	if a == nil {
		return nil
	}
	node := addressNode(*a)
	return node.address()
}

// address is the shared form; nil if there is none.
func (a *addressNode) address() *commerce.Address {
	if a == nil || *a == (addressNode{}) {
		return nil
	}
	shared := &commerce.Address{
		FullName: joined(" ", a.LastName, a.FirstName), LastName: a.LastName, FirstName: a.FirstName, Company: a.Company,
		Phone: jp.Phone(a.Phone), Postcode: a.Zip, Country: a.Country, Prefecture: a.Province, City: a.City, Line1: a.Address1, Line2: a.Address2,
	}
	if a.Country != "JP" {
		return shared
	}
	shared.Postcode = jp.Digits(a.Zip)
	shared.PrefectureID = int64(prefectureOf(a.ProvinceCode))
	if shared.PrefectureID > 0 {
		shared.Prefecture = jp.Prefecture(int(shared.PrefectureID))
	}
	shared.Full = joined("", shared.Prefecture, a.City, a.Address1, a.Address2)
	return shared
}

// ownPhone returns the number of an address that is in somebody's own name. That
// of any other is its recipient's: a present, the parents' house.
func ownPhone(a *commerce.Address, name string) string {
	if a == nil || name == "" || plainName(a.FullName) != plainName(name) {
		return ""
	}
	return a.Phone
}

// plainName is a name without what people write now so, now so: width, case, blanks.
func plainName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(jp.Narrow(name)), ""))
}

// prefectureOf reads the number in an ISO 3166-2 code such as JP-13; 0 if there is none.
func prefectureOf(code string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(code, "JP-"))
	if err != nil || n < 1 || n > 47 {
		return 0
	}
	return n
}

// addressInput is an address as actions take it.
type addressInput struct {
	LastName   string `json:"last_name,omitempty" doc:"Addressee's family name" ja:"姓"`
	FirstName  string `json:"first_name,omitempty" doc:"Addressee's given name" ja:"名"`
	Company    string `json:"company,omitempty" doc:"Company" ja:"会社名"`
	Phone      string `json:"phone,omitempty" doc:"Telephone number" ja:"電話番号"`
	Postcode   string `json:"postcode,omitempty" doc:"Postcode" ja:"郵便番号"`
	Country    string `json:"country,omitempty" default:"JP" doc:"ISO 3166 code of two letters" ja:"国コード"`
	Prefecture string `json:"prefecture,omitempty" doc:"Prefecture, such as 東京都, or its ISO 3166-2 code" ja:"都道府県名(またはISOコード)"`
	City       string `json:"city,omitempty" doc:"City, ward, town" ja:"市区町村"`
	Line1      string `json:"line1,omitempty" doc:"Street and number" ja:"番地"`
	Line2      string `json:"line2,omitempty" doc:"Building and room" ja:"建物名・部屋番号"`
}

// wire is the address as mutations take it; nil for none.
func (a *addressInput) wire() any {
	if a == nil {
		return nil
	}
	postcode, province := a.Postcode, a.Prefecture
	if a.Country == "JP" {
		postcode = jp.FormatPostcode(postcode)
		if n := jp.PrefectureNumber(a.Prefecture); n > 0 {
			province = "JP-" + twoDigits(n)
		}
	}
	return given{
		"firstName": a.FirstName, "lastName": a.LastName, "company": a.Company, "phone": a.Phone, "zip": postcode,
		"countryCode": a.Country, "provinceCode": province, "city": a.City, "address1": a.Line1, "address2": a.Line2,
	}.object()
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// given is the fields of an input of which only those that have a value are sent.
type given map[string]any

func (g given) object() map[string]any {
	object := make(map[string]any, len(g))
	for name, value := range g {
		if value != nil && value != "" {
			object[name] = value
		}
	}
	return object
}
