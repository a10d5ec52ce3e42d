package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// The methods of the Bot API that the adapter calls, with their parameters:
// telebot has not all of these, and none with a context.

// markup is an inline keyboard.
type markup struct {
	Rows [][]button `json:"inline_keyboard"`
}

// button has exactly one of URL, Data and Copy. Telebot's sends an empty
// switch_inline_query_current_chat beside the data.
type button struct {
	Text string    `json:"text"`
	URL  string    `json:"url,omitempty"`
	Data string    `json:"callback_data,omitempty"`
	Copy *copyText `json:"copy_text,omitempty"`
}

// copyText is what a press puts on the clipboard: 1 to maxCopy characters.
type copyText struct {
	Text string `json:"text"`
}

// preview says what becomes of the links in a text. The bot wants no preview:
// the links stand on the buttons.
type preview struct {
	Disabled bool `json:"is_disabled"`
}

// replyTo puts a message under another. Without it, if that one is gone.
type replyTo struct {
	MessageID int  `json:"message_id,omitempty"`
	SecretID  int  `json:"ephemeral_message_id,omitempty"` // in place of MessageID
	Anyway    bool `json:"allow_sending_without_reply,omitempty"`
}

// onlyFor makes a message in a group one that nobody but its receiver sees:
// Bot API 10.3, EphemeralMessageParameters. A bot that does not run the group
// must name what it answers within 15 seconds: a press here, or a message of
// that kind in replyTo.
type onlyFor struct {
	Receiver int64  `json:"receiver_user_id"`
	Press    string `json:"callback_query_id,omitempty"`
	Replace  bool   `json:"replace_callback_query_message,omitempty"` // shown in the place of the message with the button
}

const htmlMode = "HTML"

type sendMessage struct {
	ChatID    int64    `json:"chat_id"`
	ThreadID  int      `json:"message_thread_id,omitempty"`
	Text      string   `json:"text"`
	ParseMode string   `json:"parse_mode,omitempty"`
	Preview   preview  `json:"link_preview_options"`
	Only      *onlyFor `json:"ephemeral_message_parameters,omitempty"`
	Reply     *replyTo `json:"reply_parameters,omitempty"`
	Keys      *markup  `json:"reply_markup,omitempty"`
}

// sendMessage sends a message and reports whether all see it: a server that
// does not know of messages for one sends it to all.
func (c *client) sendMessage(ctx context.Context, p sendMessage) (public bool, err error) {
	body, err := c.post(ctx, "sendMessage", p, maxAnswer)
	return err == nil && (p.Only == nil || isPublic(body)), err
}

// isPublic looks for the mark of a message for one in the answer to a send.
// Of an answer that cannot be read the best is believed: the message is out.
func isPublic(body []byte) bool {
	var env struct {
		Result struct {
			ID     int `json:"message_id"`
			Secret int `json:"ephemeral_message_id"`
		} `json:"result"`
	}
	return json.Unmarshal(body, &env) == nil && env.Result.Secret == 0 && env.Result.ID != 0
}

// sendDocument sends a file that the bot made.
type sendDocument struct {
	ChatID   int64
	ThreadID int
	Only     *onlyFor
	Reply    *replyTo
	File     bot.File
}

func (c *client) sendDocument(ctx context.Context, p sendDocument) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fields := map[string]any{"chat_id": p.ChatID}
	if p.ThreadID != 0 {
		fields["message_thread_id"] = p.ThreadID
	}
	if p.Only != nil {
		fields["ephemeral_message_parameters"] = p.Only
	}
	if p.Reply != nil {
		fields["reply_parameters"] = p.Reply
	}
	var errs []error
	for name, v := range fields {
		data, err := json.Marshal(v)
		errs = append(errs, err, w.WriteField(name, string(data)))
	}
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "document", "filename": p.File.Name}))
	head.Set("Content-Type", p.File.Type)
	part, err := w.CreatePart(head)
	if err == nil {
		_, err = part.Write(p.File.Data)
	}
	if err := errors.Join(append(errs, err, w.Close())...); err != nil {
		return fmt.Errorf("sendDocument: encode: %w", err)
	}
	_, err = c.send(ctx, "sendDocument", w.FormDataContentType(), body.Bytes(), maxAnswer)
	return err
}

type editMessageText struct {
	ChatID    int64   `json:"chat_id"`
	MessageID int     `json:"message_id"`
	Text      string  `json:"text"`
	ParseMode string  `json:"parse_mode,omitempty"`
	Preview   preview `json:"link_preview_options"`
	Keys      *markup `json:"reply_markup,omitempty"`
}

func (c *client) editMessageText(ctx context.Context, p editMessageText) error {
	return c.call(ctx, "editMessageText", p, nil)
}

// editSecret is editEphemeralMessageText: Bot API 10.2.
type editSecret struct {
	ChatID    int64   `json:"chat_id"`
	Receiver  int64   `json:"receiver_user_id"`
	SecretID  int     `json:"ephemeral_message_id"`
	Text      string  `json:"text"`
	ParseMode string  `json:"parse_mode,omitempty"`
	Preview   preview `json:"link_preview_options"`
	Keys      *markup `json:"reply_markup,omitempty"`
}

