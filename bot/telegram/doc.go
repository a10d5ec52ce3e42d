// Package telegram brings the bot to Telegram: it takes updates from the Bot
// API by long polling or by webhook, hands questions and presses to the bot and
// sends what it replies.
//
// Of telebot it uses the types and the routing of an update to its handler. It
// calls neither Start and Stop nor the LongPoller and the Webhook, which
// acknowledge an update before it is handled, and it sends by its own calls:
// telebot's take no context, cannot carry reply_parameters or
// link_preview_options, and put the token into their errors.
//
// An update is acknowledged only after it was handled: the offset of getUpdates
// never moves past one that is still in hand, and the webhook answers 200 when
// the reply is out. What the server delivers twice is answered once.
package telegram
