/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of a municipality's vault, as its basic resident register has them. Versioned: a
 * change writes the next version and keeps the last one. The individual number stands in a table of
 * its own and is looked up by HMAC-SHA256 under the index key. A random salt of each resident ties
 * them to the ledger's entries about them (person token) and to nothing outside this vault.
 */
#ifndef VRX_STORE_RESIDENT_H
#define VRX_STORE_RESIDENT_H

#include "base/arena.h"
#include "base/date.h"
#include "objects/terms.h"
#include "store/tenant.h"

#define VRX_LIMIT_ADDRESSEE 15 /* digits of the individual addressee number in the VRS layout */

enum vrx_sex {
    VRX_SEX_NOT_STATED = 0,
    VRX_SEX_MALE = 1,
    VRX_SEX_FEMALE = 2,
};

struct vrx_resident {
    int64_t id;                /* in this vault only; never leaves the municipality */
    uint64_t version;          /* from 1 */
    struct vrx_view addressee; /* 宛名番号: 1 to 15 digits, unique; never changes; read
                                * back without leading zeros, which do not count */
    struct vrx_view name;
    struct vrx_view kana;    /* may be empty */
    struct vrx_view address; /* may be empty */
    struct vrx_date birth_date;
    enum vrx_sex sex;
    struct vrx_date moved_out; /* no date: lives here */
    bool no_automatic_answer;  /* an officer must look before anything leaves */
    bool no_self_disclosure;   /* self-view, proxy, kiosk and certificate are closed */
    int64_t recorded_at;       /* when this version was written */
};

/* Makes the first version; id, version and recorded_at of *resident are not looked at. number: 12
 * digits, or empty where the person has none.
 * Errors, in this order: VRX_INPUT_RANGE (addressee number); VRX_INPUT_FIELD_MISSING (name),
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (not UTF-8, control characters), VRX_INPUT_RANGE;
 * VRX_DATE_INVALID, VRX_DATE_IN_FUTURE (birth), VRX_DATE_BEFORE_BIRTH (moved out); those of
 * vrx_individual_number_check; VRX_ALREADY_EXISTS (addressee number); VRX_NUMBER_CONFLICT. */
struct vrx_result vrx_resident_register(struct vrx_tenant *tenant,
    const struct vrx_resident *resident, struct vrx_view number, int64_t now, int64_t *ret_id);

/* Writes the next version of resident->id: name, kana, address, birth date, sex and moved_out as
 * given. resident->version is the one that the caller has read.
 * Errors: as for register from VRX_INPUT_FIELD_MISSING up to VRX_DATE_BEFORE_BIRTH; VRX_NOT_FOUND;
 * VRX_CONFLICT when a later version is there. */
struct vrx_result vrx_resident_update(
    struct vrx_tenant *tenant, const struct vrx_resident *resident, int64_t now);

/* Writes the next version with these flags, or nothing when they stand so already. Errors:
 * VRX_NOT_FOUND. */
struct vrx_result vrx_resident_set_protection(struct vrx_tenant *tenant, int64_t id,
    bool no_automatic_answer, bool no_self_disclosure, int64_t now);

/* The present version. Errors: VRX_NOT_FOUND; find_by_number also vrx_individual_number_check's,
 * find_by_addressee VRX_INPUT_RANGE for what is no addressee number. */
struct vrx_result vrx_resident_get(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id,
    struct vrx_resident *ret_resident);
struct vrx_result vrx_resident_find_by_number(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view number, struct vrx_resident *ret_resident);
struct vrx_result vrx_resident_find_by_addressee(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view addressee, struct vrx_resident *ret_resident);

/* Whoever has this number, *ret_exact; or, where nobody has, the resident whose blind index comes
 * next, by the same reads: for who must not let it be known by its work whether somebody is there.
 * The number need not be well-formed. Errors: VRX_NOT_FOUND where no resident has a number. */
struct vrx_result vrx_resident_near_number(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view number, struct vrx_resident *ret_resident, bool *ret_exact);

/* Present versions in order of addressee number, at most limit (1 to VRX_LIMIT_PAGE), from the
 * first one after this number; after empty: from the start. *ret_count below limit means the end.
 * Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_resident_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view after, size_t limit, struct vrx_resident **ret_residents, size_t *ret_count);

/* All versions, the oldest first. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_resident_versions(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t id, struct vrx_resident **ret_versions, size_t *ret_count);

/* The individual number, for a query sealed to another municipality and nothing else. Empty where
 * the person has none. Errors: VRX_NOT_FOUND when there is no such resident. */
struct vrx_result vrx_resident_number(
    struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id, struct vrx_view *ret_number);

/* Whom a ledger entry is about: HMAC-SHA256 of the resident's salt under the ledger key. Stable;
 * different in every vault. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_resident_person_token(
    struct vrx_tenant *tenant, int64_t id, uint8_t ret_token[VRX_DIGEST]);

#endif
