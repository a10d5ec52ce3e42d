package dctest

import "time"

// The events that people cause. Each is a map that a test may change before it
// delivers it.

// Types of interactions and commands.
const (
	Ping         = 1
	Command      = 2
	Component    = 3
	Autocomplete = 4
	Modal        = 5
)

// Permissions of a member.
const (
	ManageGuild = "32"
	Nothing     = "0"
)

// Where an interaction takes place.
const (
	InServer  = 0
	InDM      = 1
	InPrivate = 2 // a group, or the chat of two people
)

// User is a person; the name tries to break out of everything.
func User(id string) map[string]any {
	return map[string]any{"id": id, "username": "a_*`@everyone`", "global_name": "\u202e<@1> discord.gg/x", "discriminator": "0"}
}

// Where puts an interaction of a person into a server or a private chat.
func Where(d map[string]any, place int, person string) map[string]any {
	d["context"], d["locale"], d["channel_id"] = place, "en-US", "8"+person
	d["entitlements"], d["app_permissions"] = []any{}, "0"
	delete(d, "member")
	delete(d, "user")
	if place != InServer {
		d["user"] = User(person)
		d["authorizing_integration_owners"] = map[string]any{"1": person}
		return d
	}
	d["guild_id"], d["guild_locale"], d["channel_id"] = Guild, "en-US", Channel
	d["member"] = map[string]any{"user": User(person), "permissions": Nothing, "roles": []any{}, "joined_at": "2026-01-01T00:00:00Z"}
	d["authorizing_integration_owners"] = map[string]any{"0": Guild}
	return d
}

// The server and its channel.
const (
	Guild   = "700000000000000001"
	Channel = "800000000000000001"
)

// Slash is a slash command with its options as pairs of name and value, in a
// server.
func Slash(person, name string, options ...any) map[string]any {
	opts := []any{}
	for i := 0; i+1 < len(options); i += 2 {
		opts = append(opts, map[string]any{"type": 3, "name": options[i], "value": options[i+1]})
	}
	return Where(map[string]any{"type": Command, "data": map[string]any{"id": "1", "name": name, "type": 1, "options": opts}}, InServer, person)
}

// Typing is what a person has typed so far into an option.
func Typing(person, name, option, typed string) map[string]any {
	d := Slash(person, name, option, typed)
	d["type"] = Autocomplete
	object(list(object(d["data"])["options"])[0])["focused"] = true
	return d
}

// OnMessage is a command of a message's menu.
func OnMessage(person, name string, message map[string]any) map[string]any {
	id := text(message["id"])
	return Where(map[string]any{"type": Command, "data": map[string]any{
		"id": "2", "name": name, "type": 3, "target_id": id,
		"resolved": map[string]any{"messages": map[string]any{id: message}},
	}}, InServer, person)
}

// Press is the press of a button below a message of the bot.
func Press(person, data string, message map[string]any) map[string]any {
	return Where(map[string]any{
		"type": Component, "message": message, "data": map[string]any{"custom_id": data, "component_type": 2},
	}, InServer, person)
}

// Pick is a choice from a select menu below a message of the bot.
func Pick(person, menu, data string, message map[string]any) map[string]any {
	d := Press(person, menu, message)
	d["data"] = map[string]any{"custom_id": menu, "component_type": 3, "values": []any{data}}
	return d
}

// AsMessage makes what the bot said a message, as it stands in an interaction.
func (c Call) AsMessage() map[string]any {
	out := map[string]any{"id": "999", "channel_id": Channel, "author": map[string]any{"id": BotID, "bot": true}, "type": 0}
	for k, v := range c.Message() {
		out[k] = v
	}
	return out
}

// Note is a message that a person writes in a channel of a server, or in the
// private chat with the bot when guild is "".
func (s *Server) Note(person, channel, guild, words string) map[string]any {
	m := map[string]any{
		"id": s.NewID(), "channel_id": channel, "content": words, "type": 0, "author": User(person),
		"timestamp": time.Now().UTC().Format(time.RFC3339), "mentions": []any{}, "mention_everyone": false,
		"attachments": []any{}, "embeds": []any{},
	}
	if guild != "" {
		m["guild_id"] = guild
	}
	return m
}

// Mention makes a message one to the bot.
func Mention(m map[string]any) map[string]any {
	m["content"] = "<@" + BotID + "> " + text(m["content"])
	m["mentions"] = []any{Bot()}
	return m
}

// Bot is the bot as an author.
func Bot() map[string]any { return map[string]any{"id": BotID, "username": "Test", "bot": true} }

// Post lets a message be written: the bot is told by the gateway, and the
// channel keeps it.
func (s *Server) Post(m map[string]any) bool {
	s.mu.Lock()
	c := text(m["channel_id"])
	if s.OnCall == nil || len(s.history[c]) < 1000 {
		s.history[c] = append(s.history[c], m)
	}
	s.mu.Unlock()
	return s.Dispatch("MESSAGE_CREATE", m)
}
