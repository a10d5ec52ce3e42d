// Package discord brings the bot to Discord: it takes interactions by the
// gateway or by HTTP, and messages that are meant for the bot by the gateway,
// hands questions and presses to the bot and sends what it replies.
//
// Of discordgo it uses the types, the constants and the check of signatures. It
// does not open a discordgo Session, whose faults cannot all be fenced from
// outside: Open and Close hold one lock while they wait for the server without
// a limit, an operation 7 or 11 in the place of READY deadlocks it, a heartbeat
// on request races with Close and ends the process on a nil connection, Close
// sleeps a second and with its code 1000 gives up the session that was to be
// resumed, and the codes after which there is no going on are tried again for
// ever. Its REST client keeps memory for every interaction, sends again what
// may have been posted, and waits without regard to the context. What stands in
// their place here, [link] and [client], is small and has a limit for each wait.
//
// Every interaction is answered at once and once. What comes twice, from a
// gateway that repeats itself or from someone who replays a signed request, is
// answered once; a message that may have gone out is sent again only with its
// nonce, by which Discord knows it again.
//
// No privileged intent is needed: Discord delivers the text of messages that
// mention the bot, that answer it, or that are written to it in private.
package discord
