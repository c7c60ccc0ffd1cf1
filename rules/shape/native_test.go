package shape_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/cel-go/common/types"
	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// TestGoValuesReadLikeTheirJSON compares a member that is read directly with
// one that goes through JSON.
func TestGoValuesReadLikeTheirJSON(t *testing.T) {
	schema, err := commerce.MemberSchema()
	if err != nil {
		t.Fatal(err)
	}
	typ := shape.New(types.NewEmptyRegistry()).Of("member", schema)
	rapid.Check(t, func(t *rapid.T) {
		m := drawMember(t)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		through, err := typ.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		direct := typ.Native(m)
		direct.Ask(typ.FieldNames())
		want, wantErr := shape.AppendJSON(nil, through)
		got, gotErr := shape.AppendJSON(nil, direct.Object())
		if string(got) != string(want) || (gotErr == nil) != (wantErr == nil) {
			t.Fatalf("got %s %v\nwant %s %v", got, gotErr, want, wantErr)
		}
	})
}

func drawMember(t *rapid.T) *commerce.Member {
	text := rapid.StringMatching(`[a-z花子]{0,4}`)
	texts := rapid.Custom(func(t *rapid.T) []string { return rapid.SliceOfN(text, 0, 3).Draw(t, "texts") })
	at := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "known") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).UTC()
	})
	number := rapid.Int64Range(0, 5)
	m := &commerce.Member{
		ID: text.Draw(t, "id"), Name: text.Draw(t, "name"), Sex: text.Draw(t, "sex"), Points: number.Draw(t, "points"), Linked: rapid.Bool().Draw(t, "linked"),
		Birthday: commerce.Birthday(rapid.SampledFrom([]string{"", "1990-04-02", "--02-29", "4/2"}).Draw(t, "birthday")),
		Phones:   texts.Draw(t, "phones"), Emails: texts.Draw(t, "emails"), Tags: texts.Draw(t, "tags"), Flags: texts.Draw(t, "flags"),
		RegisteredAt: at.Draw(t, "registered"), LinkedAt: at.Draw(t, "linked at"),
		Channels: []commerce.MemberChannel{}, Customers: []commerce.MemberCustomer{}, Carts: []commerce.CartTotals{},
		Products: []commerce.MemberProduct{}, Subscriptions: []commerce.MemberSubscription{}, Recent: []commerce.DayTotals{},
		Totals: commerce.Totals{Orders: number.Draw(t, "orders"), Currency: text.Draw(t, "currency"), LastOrderAt: at.Draw(t, "last order"), SubscriptionStatus: commerce.Active},
	}
	for range rapid.IntRange(0, 3).Draw(t, "products") {
		m.Products = append(m.Products, commerce.MemberProduct{Code: text.Draw(t, "code"), LastOrderedAt: at.Draw(t, "ordered"), SubscriptionStatus: commerce.Status(text.Draw(t, "status"))})
		m.Recent = append(m.Recent, commerce.DayTotals{Day: commerce.Date(rapid.SampledFrom([]string{"2025-04-01", "", "4/1"}).Draw(t, "day")), Amount: number.Draw(t, "spent"), Cut: rapid.Bool().Draw(t, "cut")})
		m.Carts = append(m.Carts, commerce.CartTotals{Connection: text.Draw(t, "cart"), Totals: commerce.Totals{
			OtherAmounts: []commerce.Money{{Amount: number.Draw(t, "amount"), Currency: "USD"}}, FirstOrderAt: at.Draw(t, "first"),
		}})
		m.Subscriptions = append(m.Subscriptions, commerce.MemberSubscription{Products: texts.Draw(t, "delivered"), Times: number.Draw(t, "times")})
		m.Channels = append(m.Channels, commerce.MemberChannel{UserID: text.Draw(t, "user"), Following: rapid.Bool().Draw(t, "following")})
	}
	return m
}
