package main

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

func phoneActions() []sdk.Action {
	return []sdk.Action{
		sdk.Do("message.push_to_phone", abi.Text{EN: "Send a notification to a telephone number (accounts with that contract only)", JA: "電話番号宛てにLINE通知メッセージを送る(契約が必要)"}, pushToPhone),
	}
}

type phoneInput struct {
	content

	Phone string `json:"phone" doc:"Telephone number, in any form" ja:"電話番号(表記は自由)"`
	Tag   string `json:"delivery_tag,omitempty" doc:"Comes back in the delivery event: 16 to 100 characters" ja:"配信完了イベントに含まれる文字列(16〜100文字)"`
}

// codeNoUser is the code for a number that is no LINE user's.
const codeNoUser = "no_user_of_that_phone"

// pushToPhone takes no retry key, so an attempt without an answer is for a
// person to judge. 422 means that the number is nobody's, or cannot be told.
func pushToPhone(call *sdk.Call, in phoneInput) (nothing, error) {
	body, err := in.sending()
	if err != nil {
		return nothing{}, err
	}
	number, err := jp.E164(in.Phone)
	if err != nil { // the number itself goes into no message
		return nothing{}, sdk.Errorf(abi.Invalid, "phone is no telephone number of Japan or with a country's code")
	}
	sum := sha256.Sum256([]byte(number))
	body.To = hex.EncodeToString(sum[:])
	request := call.Post("/bot/pnp/push").JSON(body)
	if in.Tag != "" {
		request.Header("X-Line-Delivery-Tag", in.Tag)
	}
	answer, err := request.Raw()
	switch {
	case err != nil:
		return nothing{}, err
	case answer.Status == 422:
		return nothing{}, &abi.Error{Kind: abi.NotFound, Status: 422, Code: codeNoUser, Message: "LINE finds no user of that telephone number"}
	case !answer.OK():
		return nothing{}, readError(answer)
	}
	return nothing{}, answer.JSON(&nothing{})
}
