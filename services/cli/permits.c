/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx authority permits`: what is lawful between municipalities, since when until when. Made from
 * a JSON file, or from the table before with what has changed.
 */
#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "cli/law.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"

#define SECONDS_A_DAY 86400
#define LONGEST_DAYS 3660

/* ---- permits ---- */

struct word {
    const char *text;
    uint64_t value;
};

static const struct word purposes[] = {
    {"mover", VRX_PURPOSE_MOVER}, {"certificate", VRX_PURPOSE_CERTIFICATE}, {0}};
static const struct word items[] = {{"dose", VRX_ITEM_DOSE}, {"lot", VRX_ITEM_LOT},
    {"venue", VRX_ITEM_VENUE}, {"physician", VRX_ITEM_PHYSICIAN}, {"ticket", VRX_ITEM_TICKET}, {0}};
static const struct word methods[] = {{"card-signature", VRX_IDENTITY_CARD_SIGNATURE},
    {"card-seen", VRX_IDENTITY_CARD_SEEN}, {"notification-photo", VRX_IDENTITY_NOTIFICATION_PHOTO},
    {"two-documents", VRX_IDENTITY_TWO_DOCUMENTS}, {"proxy", VRX_IDENTITY_PROXY}, {0}};

static struct vrx_result value_of(const struct word *words, const char *text, uint64_t *ret_value) {
    for (; text && words->text; words++)
        if (strcmp(words->text, text) == 0) {
            *ret_value = words->value;
            return vrx_ok();
        }
    return vrx_refuse(VRX_INPUT_RANGE, "permits: a word that the table does not know");
}

static struct vrx_result read_words(const json_t *list, const struct word *words,
    struct vrx_arena *arena, uint64_t **ret_values, size_t *ret_count) {
    size_t count = json_array_size(list);
    uint64_t *values = vrx_arena_alloc_array(arena, count, sizeof *values);
    if (!values)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(value_of(words, json_string_value(json_array_get(list, i)), &values[i]));
    *ret_values = values;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result read_codes(const json_t *list, struct vrx_arena *arena,
    struct vrx_municipality_code **ret_codes, size_t *ret_count) {
    size_t count = json_array_size(list);
    struct vrx_municipality_code *codes = vrx_arena_alloc_array(arena, count, sizeof *codes);
    if (!codes)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_municipality_code_parse(
            vrx_view_text(json_string_value(json_array_get(list, i))), &codes[i]));
    *ret_codes = codes;
    *ret_count = count;
    return vrx_ok();
}

/* A day in Japan, as a whole, or an instant. A permit without both is switched off: its time is
 * empty.
 */
static struct vrx_result read_times(const json_t *object, struct vrx_permit *permit) {
    const json_t *from = json_object_get(object, "in_force_from");
    const json_t *until = json_object_get(object, "in_force_until");
    permit->in_force_from = 1;
    permit->in_force_until = 0;
    if (!from && !until)
        return vrx_ok();
    if (!json_is_string(from) || !json_is_string(until))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "permits: in_force_from and in_force_until");
    VRX_TRY(vrx_value_instant(json_string_value(from), false, &permit->in_force_from));
    return vrx_value_instant(json_string_value(until), true, &permit->in_force_until);
}

/* How long an identity check is fresh, in days or in seconds. */
static struct vrx_result read_age(const json_t *object, struct vrx_permit *permit) {
    const json_t *seconds = json_object_get(object, "evidence_seconds");
    const json_int_t days = json_integer_value(json_object_get(object, "evidence_days"));
    const json_int_t value = seconds ? json_integer_value(seconds) : days * SECONDS_A_DAY;
    if (days < 0 || days > LONGEST_DAYS || value < 0 || value > LONGEST_DAYS * SECONDS_A_DAY ||
        (seconds && json_object_get(object, "evidence_days")))
        return vrx_refuse(VRX_INPUT_RANGE, "permits: evidence_days");
    permit->evidence_seconds = (uint64_t)value;
    return vrx_ok();
}

static struct vrx_result read_permit(
    const json_t *object, struct vrx_arena *arena, struct vrx_permit *ret_permit) {
    struct vrx_permit permit = {
        .id = vrx_view_text(json_string_value(json_object_get(object, "id"))),
        .legal_basis = vrx_view_text(json_string_value(json_object_get(object, "legal_basis"))),
        .consent_required = json_is_true(json_object_get(object, "consent_required")),
    };
    if (!json_is_boolean(json_object_get(object, "consent_required")))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "permits: consent_required is true or false");
    VRX_TRY(read_age(object, &permit));
    VRX_TRY(
        value_of(purposes, json_string_value(json_object_get(object, "purpose")), &permit.purpose));
    VRX_TRY(
        read_codes(json_object_get(object, "askers"), arena, &permit.askers, &permit.asker_count));
    VRX_TRY(
        read_codes(json_object_get(object, "asked"), arena, &permit.asked, &permit.asked_count));
    VRX_TRY(read_words(
        json_object_get(object, "items"), items, arena, &permit.items, &permit.item_count));
    VRX_TRY(read_words(
        json_object_get(object, "methods"), methods, arena, &permit.methods, &permit.method_count));
    VRX_TRY(read_times(object, &permit));
    *ret_permit = permit;
    return vrx_ok();
}

/* ---- as JSON again ---- */

static const char *text_of(const struct word *words, uint64_t value) {
    for (; words->text; words++)
        if (words->value == value)
            return words->text;
    return "";
}

static json_t *words_json(const struct word *words, const uint64_t *values, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(text_of(words, values[i])));
    return list;
}

static json_t *codes_json(const struct vrx_municipality_code *codes, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(codes[i].digits));
    return list;
}

static json_t *view_json(struct vrx_view text) {
    return json_stringn((const char *)text.ptr, text.len);
}

static json_t *time_json(int64_t time) {
    char text[VRX_TIME_TEXT + 1];
    vrx_time_format(time, text);
    return json_string(text);
}

json_t *vrx_cli_permit_json(const struct vrx_permit *permit) {
    json_t *object = json_object();
    json_object_set_new(object, "id", view_json(permit->id));
    json_object_set_new(object, "purpose", json_string(text_of(purposes, permit->purpose)));
    json_object_set_new(object, "legal_basis", view_json(permit->legal_basis));
    json_object_set_new(object, "askers", codes_json(permit->askers, permit->asker_count));
    json_object_set_new(object, "asked", codes_json(permit->asked, permit->asked_count));
    json_object_set_new(object, "items", words_json(items, permit->items, permit->item_count));
    json_object_set_new(object, "consent_required", json_boolean(permit->consent_required));
    json_object_set_new(
        object, "methods", words_json(methods, permit->methods, permit->method_count));
    json_object_set_new(
        object, "evidence_seconds", json_integer((json_int_t)permit->evidence_seconds));
    if (permit->in_force_from <= permit->in_force_until) {
        json_object_set_new(object, "in_force_from", time_json(permit->in_force_from));
        json_object_set_new(object, "in_force_until", time_json(permit->in_force_until));
    }
    return object;
}

/* ---- what is made of it ---- */

struct making {
    const struct vrx_arguments *arguments;
    struct vrx_arena arena;
    json_t *list; /* of --table, or NULL */
    struct vrx_permit_table previous;
    struct vrx_permit_table next;
};

static struct vrx_permit *find_permit(struct making *making, struct vrx_view id) {
    for (size_t i = 0; i < making->next.permit_count; i++)
        if (vrx_view_equal(making->next.permits[i].id, id))
            return &making->next.permits[i];
    return NULL;
}

/* One of the table, in the place of one with its id. An id names one permit: a query names it. */
static struct vrx_result put_permit(struct making *making, const json_t *object, size_t kept) {
    struct vrx_permit permit;
    VRX_TRY(read_permit(object, &making->arena, &permit));
    struct vrx_permit *there = find_permit(making, permit.id);
    if (there && (size_t)(there - making->next.permits) >= kept)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "permits: an id once");
    if (there)
        *there = permit;
    else
        making->next.permits[making->next.permit_count++] = permit;
    return vrx_ok();
}

/* --begin and --end: from or until then. */
static struct vrx_result set_time(struct making *making, const char *text, bool end) {
    char *id = NULL;
    int64_t time = making->next.issued;
    VRX_TRY(vrx_cli_law_instant(text, end, &making->arena, &id, &time));
    struct vrx_permit *permit = find_permit(making, vrx_view_text(id));
    if (!permit)
        return vrx_refuse(VRX_PERMIT_NOT_IN_FORCE, "permits: no permit has this id");
    *(end ? &permit->in_force_until : &permit->in_force_from) = time;
    return vrx_ok();
}

static struct vrx_result set_times(struct making *making, const char *option, bool end) {
    for (size_t i = 0; i < vrx_argument_count(making->arguments, option); i++)
        VRX_TRY(set_time(making, vrx_argument_at(making->arguments, option, i), end));
    return vrx_ok();
}

/* What begins has an end; what ends before it begins is switched off, on purpose or not. */
static struct vrx_result check_times(struct making *making) {
    for (size_t i = 0; i < vrx_argument_count(making->arguments, "begin"); i++) {
        char *id = NULL;
        int64_t ignored = 0;
        VRX_TRY(vrx_cli_law_instant(
            vrx_argument_at(making->arguments, "begin", i), false, &making->arena, &id, &ignored));
        const struct vrx_permit *permit = find_permit(making, vrx_view_text(id));
        if (permit && permit->in_force_until < permit->in_force_from)
            return vrx_refuse(VRX_INPUT_RANGE, "--begin: before its end; give --end too");
    }
    return vrx_ok();
}

static struct vrx_result begin(struct making *making) {
    struct vrx_cli_dating dating;
    const bool amends = vrx_argument_given(making->arguments, "amend");
    if (amends)
        VRX_TRY(vrx_cli_law_read(making->arguments, vrx_argument(making->arguments, "amend"),
            &vrx_permit_table_schema, &making->arena, &making->previous));
    VRX_TRY(vrx_cli_dating_after(
        making->arguments, amends ? &making->previous.version : NULL, &dating));
    if (making->list ? !json_is_array(making->list) : !amends)
        return vrx_refuse(VRX_INPUT_MALFORMED, "permits: a JSON array (RFC 8259)");
    making->next = (struct vrx_permit_table){
        .version = dating.version,
        .issued = dating.issued,
        .expires = dating.expires,
        .permits = vrx_arena_alloc_array(&making->arena,
            making->previous.permit_count + json_array_size(making->list),
            sizeof *making->next.permits),
    };
    return making->next.permits ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result make_permits(struct making *making) {
    VRX_TRY(begin(making));
    const size_t kept = making->previous.permit_count;
    for (size_t i = 0; i < kept; i++)
        making->next.permits[making->next.permit_count++] = making->previous.permits[i];
    for (size_t i = 0; i < json_array_size(making->list); i++)
        VRX_TRY(put_permit(making, json_array_get(making->list, i), kept));
    VRX_TRY(set_times(making, "begin", false));
    VRX_TRY(set_times(making, "end", true));
    VRX_TRY(check_times(making));
    return vrx_cli_law_sign(making->arguments, &vrx_permit_table_schema, &making->next);
}

static int run_permits(const struct vrx_arguments *arguments) {
    struct making making = {.arguments = arguments};
    const char *file = vrx_argument(arguments, "table");
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = file ? vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &text) : vrx_ok();
    if (!vrx_is_ok(result))
        return vrx_print_refusal(file, result);
    if (file)
        making.list = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (file && !making.list)
        return vrx_print_refusal(
            file, vrx_refuse(VRX_INPUT_MALFORMED, "permits: a JSON array (RFC 8259)"));
    vrx_arena_init(&making.arena, 0);
    result = make_permits(&making);
    vrx_arena_done(&making.arena);
    json_decref(making.list);
    return vrx_cli_law_report(arguments, "permit table", result);
}

/* ---- the table ---- */

static const struct vrx_option permits_options[] = {VRX_AUTHORITY_OPTION,
    {"amend", "FILE", false, false,
        "the table that this one comes after: its permits stay but for what is said here",
        "改める許可表。ここで指定しない許可はそのまま残る"},
    {"table", "FILE", false, false,
        "permits (JSON, as services/permits.json): all of them, or those that are new or changed",
        "許可（JSON）。全体、または追加・変更する許可"},
    {"begin", "ID[=DAY|TIME]", false, true, "a permit that is in force from then on, or from now",
        "許可の開始日時（省略時は現在）"},
    {"end", "ID[=DAY|TIME]", false, true, "a permit that is in force until then, or until now",
        "許可の終了日時（省略時は現在）"},
    VRX_DATING_OPTIONS, {0}};

const struct vrx_command vrx_cli_permits_commands[] = {
    {"authority permits", false, "sign the permit table, new or amended",
        "情報提供許可表を作り、または改めて、署名する", permits_options, run_permits},
    {0},
};