func (c *client) editSecret(ctx context.Context, p editSecret) error {
	return c.call(ctx, "editEphemeralMessageText", p, nil)
}

// editInline changes a message that was sent in the bot's name where it is no
// member: editMessageText.
type editInline struct {
	InlineID  string  `json:"inline_message_id"`
	Text      string  `json:"text"`
	ParseMode string  `json:"parse_mode,omitempty"`
	Preview   preview `json:"link_preview_options"`
	Keys      *markup `json:"reply_markup,omitempty"`
}

func (c *client) editInline(ctx context.Context, p editInline) error {
	return c.call(ctx, "editMessageText", p, nil)
}

type answerCallbackQuery struct {
	ID   string `json:"callback_query_id"`
	Text string `json:"text,omitempty"` // at most maxToast UTF-16 units
}

func (c *client) answerCallbackQuery(ctx context.Context, p answerCallbackQuery) error {
	return c.call(ctx, "answerCallbackQuery", p, nil)
}

type answerInlineQuery struct {
	ID        string        `json:"inline_query_id"`
	Results   []article     `json:"results"`
	CacheTime int           `json:"cache_time"`
	Personal  bool          `json:"is_personal"`
	Button    *inlineButton `json:"button,omitempty"`
}

// inlineButton stands above the results and opens the private chat.
type inlineButton struct {
	Text  string `json:"text"`
	Start string `json:"start_parameter"`
}

// article is a result of an inline query.
type article struct {
	Type        string      `json:"type"` // "article"
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	Description string      `json:"description,omitempty"`
	Content     textContent `json:"input_message_content"`
	Keys        *markup     `json:"reply_markup,omitempty"`
}

// textContent is what is sent when a result is chosen.
type textContent struct {
	Text      string  `json:"message_text"`
	ParseMode string  `json:"parse_mode,omitempty"`
	Preview   preview `json:"link_preview_options"`
}

func (c *client) answerInlineQuery(ctx context.Context, p answerInlineQuery) error {
	return c.call(ctx, "answerInlineQuery", p, nil)
}

// answerGuestQuery answers a question from a chat in which the bot is not, with
// one message: Bot API 10.0.
type answerGuestQuery struct {
	ID     string  `json:"guest_query_id"`
	Result article `json:"result"`
}

func (c *client) answerGuestQuery(ctx context.Context, p answerGuestQuery) error {
	return c.call(ctx, "answerGuestQuery", p, nil)
}

// getChatMember asks what a person is in a chat: creator, administrator,
// member, …
type getChatMember struct {
	ChatID int64 `json:"chat_id"`
	UserID int64 `json:"user_id"`
}

func (c *client) getChatMember(ctx context.Context, p getChatMember) (status string, err error) {
	var out struct {
		Status string `json:"status"`
	}
	err = c.call(ctx, "getChatMember", p, &out)
	return out.Status, err
}

// getUpdates gives the updates from an id on, and confirms those before it.
type getUpdates struct {
	Offset  int64    `json:"offset"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"` // seconds
	Allowed []string `json:"allowed_updates"`
}

func (c *client) getUpdates(ctx context.Context, p getUpdates) ([]json.RawMessage, error) {
	body, err := c.post(ctx, "getUpdates", p, maxBatch)
	if err != nil {
		return nil, err
	}
	return splitUpdates(body)
}

// self is the bot as the server knows it.
type self struct {
	tele.User
	Guests bool `json:"supports_guest_queries"` // it may be asked where it is no member
}

func (c *client) getMe(ctx context.Context) (*self, error) {
	var me self
	if err := c.call(ctx, "getMe", struct{}{}, &me); err != nil {
		return nil, err
	}
	if me.ID == 0 || me.Username == "" {
		return nil, fmt.Errorf("getMe: the server names no bot")
	}
	return &me, nil
}

type setWebhook struct {
	URL     string   `json:"url"`
	Secret  string   `json:"secret_token"`
	Allowed []string `json:"allowed_updates"`
	Most    int      `json:"max_connections"`
}

func (c *client) setWebhook(ctx context.Context, p setWebhook) error {
	return c.call(ctx, "setWebhook", p, nil)
}

// botCommand is a command; of one that is secret nobody but the bot sees the
// use.
type botCommand struct {
	Name   string `json:"command"`
	Help   string `json:"description"`
	Secret bool   `json:"is_ephemeral,omitempty"`
}

// commandSet is the commands of a scope in a language; setMyCommands and
// getMyCommands.
type commandSet struct {
	Commands []botCommand      `json:"commands,omitempty"`
	Scope    tele.CommandScope `json:"scope"`
	Lang     string            `json:"language_code,omitempty"`
}

// Texts of the profile in a language; each is of one method to set and one to
// get it.
type (
	profileName struct {
		Value string `json:"name,omitempty"`
		Lang  string `json:"language_code,omitempty"`
	}
	profileDescription struct {
		Value string `json:"description,omitempty"`
		Lang  string `json:"language_code,omitempty"`
	}
	profileShort struct {
		Value string `json:"short_description,omitempty"`
		Lang  string `json:"language_code,omitempty"`
	}
)
