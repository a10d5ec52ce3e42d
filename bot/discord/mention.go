package discord

import (
	"encoding/json"
	"regexp"

	"github.com/bwmarrin/discordgo"
)

// commandIDs are the ids of the slash commands by their names. A command that is
// mentioned with its id can be pressed, whatever it is called in the menu of
// somebody with another language: Discord, Reference, Message Formatting.
type commandIDs map[string]string

var (
	namedCommand = regexp.MustCompile(`^/([a-z]+)([.,;:!?)]*)$`)
	snowflake    = regexp.MustCompile(`^[0-9]{1,20}$`)
)

// mention is a word that names a command in Discord's markdown; empty for another
// word.
func (m commandIDs) mention(word string) string {
	part := namedCommand.FindStringSubmatch(word)
	if part == nil || m[part[1]] == "" {
		return ""
	}
	return "</" + part[1] + ":" + m[part[1]] + ">" + escape(part[2], false)
}

// learnCommands reads the ids from Discord's list of the bot's commands.
func (a *Adapter) learnCommands(list []byte) {
	var commands []discordgo.ApplicationCommand
	if err := json.Unmarshal(list, &commands); err != nil {
		a.log.Warn("discord's list of commands cannot be read; replies name them without a link", "err", err)
		return
	}
	ids := commandIDs{}
	for _, c := range commands {
		if c.Type == discordgo.ChatApplicationCommand && snowflake.MatchString(c.ID) {
			ids[c.Name] = c.ID
		}
	}
	a.ids.Store(&ids)
}

// named are the commands that are known by now.
func (a *Adapter) named() commandIDs {
	if ids := a.ids.Load(); ids != nil {
		return *ids
	}
	return nil
}
