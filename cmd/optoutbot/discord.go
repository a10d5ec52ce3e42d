package main

import (
	"fmt"
	"net"

	"optoutbot/bot/discord"
)

// discordHelp lists the settings for serve's help.
const discordHelp = `  DISCORD_TOKEN              the bot's token, from the developer portal
  DISCORD_API                server (https://discord.com/api/v10)
  DISCORD_PUBLIC_KEY         receive interactions by HTTP, signed with this key of
                             the application; default: by the gateway
  DISCORD_LISTEN             where they are received (127.0.0.1:8081)
  DISCORD_MESSAGES           with DISCORD_PUBLIC_KEY: "on" connects to the gateway
                             too, for mentions and private messages; in one process
  SHARD_ID, SHARD_COUNT      the shard that this process runs, of how many; default:
                             as many as Discord recommends, all in this process
  DISCORD_PER_SECOND         calls a second, answers to interactions aside (45)
  DISCORD_CHANNEL_ANSWERS    answers a minute to messages in a channel (10)
  DISCORD_PRIVATE_ANSWERS    answers a minute in a private chat (30)`

// discordSettings has exported fields because fmt asks only those how they want
// to be printed.
type discordSettings struct {
	Token    secret // empty: not on Discord
	API      string
	Key      string // empty: by the gateway
	Listen   string
	Messages bool
	Shard    int
	Shards   int
	Limits   discord.Limits
}

func (e *environment) discord() discordSettings {
	l := discord.DefaultLimits()
	d := discordSettings{
		Token: e.secret("DISCORD_TOKEN"), API: e.text("DISCORD_API", discord.DefaultAPI), Key: e.text("DISCORD_PUBLIC_KEY", ""),
		Listen: e.text("DISCORD_LISTEN", "127.0.0.1:8081"), Shard: e.number("SHARD_ID", 0), Shards: e.number("SHARD_COUNT", 0),
		Limits: discord.Limits{
			PerSecond:      e.number("DISCORD_PER_SECOND", l.PerSecond),
			Answers:        e.number("DISCORD_CHANNEL_ANSWERS", l.Answers),
			PrivateAnswers: e.number("DISCORD_PRIVATE_ANSWERS", l.PrivateAnswers),
		},
	}
	switch v := e.text("DISCORD_MESSAGES", "off"); v {
	case "on", "off":
		d.Messages = v == "on"
	default:
		e.errs = append(e.errs, fmt.Errorf("DISCORD_MESSAGES: %q is neither on nor off", v))
	}
	if e.text("SHARD_ID", "") != "" && d.Shards == 0 {
		e.errs = append(e.errs, fmt.Errorf("SHARD_ID is set and SHARD_COUNT is not; set both or neither"))
	}
	return d
}

// config is what the adapter needs. With an endpoint it listens already, so that
// an address in use is an error at the start.
func (d discordSettings) config() (discord.Config, error) {
	c := discord.Config{
		Token: string(d.Token), API: d.API, Messages: d.Messages, Shard: d.Shard, Shards: d.Shards, Limits: d.Limits,
	}
	if d.Key == "" {
		return c, nil
	}
	l, err := net.Listen("tcp", d.Listen)
	if err != nil {
		return c, fmt.Errorf("DISCORD_LISTEN: %w", err)
	}
	c.Endpoint = &discord.Endpoint{PublicKey: d.Key, Listener: l}
	return c, nil
}
