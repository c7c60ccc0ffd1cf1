package members_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// written has members work by rules as people write them.
func (r *rig) written(files map[string]string) {
	r.t.Helper()
	catalog := &rules.Catalog{
		Member: must(commerce.MemberSchema())(r.t),
		Connections: map[string]*rules.Connection{
			"line": announcing(abi.ModelContact, must(sdk.SchemaOf[commerce.Contact]())(r.t)),
			"shop": announcing(abi.ModelCustomer, must(sdk.SchemaOf[commerce.Customer]())(r.t)),
			"mall": announcing(abi.ModelCustomer, must(sdk.SchemaOf[commerce.Customer]())(r.t)),
		},
	}
	sources := map[string][]byte{}
	for name, text := range files {
		sources[name] = []byte("language: 1\n" + text)
	}
	r.book = members.BookOf(must(rules.LoadSources(sources, catalog))(r.t))
}

func announcing(model abi.Model, data *abi.Schema) *rules.Connection {
	return &rules.Connection{Manifest: &abi.Manifest{Triggers: []abi.Trigger{{Name: string(model) + ".updated", Model: model, Data: data}}}}
}

func TestLinkRulesAsPeopleWriteThem(t *testing.T) {
	r := newRig(t)
	r.written(map[string]string{"link.yaml": `
link: friends
channel: line
cart: shop
keys: [phone, {key: email, confidence: 60}]
review_below: 80
when: '!customer.email.endsWith("@shop.example.com")'
take: {name: newest, birthday: never}
`})
	r.tell("line", follow("U1"), commerce.Contact{UserID: "U1", Phone: "09011112222", Email: "hanako@example.com"})
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	r.tell("shop", commerce.Customer{ID: "3", Phone: "09011112222", Email: "staff@shop.example.com"})
	r.tell("shop",
		commerce.Customer{ID: "1", Phone: "09011112222", FullName: "旧姓 花子", Birthday: "1990-04-02", UpdatedAt: at(0)},
		commerce.Customer{ID: "2", Email: "hanako@example.com"},
	)
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/1"}) {
		t.Errorf("linked %v", got)
	}
	reviews := must(r.members.Reviews(t.Context(), 0))(t)
	if len(reviews) != 1 || reviews[0].Reason != host.ReviewUnsure || reviews[0].Customer.ID != "2" {
		t.Errorf("reviews %+v", reviews)
	}
	if err := r.members.Link(t.Context(), person, r.friend("U1").ID, host.Ref{Connection: "shop", ID: "2"}); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "2", FullName: "新姓 花子", UpdatedAt: at(1)})
	if got := r.friend("U1"); got.Name != "新姓 花子" || got.Birthday != "" {
		t.Errorf("got %+v", got)
	}
}

func TestTagRulesAsPeopleWriteThem(t *testing.T) {
	r := newRig(t)
	r.written(map[string]string{
		"link.yaml":   "link: friends\nchannel: line\ncart: shop\nkeys: [phone]\n",
		"spring.yaml": "tag: 春生まれ\nwhen: has(member.birthday) && member.birthday.inSeason('03-01', '05-31')\n",
		"today.yaml":  "tag: 誕生日\nremove: true\nwhen: has(member.birthday) && member.birthday.isOn(today)\n",
		"both.yaml":   "tag: 春の誕生日\nremove: true\nwhen: member.tags.hasAll(['春生まれ', '誕生日'])\n",
	})
	r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112222"})
	r.tell("shop", commerce.Customer{ID: "1", Phone: "09011112222", Birthday: "1990-04-02"})
	days := []struct {
		days int
		want []string
	}{{0, []string{"春生まれ"}}, {1, []string{"春の誕生日", "春生まれ", "誕生日"}}, {2, []string{"春生まれ"}}, {366, []string{"春の誕生日", "春生まれ", "誕生日"}}}
	for _, day := range days {
		r.now = start.AddDate(0, 0, day.days)
		must(r.members.Tick(t.Context()))(t)
		if got := r.friend("U1").Tags; !slices.Equal(got, day.want) {
			t.Errorf("day %d: %v, want %v", day.days, got, day.want)
		}
	}
}

func TestARuleSaysWhomItAnnounces(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.written(map[string]string{
		"all.yaml":   "tag: all\nwhen: member.points == 0\nannounce: all\n",
		"new.yaml":   "tag: new\nwhen: member.points == 0\nannounce: new\n",
		"plain.yaml": "tag: plain\nwhen: member.points == 0\n",
	})
	r.sweep()
	if got := r.tagged(); !slices.Equal(got, []string{"member.tag_added all"}) || len(r.friend("U1").Tags) != 3 {
		t.Errorf("announced %v, tags %v", got, r.friend("U1").Tags)
	}
}
