package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func fileActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("file.list", abi.Text{EN: "List the files of a record", JA: "レコードのファイルを一覧する"}, listFiles),
		sdk.Read("file.download", abi.Text{EN: "Fetch a file's bytes", JA: "ファイルの内容を取得する"}, downloadFile),
		sdk.Do("file.upload", abi.Text{EN: "Upload a file to a record", JA: "レコードにファイルを添付する"}, uploadFile),
	}
}

type filesInput struct {
	RecordID string `json:"record_id" doc:"Record that the files belong to" ja:"ファイルが添付されたレコードのid"`
}

type filesOutput struct {
	Files []file `json:"files" doc:"The files" ja:"ファイル"`
}

type file struct {
	DocumentID string     `json:"document_id" doc:"Id of the document, the same for all versions" ja:"文書のid(全バージョン共通)"`
	VersionID  string     `json:"version_id" doc:"Id of the latest version" ja:"最新バージョンのid"`
	Title      string     `json:"title" doc:"Title" ja:"タイトル"`
	Extension  string     `json:"extension" doc:"File name extension" ja:"拡張子"`
	Size       int64      `json:"size" doc:"Size in bytes" ja:"バイト数"`
	Modified   *time.Time `json:"modified" doc:"When the content changed" ja:"内容の更新日時"`
}

type documentLink struct {
	DocumentID string `json:"ContentDocumentId"`
	Document   struct {
		Title     string  `json:"Title"`
		Extension string  `json:"FileExtension"`
		Size      float64 `json:"ContentSize"`
		Version   string  `json:"LatestPublishedVersionId"`
		Modified  string  `json:"ContentModifiedDate"`
	} `json:"ContentDocument"`
}

const filesQuery = "SELECT ContentDocumentId, ContentDocument.Title, ContentDocument.FileExtension, ContentDocument.ContentSize, " +
	"ContentDocument.LatestPublishedVersionId, ContentDocument.ContentModifiedDate FROM ContentDocumentLink WHERE LinkedEntityId = "

// documentLinks are those of a record, all pages of them.
func (o *org) documentLinks(recordID string) (links []documentLink, err error) {
	found, err := o.query(filesQuery + quote(recordID))
	if err != nil {
		return nil, err
	}
	text, err := sdk.Encode(found)
	if err != nil {
		return nil, err
	}
	err = sdk.Decode(text, &links)
	return links, err
}

func listFiles(call *sdk.Call, in filesInput) (filesOutput, error) {
	o, err := open(call)
	if err != nil {
		return filesOutput{}, err
	}
	links, err := o.documentLinks(in.RecordID)
	if err != nil {
		return filesOutput{}, fmt.Errorf("listing the files of %s: %w", in.RecordID, err)
	}
	out := filesOutput{Files: make([]file, 0, len(links))}
	for _, link := range links {
		d := link.Document
		f := file{DocumentID: link.DocumentID, VersionID: d.Version, Title: d.Title, Extension: d.Extension, Size: int64(d.Size)}
		if at, err := readTime(d.Modified); err == nil {
			f.Modified = &at
		}
		out.Files = append(out.Files, f)
	}
	return out, nil
}

type downloadInput struct {
	VersionID string `json:"version_id" doc:"Id of the version, as file.list tells" ja:"バージョンのid(file.listの出力)"`
}

type downloadOutput struct {
	Title       string `json:"title" doc:"Title" ja:"タイトル"`
	FileName    string `json:"file_name" doc:"Title and extension" ja:"ファイル名"`
	ContentType string `json:"content_type" doc:"Media type, by the extension" ja:"メディアタイプ(拡張子から)"`
	Size        int64  `json:"size" doc:"Size in bytes" ja:"バイト数"`
	Checksum    string `json:"checksum" doc:"MD5, hexadecimal" ja:"MD5(16進)"`
	Base64      string `json:"base64" doc:"The bytes, Base64" ja:"内容(Base64)"`
}

