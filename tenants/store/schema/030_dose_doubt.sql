-- SPDX-License-Identifier: Apache-2.0
--
-- Before a dose is certified it is compared with others' (store/dose_doubt.h): by its lot and by its
-- ticket number. The first index has every column that is asked for, so that a lot of ten thousand
-- doses is counted without reading one of them.
CREATE INDEX dose_of_lot ON dose (lot, product, administered_on, resident, source, state)
    WHERE state = 1 AND source <> 3 AND lot <> '';
CREATE INDEX dose_of_ticket ON dose (ticket, administered_by)
    WHERE state = 1 AND source <> 3 AND ticket <> '';
