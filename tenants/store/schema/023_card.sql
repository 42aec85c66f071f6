-- SPDX-License-Identifier: Apache-2.0
--
-- Number cards that a counter has linked to a resident, by the SHA-256 of their user-authentication
-- certificate, which names nobody (card.h). A card is linked to one resident at a time.
CREATE TABLE card (
    certificate BLOB PRIMARY KEY CHECK (length(certificate) = 32),
    resident INTEGER NOT NULL REFERENCES resident (id),
    evidence BLOB NOT NULL CHECK (length(evidence) = 16),
    not_after INTEGER NOT NULL,
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT NOT NULL DEFAULT '',
    CHECK (ended_at IS NOT NULL OR ended_by = '')
) STRICT, WITHOUT ROWID;
CREATE INDEX card_by_resident ON card (resident);

-- What kiosks were given to have signed and is not answered. A row goes with its answer, so that no
-- answer is taken twice.
CREATE TABLE card_challenge (
    nonce BLOB PRIMARY KEY CHECK (length(nonce) = 32),
    resident INTEGER NOT NULL REFERENCES resident (id),
    terminal BLOB NOT NULL CHECK (length(terminal) = 32),
    message BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX card_challenge_by_resident ON card_challenge (resident);
CREATE INDEX card_challenge_by_terminal ON card_challenge (terminal, expires_at);
CREATE INDEX card_challenge_by_end ON card_challenge (expires_at);
