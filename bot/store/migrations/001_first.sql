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

-- Running numbers of updates that are in hand or were handled, for a day, so
-- that no replica answers what another answers or has answered.
CREATE TABLE handled (
	platform TEXT NOT NULL,
	id       TEXT NOT NULL,
	owner    TEXT NOT NULL,   -- the replica that has it in hand; empty when it was handled
	at       BIGINT NOT NULL, -- milliseconds since 1970 of the last change
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

-- Replicas that run, so that they share what platforms allow to all of them.
CREATE TABLE replicas (
	name TEXT PRIMARY KEY,
	at   BIGINT NOT NULL -- milliseconds since 1970
);

-- +goose Down
DROP TABLE replicas;
DROP TABLE unanswered;
DROP TABLE handled;
DROP TABLE counts;
DROP TABLE choices;
