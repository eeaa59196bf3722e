-- Discord's books: people and places, messages with their files, commands, interactions, and every
-- payload that the bot has sent. Ids are snowflakes of equal length, so that they sort as text.

CREATE TABLE world_discord_counter (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    latest BIGINT NOT NULL
);

CREATE TABLE world_discord_guild (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    locale TEXT NOT NULL
);

CREATE TABLE world_discord_user (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE world_discord_channel (
    id TEXT NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    guild_id TEXT REFERENCES world_discord_guild (id),
    parent_id TEXT REFERENCES world_discord_channel (id),
    recipient_id TEXT UNIQUE,
    name TEXT NOT NULL,
    app_permissions TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE world_discord_thread_member (
    channel_id TEXT NOT NULL REFERENCES world_discord_channel (id),
    user_id TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, user_id)
);

CREATE TABLE world_discord_command (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id TEXT NOT NULL,
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (guild_id, kind, name)
);

CREATE TABLE world_discord_command_creation (
    guild_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (guild_id, at)
);

CREATE TABLE world_discord_message (
    id TEXT NOT NULL PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES world_discord_channel (id),
    ephemeral_to TEXT,
    interaction_id TEXT,
    nonce TEXT,
    edits BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX world_discord_message_channel ON world_discord_message (channel_id, id);
CREATE INDEX world_discord_message_nonce ON world_discord_message (nonce, created_at) WHERE nonce IS NOT NULL;

CREATE TABLE world_discord_attachment (
    id TEXT NOT NULL PRIMARY KEY,
    message_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content BYTEA NOT NULL
);
CREATE INDEX world_discord_attachment_message ON world_discord_attachment (message_id);

CREATE TABLE world_discord_interaction (
    id TEXT NOT NULL PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    kind BIGINT NOT NULL,
    user_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    source_message_id TEXT,
    opened_by TEXT,
    state TEXT NOT NULL CHECK (state IN ('sent', 'acknowledged', 'failed')),
    response_type BIGINT,
    original_id TEXT,
    shown TEXT,
    submitted BIGINT NOT NULL CHECK (submitted IN (0, 1)),
    follow_ups BIGINT NOT NULL,
    failure TEXT,
    real_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX world_discord_interaction_at ON world_discord_interaction (created_at);

CREATE TABLE world_discord_payload (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    interaction_type BIGINT,
    status BIGINT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

INSERT INTO world_discord_counter (id, latest) VALUES (1, 0);
INSERT INTO world_discord_guild (id, name, locale) VALUES ('1290000000000000100', 'Loket Sandbox', 'id');
INSERT INTO world_discord_channel (id, kind, guild_id, parent_id, recipient_id, name, app_permissions, body, created_at)
VALUES
    ('1290000000000000101', 0, '1290000000000000100', NULL, NULL, 'topup', '2252160859491328', '{}', 0),
    ('1290000000000000102', 0, '1290000000000000100', NULL, NULL, 'transaksi', '2252160859491328', '{}', 0),
    ('1290000000000000103', 0, '1290000000000000100', NULL, NULL, 'staf', '2252160859491328', '{}', 0);
