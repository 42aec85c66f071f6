-- SPDX-License-Identifier: Apache-2.0
--
-- A query about somebody who is protected and one about nobody write the same pages, whatever
-- officers did: what differs, tests/fault/exchange finds by the time.
--
-- An index with the state in it is written where an approval ends by its closing time, and not where
-- an officer has refused before; and SQLite writes no page for a row that stays as it is, so there
-- is something that changes in either.
DROP INDEX approval_by_state;
CREATE INDEX approval_by_closing ON approval (closes_at);
ALTER TABLE approval ADD COLUMN told_at INTEGER; -- when whoever asked was told the outcome

-- Where nobody was found the index has a place as far from the others' as a resident's is; they
-- would stand in a row, and split their pages more often.
DROP INDEX transfer_in_of_resident;
ALTER TABLE transfer_in ADD COLUMN filed INTEGER
    AS (coalesce(resident, -1 - (id * 40503 & 1048575))) VIRTUAL;
CREATE INDEX transfer_in_filed ON transfer_in (filed);
