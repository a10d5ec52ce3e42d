package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"optoutbot/bot"
)

// Examine looks at how the bot is set up at Discord, and changes nothing.
func Examine(ctx context.Context, b answerer, cfg Config) []bot.Finding {
	cfg.API = cmp.Or(cfg.API, DefaultAPI)
	// Of the adapter, what makes calls and what is in the commands: it does not run.
	a := &Adapter{cfg: cfg, profiles: b.Profiles(), api: newClient(versioned(cfg.API), strings.TrimPrefix(cfg.Token, "Bot "), 1)}
	defer a.api.http.CloseIdleConnections()
	x := &examination{ctx: ctx, a: a}
	if app, ok := x.token(); ok {
		x.install(app)
		x.endpoint(app)
		x.commands(app.ID)
	}
	return x.found
}

// application is Discord's application object as far as it is looked at.
type application struct {
	ID       string                     `json:"id"`
	Name     string                     `json:"name"`
	Key      string                     `json:"verify_key"`
	Endpoint string                     `json:"interactions_endpoint_url"`
	Install  map[string]json.RawMessage `json:"integration_types_config"`
}

type examination struct {
	ctx   context.Context
	a     *Adapter
	found []bot.Finding
}

func (x *examination) add(what string, state bot.State, format string, args ...any) {
	x.found = append(x.found, bot.Finding{What: "discord " + what, State: state, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) get(path string, out any) error {
	ctx, cancel := context.WithTimeout(x.ctx, callTime)
	defer cancel()
	return x.a.api.call(ctx, request{method: http.MethodGet, path: path, name: "GET " + path, out: out})
}

func (x *examination) token() (application, bool) {
	var app application
	err := x.get("/applications/@me", &app)
	switch {
	case refused(err, http.StatusUnauthorized, 0):
		x.add("token", bot.Fault, "Discord does not know it; copy it anew from the developer portal, under Bot, into DISCORD_TOKEN")
	case err != nil:
		x.add("token", bot.Fault, "the server cannot be asked: %v; see DISCORD_API and the network", err)
	default:
		x.add("token", bot.Fine, "it is that of %s", clip(clean(app.Name), 80))
	}
	return app, err == nil
}

func (x *examination) install(app application) {
	if app.Install["0"] == nil || app.Install["1"] == nil {
		x.add("install contexts", bot.Notice, "it cannot be installed both in servers and by people yet; serve sets that when it starts")
		return
	}
	x.add("install contexts", bot.Fine, "servers and people can install it")
}

// endpoint compares where Discord sends interactions with how they are received.
func (x *examination) endpoint(app application) {
	here := x.a.cfg.Endpoint
	switch {
	case here == nil && app.Endpoint != "":
		x.add("interactions", bot.Fault, "Discord sends them to an address, and here they are awaited by the gateway; set DISCORD_PUBLIC_KEY, or clear the Interactions Endpoint URL in the developer portal")
	case here == nil:
		x.add("interactions", bot.Fine, "they come by the gateway")
	case app.Endpoint == "":
		x.add("interactions", bot.Fault, "they are awaited by HTTP, and Discord has no address for them; set the Interactions Endpoint URL in the developer portal, or leave DISCORD_PUBLIC_KEY out")
	case app.Key != "" && app.Key != here.PublicKey:
		x.add("interactions", bot.Fault, "DISCORD_PUBLIC_KEY is not this application's; copy it from the developer portal, under General Information")
	default:
		x.add("interactions", bot.Fine, "they come by HTTP")
	}
}

func (x *examination) commands(app string) {
	var have json.RawMessage
	if err := x.get("/applications/"+app+"/commands?with_localizations=true", &have); err != nil {
		x.add("commands", bot.Fault, "the server cannot be asked: %v", err)
		return
	}
	raw, _ := json.Marshal(x.a.commands()) // it is made of plain values
	if hash(have) != hash(raw) {
		x.add("commands", bot.Notice, "they are not registered as they are here; serve does so when it starts")
		return
	}
	x.add("commands", bot.Fine, "registered in %d languages", len(x.a.profiles))
}
