package main

import (
	"fmt"
	"net"

	"optoutbot/bot/discord"
)

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

// config is what the adapter needs. With an endpoint it listens already, so that
// an address in use is an error at the start.
func (d discordSettings) config() (discord.Config, error) {
	c := d.withoutListener()
	if d.Key == "" {
		return c, nil
	}
	l, err := net.Listen("tcp", d.Listen)
	if err != nil {
		return c, fmt.Errorf("DISCORD_LISTEN: %w", err)
	}
	c.Endpoint.Listener = l
	return c, nil
}

// withoutListener is what the adapter needs but for the address to listen on.
func (d discordSettings) withoutListener() discord.Config {
	c := discord.Config{
		Token: string(d.Token), API: d.API, Messages: d.Messages, Shard: d.Shard, Shards: d.Shards, Limits: d.Limits,
	}
	if d.Key != "" {
		c.Endpoint = &discord.Endpoint{PublicKey: d.Key}
	}
	return c
}
