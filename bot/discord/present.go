package discord

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// variants are further names that Discord has for a language, by the one that
// stands in the knowledge base's table of languages. Discord shows the words of
// one variant to people who have set another only for some languages, so both
// are given.
var variants = map[string][]string{"en-GB": {"en-US"}, "es-ES": {"es-419"}}

// localesOf gives Discord's names of a profile's language; none if it does not
// have it.
func localesOf(p bot.Profile) []string {
	if p.Locale == "" {
		return nil
	}
	return append([]string{p.Locale}, variants[p.Locale]...)
}

// Limits of commands: Discord, Application Commands.
const (
	maxCommandHelp = 100
	maxQuestion    = 4000 // bytes that the bot reads; Discord counts characters up to 6000
)

// commandName is what a slash command may be called.
var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

// manage is the permission that /setup needs.
var manage = int64(discordgo.PermissionManageGuild)

// commands are the commands in all languages: whatever the bot has, those of a
// message's menu, and /setup.
func (a *Adapter) commands() []*discordgo.ApplicationCommand {
	var out []*discordgo.ApplicationCommand
	for n, c := range a.profiles[0].Commands {
		if c.Name == startCommand {
			continue
		}
		one := a.slash(c.Name, func(p bot.Profile) (string, string) { return p.Commands[n].Local, p.Commands[n].Description })
		if c.Text != "" {
			text := a.slash(c.Text, func(p bot.Profile) (string, string) { return "", p.Words["discord_text"] })
			one.Options = append(one.Options, &discordgo.ApplicationCommandOption{
				Type: discordgo.ApplicationCommandOptionString, Name: c.Text, Required: true, Autocomplete: c.Name == askCommand, MaxLength: maxQuestion,
				Description: text.Description, DescriptionLocalizations: *text.DescriptionLocalizations,
				ChannelTypes: []discordgo.ChannelType{}, Options: []*discordgo.ApplicationCommandOption{},
				Choices: []*discordgo.ApplicationCommandOptionChoice{},
			})
		}
		out = append(out, one)
	}
	setup := a.slash(setupCommand, func(p bot.Profile) (string, string) { return "", p.Words["discord_setup"] })
	setup.DefaultMemberPermissions = &manage
	setup.Contexts = &[]discordgo.InteractionContextType{discordgo.InteractionContextGuild}
	setup.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{discordgo.ApplicationIntegrationGuildInstall}
	return append(out, setup, a.menu("discord_check"), a.menu("discord_answer"))
}

// everywhere is where a command can be used, said in full: Discord's defaults
// have changed before.
func everywhere(c *discordgo.ApplicationCommand) {
	c.Contexts = &[]discordgo.InteractionContextType{
		discordgo.InteractionContextGuild, discordgo.InteractionContextBotDM, discordgo.InteractionContextPrivateChannel,
	}
	c.IntegrationTypes = &[]discordgo.ApplicationIntegrationType{
		discordgo.ApplicationIntegrationGuildInstall, discordgo.ApplicationIntegrationUserInstall,
	}
}

// slash is a slash command with what it is called and says in each language. A
// name that Discord would not take is left out.
func (a *Adapter) slash(name string, words func(bot.Profile) (name, help string)) *discordgo.ApplicationCommand {
	names, helps := map[discordgo.Locale]string{}, map[discordgo.Locale]string{}
	for _, p := range a.profiles {
		local, help := words(p)
		for _, l := range localesOf(p) {
			if commandName.MatchString(local) && strings.ToLower(local) == local {
				names[discordgo.Locale(l)] = local
			}
			if help != "" {
				helps[discordgo.Locale(l)] = clip(clean(help), maxCommandHelp)
			}
		}
	}
	_, help := words(a.profiles[0])
	c := &discordgo.ApplicationCommand{
		Type: discordgo.ChatApplicationCommand, Name: name, NameLocalizations: &names,
		Description: clip(clean(cmp.Or(help, name)), maxCommandHelp), DescriptionLocalizations: &helps,
		Options: []*discordgo.ApplicationCommandOption{},
	}
	everywhere(c)
	return c
}

