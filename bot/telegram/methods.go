package telegram

import (
	"context"
	"encoding/json"
	"fmt"

	tele "gopkg.in/telebot.v3"
)

// The methods of the Bot API that the adapter calls, with their parameters:
// telebot has not all of these, and none with a context.

// markup is an inline keyboard.
type markup struct {
	Rows [][]button `json:"inline_keyboard"`
}

// button has exactly one of URL and Data. Telebot's sends an empty
// switch_inline_query_current_chat beside the data.
type button struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
	Data string `json:"callback_data,omitempty"`
}

// preview says what becomes of the links in a text. The bot wants no preview:
// the links stand on the buttons.
type preview struct {
	Disabled bool `json:"is_disabled"`
}

// replyTo puts a message under another. Without it, if that one is gone.
type replyTo struct {
	MessageID int  `json:"message_id"`
	Anyway    bool `json:"allow_sending_without_reply"`
}

const htmlMode = "HTML"

type sendMessage struct {
	ChatID    int64    `json:"chat_id"`
	ThreadID  int      `json:"message_thread_id,omitempty"`
	Text      string   `json:"text"`
	ParseMode string   `json:"parse_mode,omitempty"`
	Preview   preview  `json:"link_preview_options"`
	Reply     *replyTo `json:"reply_parameters,omitempty"`
	Keys      *markup  `json:"reply_markup,omitempty"`
}

func (c *client) sendMessage(ctx context.Context, p sendMessage) error {
	return c.call(ctx, "sendMessage", p, nil)
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

func (c *client) getMe(ctx context.Context) (*tele.User, error) {
	var me tele.User
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

// commandSet is the commands of a scope in a language; setMyCommands and
// getMyCommands.
type commandSet struct {
	Commands []tele.Command    `json:"commands,omitempty"`
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
