/* SPDX-License-Identifier: Apache-2.0
 *
 * The example of the SMART Health Cards specification (VRX_VECTORS/shc): one card in each of its
 * stages, and its issuer's keys. Each stage is one check; a stage whose file is absent is counted
 * as skipped. The pictures (SVG) are read by nothing here, and the bundle alone (a) stands in the
 * payload.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/inflate.h"
#include "formats/shc/jwks.h"
#include "formats/shc/shc.h"
#include "support/check.h"
#include "support/vectors.h"

#define ISSUER "https://spec.smarthealth.cards/examples/issuer"
#define ISSUED 1687450764 /* nbf, without its 0.656 */

static struct { unsigned passed, failed, skipped; } counts;

static struct vrx_arena arena;

/* The file without white space at its end, empty where it is absent; lives in the arena. */
static struct vrx_view stage(const char *name) {
    char path[4096];
    char content[16384];
    assert_true(
        (size_t)snprintf(path, sizeof path, "%s/shc/%s", vrx_vectors_folder(), name) < sizeof path);
    FILE *file = fopen(path, "rb");
    if (!file)
        return (struct vrx_view){0};
    size_t len = fread(content, 1, sizeof content, file);
    assert_int_equal(fclose(file), 0);
    while (len && strchr(" \r\n\t", content[len - 1]))
        len--;
    struct vrx_view view;
    assert_ok(vrx_arena_copy(&arena, vrx_view_of(content, len), &view));
    return view;
}

static void check(const char *what, bool good) {
    printf("  %s: %s\n", what, good ? "passed" : "failed");
    if (good)
        counts.passed++;
    else
        counts.failed++;
}

/* True where all the files are there. */
static bool have(const char *what, const struct vrx_view *files, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!files[i].len) {
            printf("  %s: skipped: file absent\n", what);
            counts.skipped++;
            return false;
        }
    return true;
}

static struct vrx_trust_list *trust_of(struct vrx_view jwks, const char *issuer, size_t *ret_keys) {
    const struct vrx_view *points = NULL;
    struct vrx_trust_list *trust = NULL;
    *ret_keys = 0;
    assert_ok(vrx_trust_list_new(&trust));
    const struct vrx_result result = vrx_jwks_read(jwks, &arena, &points, ret_keys);
    for (size_t i = 0; vrx_is_ok(result) && i < *ret_keys; i++)
        assert_ok(vrx_trust_list_add_issuer(trust, vrx_view_text(issuer), points[i]));
    return trust;
}

static const char *verdict(struct vrx_view text, const struct vrx_trust_list *trust, int64_t now,
    struct vrx_shc *ret_shc) {
    struct vrx_finding finding = {0};
    assert_ok(vrx_shc_verify(text, trust, now, &arena, &finding, ret_shc));
    return vrx_verdict_name(finding.verdict);
}

/* The signed text and the signature are those of the JWS in file d. */
static void check_jws(struct vrx_view numeric, struct vrx_view jws) {
    struct vrx_shc_jws parts;
    struct vrx_buffer signature = {0};
    const struct vrx_view files[] = {numeric, jws};
    if (!have("f to d: digits to JWS", files, 2))
        return;
    bool good = vrx_is_ok(vrx_shc_unpack(numeric, &arena, &parts));
    good = good && parts.signed_text.len + 1 < jws.len &&
           vrx_view_equal(parts.signed_text, vrx_view_slice(jws, 0, parts.signed_text.len));
    if (good)
        assert_ok(vrx_base64_decode(
            VRX_BASE64_URL, vrx_view_slice(jws, parts.signed_text.len + 1, jws.len), &signature));
    check(
        "f to d: digits to JWS", good && vrx_view_equal(vrx_buffer_view(&signature),
                                             vrx_view_of(parts.signature, sizeof parts.signature)));
    vrx_buffer_done(&signature);
}

