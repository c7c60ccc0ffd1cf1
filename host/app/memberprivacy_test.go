package app

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
)

// The audit log stays when a person is erased: nothing in it names the person,
// not even the id of a guest, which is an address or a number.
func TestTheAuditLogNamesNobody(t *testing.T) {
	guest := host.Ref{Connection: "mall", ID: "guest:hanako@example.com"}
	account := host.Ref{Connection: "mall", ID: "4711"}
	act := api.MemberAct{
		Link: &guest, Unlink: &guest, Split: &api.MemberParts{Customers: []host.Ref{guest, account}},
		Describe: &api.MemberDetails{Name: "山田 花子", Email: "hanako@example.com"}, Forget: "hanako@example.com",
	}
	written, err := json.Marshal(impersonal(act))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(written), recorded(guest)} {
		if strings.Contains(text, "hanako") || strings.Contains(text, "花子") {
			t.Errorf("the log says %s", text)
		}
	}
	if !strings.Contains(string(written), account.ID) || recorded(account) != "mall 4711" || recorded(guest) != "mall guest" {
		t.Errorf("the log says %s, %s and %s", written, recorded(account), recorded(guest))
	}
	if act.Link.ID != guest.ID || act.Split.Customers[0].ID != guest.ID {
		t.Error("the act itself was changed")
	}
}
