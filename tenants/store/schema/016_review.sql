-- SPDX-License-Identifier: Apache-2.0
--
-- Doses of other municipalities that disagree with what is here, and what officers decided on them.
-- The dose's own columns are those of table dose; it stands in no history while it waits. effect:
-- the decision whose effect stands, 0: none. dose: what that put down. counterpart: the version that
-- it disagreed with when that was found. withdrawn: the origin says that there is no such dose.
CREATE TABLE review (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    resident INTEGER NOT NULL REFERENCES resident,
    origin TEXT NOT NULL,
    query_id BLOB NOT NULL CHECK (length(query_id) = 16),
    source_digest BLOB NOT NULL CHECK (length(source_digest) = 32),
    stated_at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
    dose_number INTEGER NOT NULL CHECK (dose_number BETWEEN 1 AND 99),
    administered_on INTEGER NOT NULL,
    product INTEGER NOT NULL,
    lot TEXT NOT NULL,
    venue TEXT NOT NULL,
    physician TEXT NOT NULL,
    ticket TEXT NOT NULL,
    administered_by TEXT NOT NULL,
    rule INTEGER NOT NULL CHECK (rule BETWEEN 1 AND 99),
    refusal INTEGER NOT NULL,
    counterpart INTEGER REFERENCES dose ON DELETE SET NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    effect INTEGER NOT NULL CHECK (effect BETWEEN 0 AND 4),
    dose INTEGER REFERENCES dose ON DELETE SET NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX review_waiting ON review (opened_at, id) WHERE state = 1;
CREATE INDEX review_ended ON review (changed_at, id) WHERE state > 1;
CREATE INDEX review_of_resident ON review (resident);
CREATE INDEX review_of_query ON review (query_id);
CREATE INDEX review_counterpart ON review (counterpart);
CREATE INDEX review_dose ON review (dose);

-- What became of it, one row a change and never another. kind and decision: enums of review.h.
-- source_digest: of what the origin signed, where it was the origin who changed it.
CREATE TABLE review_event (
    review BLOB NOT NULL REFERENCES review ON DELETE CASCADE,
    version INTEGER NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),
    decision INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 5),
    dose INTEGER,
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    note TEXT NOT NULL,
    source_digest BLOB CHECK (length(source_digest) = 32),
    at INTEGER NOT NULL,
    PRIMARY KEY (review, version)
) STRICT, WITHOUT ROWID;

-- What became of each dose of each answer that this municipality got, so that its origin's notices
-- find it. dose: the version that the exchange put down or found here, and knows of; it was changed
-- here where another stands for it now. sequence: of the last notice that had its effect.
CREATE TABLE dose_received (
    query_id BLOB NOT NULL REFERENCES transfer_out (query_id) ON DELETE CASCADE,
    as_sent BLOB NOT NULL CHECK (length(as_sent) = 32),
    resident INTEGER NOT NULL REFERENCES resident,
    outcome INTEGER NOT NULL CHECK (outcome BETWEEN 1 AND 3),
    dose INTEGER REFERENCES dose ON DELETE SET NULL,
    review BLOB REFERENCES review ON DELETE SET NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    PRIMARY KEY (query_id, as_sent)
) STRICT, WITHOUT ROWID;

CREATE INDEX dose_received_of_resident ON dose_received (resident);
CREATE INDEX dose_received_dose ON dose_received (dose);
CREATE INDEX dose_received_review ON dose_received (review);

-- Notices of corrections as their origins signed them.
CREATE TABLE correction (
    origin TEXT NOT NULL,
    notice_id BLOB NOT NULL CHECK (length(notice_id) = 16),
    query_id BLOB NOT NULL REFERENCES transfer_out (query_id) ON DELETE CASCADE,
    as_sent BLOB NOT NULL CHECK (length(as_sent) = 32),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    resident INTEGER NOT NULL REFERENCES resident,
    object BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    received_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (origin, notice_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX correction_of_dose ON correction (query_id, as_sent, sequence);
CREATE INDEX correction_of_resident ON correction (resident);