static void check_minified(struct vrx_view numeric, struct vrx_view minified) {
    struct vrx_shc_jws parts;
    struct vrx_buffer payload = {0};
    const struct vrx_view files[] = {numeric, minified};
    if (!have("d to c: payload inflated", files, 2))
        return;
    check("d to c: payload inflated",
        vrx_is_ok(vrx_shc_unpack(numeric, &arena, &parts)) &&
            vrx_is_ok(vrx_inflate_raw(parts.payload, VRX_LIMIT_SHC_INFLATED, &payload)) &&
            vrx_view_equal(vrx_buffer_view(&payload), minified));
    vrx_buffer_done(&payload);
}

static bool is_text(struct vrx_view view, const char *text) {
    return vrx_view_equal(view, vrx_view_text(text));
}

static bool is_the_example(const struct vrx_shc *shc) {
    static const struct {
        const char *code, *date, *lot;
    } doses[] = {{"207", "2021-01-01", "0000001"}, {"207", "2021-01-29", "0000007"},
        {"229", "2022-09-05", "0000001"}};
    bool good = is_text(shc->issuer, ISSUER) && shc->issued == ISSUED &&
                is_text(shc->surname, "Anyperson") && is_text(shc->given, "John B.") &&
                is_text(shc->birth_date, "1951-01-20") && is_text(shc->identifier, "MKyCxh7p6uQ") &&
                shc->expires == VRX_SHC_FOREVER && shc->dose_count == 3;
    for (size_t i = 0; good && i < 3; i++)
        good = is_text(shc->doses[i].system, VRX_SHC_CVX) &&
               is_text(shc->doses[i].code, doses[i].code) &&
               is_text(shc->doses[i].date, doses[i].date) &&
               is_text(shc->doses[i].lot, doses[i].lot) &&
               is_text(shc->doses[i].performer, "ABC General Hospital");
    return good;
}

static void check_payload(const char *what, struct vrx_view payload) {
    struct vrx_shc shc = {0};
    if (have(what, &payload, 1))
        check(what, vrx_is_ok(vrx_shc_read(payload, &arena, &shc)) && is_the_example(&shc));
}

static void check_verdicts(struct vrx_view numeric, struct vrx_view jwks) {
    struct vrx_shc shc = {0};
    struct vrx_shc other = {0};
    size_t keys = 0;
    const struct vrx_view files[] = {numeric, jwks};
    if (!have("f with the keys: verdicts", files, 2))
        return;
    struct vrx_trust_list *trust = trust_of(jwks, ISSUER, &keys);
    check("jwks: two keys, one with a chain", keys == 2);
    check("f: valid, with its content",
        !strcmp(verdict(numeric, trust, ISSUED, &shc), "VALID") && is_the_example(&shc));
    check("f: not yet valid before its nbf, which has a fraction",
        !strcmp(verdict(numeric, trust, ISSUED - 1, &other), "NOT_YET_VALID"));
    vrx_trust_list_free(&trust);
    trust = trust_of(jwks, ISSUER "/other", &keys);
    check("f: of another issuer than the keys",
        !strcmp(verdict(numeric, trust, ISSUED, &other), "ISSUER_UNKNOWN"));
    vrx_trust_list_free(&trust);
    assert_ok(vrx_trust_list_new(&trust));
    check("f: of nobody who is trusted",
        !strcmp(verdict(numeric, trust, ISSUED, &other), "ISSUER_UNKNOWN"));
    vrx_trust_list_free(&trust);
}

static void every_stage_of_the_example(void **state) {
    (void)state;
    vrx_arena_init(&arena, 0);
    const struct vrx_view numeric = stage("example-00-f-qr-code-numeric-value-0.txt");
    if (!numeric.len) {
        printf("vectors shc: absent\n");
        vrx_arena_done(&arena);
        skip();
    }
    const struct vrx_view minified = stage("example-00-c-jws-payload-minified.json");
    check_jws(numeric, stage("example-00-d-jws.txt"));
    check_minified(numeric, minified);
    check_payload("c: payload read", minified);
    check_payload(
        "b: payload read, with white space", stage("example-00-b-jws-payload-expanded.json"));
    check_verdicts(numeric, stage("jwks.json"));
    vrx_arena_done(&arena);
    printf("vectors shc: %u passed, %u failed, %u skipped\n", counts.passed, counts.failed,
        counts.skipped);
    assert_int_equal(counts.failed, 0);
    assert_int_not_equal(counts.passed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_of_the_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
