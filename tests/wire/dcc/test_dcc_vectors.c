/* SPDX-License-Identifier: Apache-2.0
 *
 * The EU's test data (VRX_VECTORS/dgc): each file is one certificate of a member state with the
 * signer's certificate, the clock to verify at, its intermediate stages and what a verifier must
 * say. Each expectation that a file states is one check; what cannot be checked here is counted as
 * skipped:
 *
 *   EXPECTEDSCHEMAVALIDATION  no usable oracle (country and value set errors that a schema cannot
 *                             see); the two of the common files that are structural are checked
 *   EXPECTEDENCODE, EXPECTEDVALIDOBJECT, EXPECTEDVALIDJSON   about the JSON form, which is not ours
 *   EXPECTEDPICTUREDECODE     where the file has no picture
 *   EXPTECTEDEXPIRED          (sic) four Bulgarian files; the word has no defined meaning
 */
#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/encode.h"
#include "cose/sign1.h"
#include "formats/base45.h"
#include "formats/hcert.h"
#include "support/check.h"
#include "support/qr_text.h"

struct counts {
    size_t files, passed, failed, skipped;
};

/* One file while it is checked. */
struct vector {
    const char *path;
    json_t *root;
    int64_t clock;
    struct vrx_trust_list *trust;
    struct vrx_finding finding;
    struct vrx_view text;
    struct counts *counts;
};