// menu is a command of a message's menu, named by a word.
func (a *Adapter) menu(key string) *discordgo.ApplicationCommand {
	names := map[discordgo.Locale]string{}
	for _, p := range a.profiles {
		for _, l := range localesOf(p) {
			if w := p.Words[key]; w != "" {
				names[discordgo.Locale(l)] = clip(clean(w), 32)
			}
		}
	}
	c := &discordgo.ApplicationCommand{
		Type: discordgo.MessageApplicationCommand, Name: a.profiles[0].Words[key], NameLocalizations: &names,
		Options: []*discordgo.ApplicationCommandOption{},
	}
	everywhere(c)
	return c
}

// presentOnce gives Discord the commands, once in the adapter's life.
func (a *Adapter) presentOnce(ctx context.Context) {
	a.presenting.Do(func() {
		if err := a.presentCommands(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("discord commands not set", "err", err)
		}
		if err := a.presentInstall(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("discord installation for people not set; it can be set in the developer portal, under Installation", "err", err)
		}
	})
}

// presentCommands overwrites the commands if Discord has others.
func (a *Adapter) presentCommands(ctx context.Context) error {
	path, want := "/applications/"+a.me.Load().app+"/commands", a.commands()
	var have json.RawMessage
	err := a.do(ctx, request{
		method: http.MethodGet, path: path + "?with_localizations=true", name: "the commands", out: &have,
	}, try{key: "commands", twice: true})
	raw, _ := json.Marshal(want) // it is made of plain values
	if err == nil && hash(have) == hash(raw) {
		a.learnCommands(have)
		return nil
	}
	err = a.do(ctx, request{method: http.MethodPut, path: path, name: "the commands", body: want, out: &have}, try{key: "commands", twice: true})
	if err == nil {
		a.learnCommands(have)
		a.log.Info("discord commands set", "commands", len(want))
	}
	return err
}

// compared are the fields of commands and options that the bot sets.
var compared = []string{
	"type", "name", "name_localizations", "description", "description_localizations", "options", "required", "autocomplete",
	"max_length", "default_member_permissions", "contexts", "integration_types",
}

// hash is one number for a list of commands, whoever wrote it: fields that the
// bot does not set, what is empty and the order of commands do not count.
func hash(raw []byte) [sha256.Size]byte {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return [sha256.Size]byte{}
	}
	lines := make([]string, len(list))
	for i, c := range list {
		line, _ := json.Marshal(plainCommand(c)) // it was decoded from JSON
		lines[i] = string(line)
	}
	slices.Sort(lines)
	return sha256.Sum256([]byte(strings.Join(lines, "\n")))
}

func plainCommand(v any) map[string]any {
	in, _ := v.(map[string]any)
	out := map[string]any{}
	for _, field := range compared {
		switch x := in[field].(type) {
		case nil:
		case bool:
			if x {
				out[field] = x
			}
		case string:
			if x != "" {
				out[field] = x
			}
		case map[string]any:
			if len(x) > 0 {
				out[field] = x
			}
		case []any:
			if field == "options" {
				for i := range x {
					x[i] = plainCommand(x[i])
				}
			}
			if len(x) > 0 {
				out[field] = x
			}
		default:
			out[field] = fmt.Sprint(x) // permissions come back as a text
		}
	}
	return out
}

// presentInstall lets servers and people install the bot, if that is not set.
// Discordgo has this field under a wrong name.
func (a *Adapter) presentInstall(ctx context.Context) error {
	var app struct {
		Install map[string]json.RawMessage `json:"integration_types_config"`
	}
	get := request{method: http.MethodGet, path: "/applications/@me", name: "the application", out: &app}
	if err := a.do(ctx, get, try{key: "app", twice: true}); err != nil {
		return err
	}
	if app.Install["0"] != nil && app.Install["1"] != nil {
		return nil
	}
	permissions := discordgo.PermissionViewChannel | discordgo.PermissionSendMessages | discordgo.PermissionSendMessagesInThreads |
		discordgo.PermissionEmbedLinks | discordgo.PermissionAttachFiles | discordgo.PermissionReadMessageHistory
	type params struct {
		Scopes      []string `json:"scopes"`
		Permissions int64    `json:"permissions"`
	}
	type install struct {
		Params params `json:"oauth2_install_params"`
	}
	body := map[string]any{"integration_types_config": map[string]any{
		"0": install{params{[]string{"applications.commands", "bot"}, int64(permissions)}},
		"1": install{params{[]string{"applications.commands"}, 0}},
	}}
	return a.do(ctx, request{method: http.MethodPatch, path: get.path, name: get.name, body: body}, try{key: "app", twice: true})
}
