package discord

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Looking back.
const (
	pageSize = 100 // messages
	maxPages = 5   // in a channel: who says more in an outage will ask again
)

// lookBack answers what was said to the bot while a shard had no session, in
// the channels in which something was said before. What the gateway delivers
// meanwhile is known by its id and answered once.
func (a *Adapter) lookBack(ctx context.Context, shard [2]int) {
	before := a.counts.caughtUp.Load()
	for channel, last := range a.channels.all() {
		if shardOf(last.guild, shard[1]) != shard[0] {
			continue
		}
		if err := a.lookBackIn(ctx, channel, last); err != nil && ctx.Err() == nil {
			a.log.Warn("discord channel not looked through", "err", err)
		}
	}
	a.log.Info("discord looked back", "shard", shard[0], "found", a.counts.caughtUp.Load()-before)
}

// shardOf is the shard of a server; what belongs to none is 0's.
func shardOf(guild string, shards int) int {
	id, err := strconv.ParseUint(guild, 10, 64)
	if err != nil {
		return 0
	}
	return int((id >> 22) % uint64(max(1, shards)))
}

func (a *Adapter) lookBackIn(ctx context.Context, channel string, last lastSeen) error {
	after := last.message
	for range maxPages {
		var page []message
		err := a.do(ctx, request{
			method: http.MethodGet, name: "a channel's messages", out: &page,
			path: "/channels/" + channel + "/messages?limit=" + strconv.Itoa(pageSize) + "&after=" + url.QueryEscape(after),
		}, try{key: "history", twice: true})
		if refused(err, http.StatusForbidden, 0) || refused(err, http.StatusNotFound, 0) {
			return nil // the bot may not read there, or nobody may any more
		}
		if err != nil {
			return err
		}
		slices.Reverse(page) // Discord gives the newest first
		for n := range page {
			m := &page[n]
			m.Channel, m.Guild = channel, last.guild
			if a.takeMessage(ctx, m) {
				a.counts.caughtUp.Add(1)
			}
			if later(m.ID, after) {
				after = m.ID
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
	return nil
}