static const char *field(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void check(struct vector *vector, const char *what, bool good) {
    if (good) {
        vector->counts->passed++;
        return;
    }
    vector->counts->failed++;
    print_error("%s: %s: verdict %s (%s)\n", vector->path, what,
        vrx_verdict_name(vector->finding.verdict),
        vector->finding.clause ? vector->finding.clause : "-");
}

/* RFC 3339 with fractions and offsets, also without the colon: "2021-06-09T15:15:35+0200". */
static int64_t parse_clock(const char *text) {
    char whole[VRX_TIME_TEXT + 1];
    int64_t time = 0;
    assert_true(strlen(text) >= 20);
    memcpy(whole, text, 19);
    memcpy(whole + 19, "Z", 2);
    assert_ok(vrx_time_parse(vrx_view_text(whole), &time));
    const char *zone = text + 19;
    if (*zone == '.')
        zone += 1 + strspn(zone + 1, "0123456789");
    if (*zone == 'Z')
        return time;
    assert_true(strlen(zone) >= 5);
    int hours = (zone[1] - '0') * 10 + zone[2] - '0';
    const char *minute = zone[3] == ':' ? zone + 4 : zone + 3;
    int minutes = (minute[0] - '0') * 10 + minute[1] - '0';
    int offset = (hours * 60 + minutes) * 60;
    return *zone == '-' ? time + offset : time - offset;
}

static void load_context(struct vector *vector) {
    const json_t *context = json_object_get(vector->root, "TESTCTX");
    struct vrx_buffer der = {0};
    vector->clock = parse_clock(field(context, "VALIDATIONCLOCK"));
    assert_ok(
        vrx_base64_decode(VRX_BASE64_STANDARD, vrx_view_text(field(context, "CERTIFICATE")), &der));
    assert_ok(vrx_trust_list_new(&vector->trust));
    struct vrx_result result = vrx_trust_list_add(vector->trust, vrx_buffer_view(&der));
    if (!vrx_is_ok(result))
        fail_msg("%s: signer: %s", vector->path, result.clause);
    vrx_buffer_done(&der);
}

/* The stage that a file states in hexadecimal, where it does. */
static bool matches_stage(const struct vector *vector, const char *key, struct vrx_view bytes) {
    const char *hex = field(vector->root, key);
    struct vrx_buffer expected = {0};
    if (!hex)
        return true;
    assert_ok(vrx_hex_decode(vrx_view_text(hex), &expected));
    bool same = vrx_view_equal(vrx_buffer_view(&expected), bytes);
    vrx_buffer_done(&expected);
    return same;
}

static bool unprefixes(const struct vector *vector) {
    return vector->finding.verdict != VRX_VERDICT_NOT_A_CERTIFICATE;
}

static bool decodes_base45(const struct vector *vector) {
    struct vrx_buffer bytes = {0};
    struct vrx_view text = vrx_view_slice(vector->text, 4, vector->text.len);
    bool good = vrx_is_ok(vrx_base45_decode(text, &bytes)) &&
                matches_stage(vector, "COMPRESSED", vrx_buffer_view(&bytes));
    vrx_buffer_done(&bytes);
    return good;
}

static bool inflates(const struct vector *vector) {
    struct vrx_buffer bytes = {0};
    bool good = vrx_is_ok(vrx_hcert_unpack(vector->text, &bytes)) &&
                matches_stage(vector, "COSE", vrx_buffer_view(&bytes));
    vrx_buffer_done(&bytes);
    return good;
}

/* COSE and CBOR are right, whoever signed. */
static bool decodes(const struct vector *vector) {
    struct vrx_buffer bytes = {0};
    struct vrx_sign1 message;
    struct vrx_hcert hcert;
    bool good = vrx_is_ok(vrx_hcert_unpack(vector->text, &bytes)) &&
                vrx_is_ok(vrx_sign1_parse_foreign(vrx_buffer_view(&bytes), &message)) &&
                vrx_is_ok(vrx_hcert_read(message.payload, &hcert));
    vrx_buffer_done(&bytes);
    return good;
}

static bool verifies(const struct vector *vector) {
    return vector->finding.verdict != VRX_VERDICT_DAMAGED &&
           vector->finding.verdict != VRX_VERDICT_ISSUER_UNKNOWN;
}

static bool is_current(const struct vector *vector) {
    return vector->finding.verdict != VRX_VERDICT_EXPIRED &&
           vector->finding.verdict != VRX_VERDICT_NOT_YET_VALID;
}

static bool has_key_usage(const struct vector *vector) {
    return vector->finding.verdict != VRX_VERDICT_WRONG_KEY_USAGE;
}

static bool picture_decodes(const struct vector *vector) {
    struct vrx_buffer png = {0};
    struct vrx_buffer text = {0};
    assert_ok(
        vrx_base64_decode(VRX_BASE64_STANDARD, vrx_view_text(field(vector->root, "2DCODE")), &png));
    bool good = vrx_is_ok(test_qr_text(vrx_buffer_view(&png), &text)) &&
                vrx_view_equal(vrx_buffer_view(&text), vector->text);
    vrx_buffer_done(&png);
    vrx_buffer_done(&text);
    return good;
}

static const struct {
    const char *key;
    bool (*holds)(const struct vector *vector);
} expectations[] = {
    {"EXPECTEDUNPREFIX", unprefixes},
    {"EXPECTEDB45DECODE", decodes_base45},
    {"EXPECTEDCOMPRESSION", inflates},
    {"EXPECTEDDECODE", decodes},
    {"EXPECTEDVERIFY", verifies},
    {"EXPECTEDEXPIRATIONCHECK", is_current},
    {"EXPECTEDKEYUSAGE", has_key_usage},
    {"EXPECTEDPICTUREDECODE", picture_decodes},
};

/* DGC1 has no entry, DGC2 three. */
static bool is_structural(const struct vector *vector) {
    return strstr(vector->path, "/DGC1.json") || strstr(vector->path, "/DGC2.json");
}

static void check_expectation(struct vector *vector, const char *key, bool expected) {
    if (!strcmp(key, "EXPECTEDSCHEMAVALIDATION") && is_structural(vector)) {
        check(vector, key, decodes(vector) == expected);
        return;
    }
    if (!strcmp(key, "EXPECTEDPICTUREDECODE") && !field(vector->root, "2DCODE")) {
        vector->counts->skipped++;
        return;
    }
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (!strcmp(key, expectations[i].key)) {
            check(vector, key, expectations[i].holds(vector) == expected);
            return;
        }
    vector->counts->skipped++;
}

/* A file that expects a step to fail must not be VALID. One that states no failure and speaks of
 * the clock or the key usage is about the whole certificate, and must be. */
static void check_verdict(struct vector *vector, const json_t *expected) {
    bool fails = is_structural(vector);
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (expectations[i].holds != picture_decodes)
            fails |= json_is_false(json_object_get(expected, expectations[i].key));
    bool whole = json_is_true(json_object_get(expected, "EXPECTEDEXPIRATIONCHECK")) ||
                 json_is_true(json_object_get(expected, "EXPECTEDKEYUSAGE"));
    if (fails)
        check(vector, "must fail", vector->finding.verdict != VRX_VERDICT_VALID);
    else if (whole)
        check(vector, "must pass", vector->finding.verdict == VRX_VERDICT_VALID);
}

static void check_file(const char *path, struct counts *counts) {
    struct vector vector = {.path = path, .counts = counts};
    struct vrx_arena arena;
    struct vrx_hcert hcert;
    json_error_t error;
    vector.root = json_load_file(path, 0, &error);
    if (!vector.root)
        fail_msg("%s: %s", path, error.text);
    load_context(&vector);
    vector.text = vrx_view_text(field(vector.root, "PREFIX"));
    vrx_arena_init(&arena, 0);
    assert_ok(
        vrx_hcert_verify(vector.text, vector.trust, vector.clock, &arena, &vector.finding, &hcert));
    json_t *expected = json_object_get(vector.root, "EXPECTEDRESULTS");
    const char *key;
    json_t *value;
    json_object_foreach(expected, key, value) check_expectation(&vector, key, json_is_true(value));
    check_verdict(&vector, expected);
    counts->files++;
    vrx_arena_done(&arena);
    vrx_trust_list_free(&vector.trust);
    json_decref(vector.root);
}

static void check_folder(const char *path, struct counts *counts) {
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        assert_true(
            (size_t)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) < sizeof inner);
        if (entry->d_type == DT_DIR)
            check_folder(inner, counts);
        else if (strstr(entry->d_name, ".json"))
            check_file(inner, counts);
    }
    closedir(folder);
}

static void check_set(const char *name, size_t files) {
    const char *vectors = getenv("VRX_VECTORS");
    char path[2048];
    struct counts counts = {0};
    assert_true((size_t)snprintf(path, sizeof path, "%s/dgc/%s",
                    vectors ? vectors : "../shared/vectors", name) < sizeof path);
    DIR *folder = opendir(path);
    if (!folder) {
        print_message("vectors dgc/%s: absent\n", name);
        skip();
    }
    closedir(folder);
    check_folder(path, &counts);
    print_message("vectors dgc/%s: %zu passed, %zu failed, %zu skipped (%zu files)\n", name,
        counts.passed, counts.failed, counts.skipped, counts.files);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(counts.files, files);
}

#define SET(name, files) \
    static void name(void **state) { \
        (void)state; \
        check_set(#name, files); \
    }

SET(AT, 4)
SET(BG, 5)
SET(DE, 4)
SET(FR, 37)
SET(IE, 4)
SET(PL, 42)
SET(SE, 5)
SET(common, 38)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(AT),
        cmocka_unit_test(BG),
        cmocka_unit_test(DE),
        cmocka_unit_test(FR),
        cmocka_unit_test(IE),
        cmocka_unit_test(PL),
        cmocka_unit_test(SE),
        cmocka_unit_test(common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