// downloadFile fetches a version's bytes. Its size is looked at first: a file
// above the setting max_file_bytes is refused before it is transferred.
func downloadFile(call *sdk.Call, in downloadInput) (downloadOutput, error) {
	o, err := open(call)
	if err != nil {
		return downloadOutput{}, err
	}
	var about struct {
		Title     string  `json:"Title"`
		Extension string  `json:"FileExtension"`
		Size      float64 `json:"ContentSize"`
		Checksum  string  `json:"Checksum"`
	}
	request := o.request("GET", "/sobjects/ContentVersion/%s", in.VersionID).Query("fields", "Title,FileExtension,ContentSize,Checksum")
	if err := o.into(request, &about); err != nil {
		return downloadOutput{}, fmt.Errorf("looking at file %s: %w", in.VersionID, err)
	}
	if int64(about.Size) > o.settings.MaxFileBytes {
		return downloadOutput{}, sdk.Errorf(abi.Invalid, "file %s has %s bytes, more than the setting max_file_bytes allows (%d)", in.VersionID, plain(about.Size), o.settings.MaxFileBytes)
	}
	answer, err := o.call.Get("/services/data/v%s/sobjects/ContentVersion/%s/VersionData", o.settings.APIVersion, in.VersionID).Send()
	if err != nil {
		return downloadOutput{}, fmt.Errorf("fetching file %s: %w", in.VersionID, err)
	}
	if int64(len(answer.Body)) != int64(about.Size) {
		return downloadOutput{}, sdk.Errorf(abi.Unavailable, "file %s came with %d of %s bytes", in.VersionID, len(answer.Body), plain(about.Size))
	}
	return downloadOutput{
		Title: about.Title, FileName: fileName(about.Title, about.Extension), ContentType: mediaType(about.Extension),
		Size: int64(len(answer.Body)), Checksum: about.Checksum, Base64: base64.StdEncoding.EncodeToString(answer.Body),
	}, o.noteUsage(answer)
}

func fileName(title, extension string) string {
	if extension == "" || strings.HasSuffix(strings.ToLower(title), "."+strings.ToLower(extension)) {
		return title
	}
	return title + "." + extension
}

// mediaTypes are those that shops attach. The platform itself says octet-stream for all.
var mediaTypes = map[string]string{
	"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml",
	"pdf": "application/pdf", "csv": "text/csv", "txt": "text/plain", "json": "application/json", "zip": "application/zip",
	"mp4": "video/mp4", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func mediaType(extension string) string {
	if known, ok := mediaTypes[strings.ToLower(extension)]; ok {
		return known
	}
	return "application/octet-stream"
}

type uploadInput struct {
	FileName string `json:"file_name" doc:"Name with its extension" ja:"拡張子つきのファイル名"`
	Title    string `json:"title,omitempty" doc:"Title; the name without it" ja:"タイトル(省略時はファイル名)"`
	Base64   string `json:"base64" doc:"The bytes, Base64" ja:"内容(Base64)"`
	RecordID string `json:"record_id,omitempty" doc:"Record to attach it to" ja:"添付先レコードのid"`
}

type uploadOutput struct {
	VersionID string `json:"version_id" doc:"Id of the version" ja:"バージョンのid"`
}

func uploadFile(call *sdk.Call, in uploadInput) (uploadOutput, error) {
	o, err := open(call)
	if err != nil {
		return uploadOutput{}, err
	}
	fields := map[string]any{"PathOnClient": in.FileName, "VersionData": in.Base64}
	if in.Title != "" {
		fields["Title"] = in.Title
	}
	if in.RecordID != "" {
		fields["FirstPublishLocationId"] = in.RecordID
	}
	var made written
	if err = o.change(o.request("POST", "/sobjects/ContentVersion").JSON(fields), &made); err == nil {
		err = told(made.ID != "", abi.Unknown)
	}
	if err != nil {
		return uploadOutput{}, fmt.Errorf("uploading %s: %w", in.FileName, err)
	}
	return uploadOutput{VersionID: made.ID}, nil
}
