package tgtest

import "unicode/utf16"

// The updates that people cause. Each returns a map that a test may change
// before it delivers it.

// User is a person who writes English.
func User(id int64) map[string]any {
	return map[string]any{"id": id, "is_bot": false, "first_name": "A <b>&", "language_code": "en"}
}

// Private is a message in the private chat of a person, whose chat has the
// person's id.
func Private(user, message int64, text string) map[string]any {
	return map[string]any{"message": map[string]any{
		"message_id": message, "date": 1795366000, "from": User(user),
		"chat": map[string]any{"id": user, "type": "private"}, "text": text,
	}}
}

// Group is a message in a group.
func Group(chat, user, message int64, text string) map[string]any {
	u := Private(user, message, text)
	Message(u)["chat"] = map[string]any{"id": chat, "type": "supergroup", "title": "Group & <i>"}
	return u
}

// Message is the message of an update.
func Message(update map[string]any) map[string]any {
	m, _ := update["message"].(map[string]any)
	return m
}

// Mention marks a part of the message's text as a mention.
func Mention(update map[string]any, from, to int) map[string]any {
	m := Message(update)
	text, _ := m["text"].(string)
	m["entities"] = []any{map[string]any{
		"type": "mention", "offset": len(utf16.Encode([]rune(text[:from]))), "length": len(utf16.Encode([]rune(text[from:to]))),
	}}
	return update
}

// Reply makes the message a reply to another: text, by a sender.
func Reply(update map[string]any, sender map[string]any, text string) map[string]any {
	m := Message(update)
	m["reply_to_message"] = map[string]any{"message_id": 1, "date": 1795366000, "from": sender, "chat": m["chat"], "text": text}
	return update
}

// Bot is the bot itself as a sender.
func Bot() map[string]any {
	return map[string]any{"id": BotID, "is_bot": true, "first_name": "Test", "username": Username}
}

// Press is the press of a button below a message of the bot. The keyboard is
// that of the message.
func Press(user, chat, message int64, data string, keyboard any) map[string]any {
	kind := "private"
	if chat < 0 {
		kind = "supergroup"
	}
	return map[string]any{"callback_query": map[string]any{
		"id": "4382bfdwdsb323b2d9", "from": User(user), "data": data, "chat_instance": "1",
		"message": map[string]any{
			"message_id": message, "date": 1795366000, "from": Bot(), "text": "…",
			"chat": map[string]any{"id": chat, "type": kind}, "reply_markup": keyboard,
		},
	}}
}

// Inline is what a person has typed after the bot's name.
func Inline(user int64, text string) map[string]any {
	return map[string]any{"inline_query": map[string]any{"id": "77", "from": User(user), "query": text, "offset": ""}}
}

// Secret makes the message of an update one that only the bot sees beside its
// sender; or that of the button that was pressed one that only the person sees.
func Secret(update map[string]any, id int64) map[string]any {
	m := Message(update)
	if press, ok := update["callback_query"].(map[string]any); ok {
		m, _ = press["message"].(map[string]any)
	}
	m["message_id"], m["ephemeral_message_id"], m["receiver_user"] = 0, id, Bot()
	return update
}

// Guest is a message that calls the bot into a chat in which it is not.
func Guest(user int64, text string) map[string]any {
	u := Group(-900, user, 3, text)
	m := Message(u)
	m["guest_query_id"] = "guest-1"
	return map[string]any{"guest_message": m}
}
