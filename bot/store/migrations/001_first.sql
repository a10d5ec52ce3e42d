-- The same file runs on SQLite and on PostgreSQL.

-- +goose Up
-- What chats and servers chose; a place is an HMAC of its id.
CREATE TABLE choices (
	place  TEXT PRIMARY KEY,
	lang   TEXT NOT NULL,
	public INTEGER NOT NULL
);

-- How often a thing happened on a day. Nothing here says to whom.
CREATE TABLE counts (
	day      TEXT NOT NULL,
	platform TEXT NOT NULL,
	lang     TEXT NOT NULL,
	entry    TEXT NOT NULL,
	what     TEXT NOT NULL,
	n        BIGINT NOT NULL,
	PRIMARY KEY (day, platform, lang, entry, what)
);

-- Running numbers of updates that were handled, for a day, so that no replica
-- answers again what another has answered.
CREATE TABLE handled (
	platform TEXT NOT NULL,
	id       TEXT NOT NULL,
	at       BIGINT NOT NULL, -- seconds since 1970
	PRIMARY KEY (platform, id)
);
CREATE INDEX handled_at ON handled (at);

-- Questions that found nothing, if and only if the operator asked for them:
-- known words alone, without a place.
CREATE TABLE unanswered (
	day  TEXT NOT NULL,
	lang TEXT NOT NULL,
	text TEXT NOT NULL,
	n    BIGINT NOT NULL,
	PRIMARY KEY (day, lang, text)
);

-- +goose Down
DROP TABLE unanswered;
DROP TABLE handled;
DROP TABLE counts;
DROP TABLE choices;
