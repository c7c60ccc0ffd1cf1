package main

import (
	"strconv"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Recipients of one multicast request, and of one action: so many requests are made of it.
const (
	maxRecipients = 500
	maxMulticast  = 20 * maxRecipients
)

type multicastInput struct {
	content

	To   []string `json:"to" doc:"User ids, up to 10,000: they go out 500 at a time" ja:"ユーザーID(10,000件まで、500件ずつ送信)"`
	Unit string   `json:"aggregation_unit,omitempty" doc:"Name to count these messages under" ja:"集計ユニット名"`
}

type multicastOutput struct {
	Recipients int64    `json:"recipients" doc:"How many users it was sent to" ja:"送信先の人数"`
	RequestIDs []string `json:"request_ids" doc:"LINE's ids of the requests" ja:"LINEのリクエストID"`
	Unknown    []string `json:"unknown,omitempty" doc:"User ids that are none of this account's; the others got it" ja:"このアカウントのものではないユーザーID(ほかの人には送信済み)"`
}

// multicast sends part by part, each under a retry key of its own: an attempt
// that is repeated sends only the parts that LINE has not accepted.
func multicast(call *sdk.Call, in multicastInput) (multicastOutput, error) {
	m := mailing{call: call, out: multicastOutput{RequestIDs: []string{}}}
	var err error
	if m.body, err = in.sending(); err != nil {
		return m.out, err
	}
	if err := checkCount("to", len(in.To), maxMulticast); err != nil {
		return m.out, err
	}
	m.body.Units = unit(in.Unit)
	for n, users := range parts(in.To, maxRecipients) {
		if err := m.send(strconv.Itoa(n), users); err != nil {
			return m.out, sdk.Errorf(abi.KindOf(err), "after %d of %d users: %w", m.out.Recipients, len(in.To), err)
		}
	}
	return m.out, nil
}

// mailing is one multicast under way.
type mailing struct {
	call *sdk.Call
	body sending
	out  multicastOutput
}

// send sends to some users, in the request of that name. LINE refuses all of
// them for one that it does not know, and nobody gets it: then each half is sent
// by itself, until that one stands alone.
func (m *mailing) send(name string, users []string) error {
	m.body.To = users
	answer, id, err := sendOnce(m.call, m.call.Post("/v2/bot/message/multicast").JSON(m.body), name)
	switch half := len(users) / 2; {
	case err == nil:
		m.out.Recipients += int64(len(users))
		m.out.RequestIDs = append(m.out.RequestIDs, id)
		return answer.JSON(&nothing{})
	case !isOtherUser(err):
		return err
	case half == 0:
		m.out.Unknown = append(m.out.Unknown, users...)
		if m.out.Recipients == 0 && len(m.out.Unknown) >= manyUnknown {
			return err
		}
		return nil
	default:
		if err := m.send(name+".0", users[:half]); err != nil {
			return err
		}
		return m.send(name+".1", users[half:])
	}
}

// manyUnknown is after how many users that LINE does not know, and nobody else,
// a mailing is taken for one to another account's users.
const manyUnknown = 10
