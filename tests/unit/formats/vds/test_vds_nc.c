/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/vds/vds_nc_verify.c and vds_nc_read.c: every verdict with its clause, the
 * order of the steps, whose certificates count and for what. Seals of Australia are a wire test.
 */
#include "formats/vds/vds_nc.h"

#include "base/limits.h"
#include "support/check.h"
#include "support/vds_sample.h"

#define NOW ((int64_t)1640000000) /* 2021-12-20 */
#define DAY ((int64_t)86400)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct {
    struct test_signer csca;
    struct test_signer signer;
    struct vrx_trust_list *trust;
    struct vrx_buffer text; /* a valid seal */
} t;

static const struct test_icao usual = {.country = "JP",
    .extensions = {{"extendedKeyUsage", "critical," TEST_VDS_USAGE},
        {"2.23.136.1.1.6.2", "DER:3009020100310413024e56"}}, /* {0, {"NV"}} */
    .from = TEST_FROM,
    .until = TEST_UNTIL};

static void trust(const struct test_signer *csca) {
    assert_ok(vrx_trust_list_add_csca(t.trust, vrx_certificate_der(csca->cert)));
}

static int setup(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &t.csca);
    test_icao_certificate(&usual, &t.csca, &t.signer);
    assert_ok(vrx_trust_list_new(&t.trust));
    trust(&t.csca);
    t.text = test_vds_seal(&t.signer, SAMPLE_VDS_DATA);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_buffer_done(&t.text);
    vrx_trust_list_free(&t.trust);
    test_signer_done(&t.signer);
    test_signer_done(&t.csca);
    return 0;
}

static struct vrx_finding verify_at(struct vrx_view text, int64_t now) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_vds_nc_verify(text, t.trust, now, &arena, &finding, &vds));
    assert_int_equal(finding.readable, vds.dose_count > 0);
    vrx_arena_done(&arena);
    return finding;
}

/* clause NULL: none. Otherwise its beginning. */
static void expect_at(
    struct vrx_view text, int64_t now, enum vrx_verdict verdict, const char *clause) {
    const struct vrx_finding finding = verify_at(text, now);
    if (finding.verdict != verdict)
        fail_msg("%s (%s), expected %s (%s)", vrx_verdict_name(finding.verdict),
            finding.clause ? finding.clause : "-", vrx_verdict_name(verdict), clause);
    if (!clause)
        assert_null(finding.clause);
    else if (strncmp(finding.clause, clause, strlen(clause)) != 0)
        fail_msg("clause is \"%s\", expected \"%s\"", finding.clause, clause);
}

static void expect_text(struct vrx_buffer *text, enum vrx_verdict verdict, const char *clause) {
    expect_at(vrx_buffer_view(text), NOW, verdict, clause);
    vrx_buffer_done(text);
}

/* A seal whose signature is right, whatever its data. */
static void expect_data(const char *data, enum vrx_verdict verdict, const char *clause) {
    struct vrx_buffer text = test_vds_seal(&t.signer, data);
    expect_text(&text, verdict, clause);
}

static bool is_text(struct vrx_view view, const char *text) {
    return vrx_view_equal(view, vrx_view_text(text));
}

static void valid_seal_is_read(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_vds_nc_verify(vrx_buffer_view(&t.text), t.trust, NOW, &arena, &finding, &vds));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(finding.readable);
    assert_null(finding.clause);
    vrx_buffer_clear(&t.text); /* the arena keeps what was read */
    assert_true(is_text(vds.issuer, "JPN"));
    assert_true(is_text(vds.identifier, "JP0009990038"));
    assert_true(is_text(vds.surname, "YAMADA"));
    assert_true(is_text(vds.given, "HANAKO"));
    assert_int_equal(vds.expires, TEST_UNTIL);
    assert_true(is_text(vds.birth_date, "1964-08-12"));
    assert_true(is_text(vds.sex, "F"));
    assert_true(is_text(vds.document, "TR1234567"));
    assert_int_equal(vds.dose_count, 2);
    assert_true(is_text(vds.doses[0].date, "2021-06-13"));
    assert_true(is_text(vds.doses[1].date, "2021-07-05"));
    assert_int_equal(vds.doses[0].number, 1);
    assert_int_equal(vds.doses[1].number, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(is_text(vds.doses[i].prophylaxis, "XM68M6"));
        assert_true(is_text(vds.doses[i].product, "Comirnaty"));
        assert_true(is_text(vds.doses[i].disease, "RA01.0"));
        assert_true(is_text(vds.doses[i].country, "JPN"));
        assert_true(is_text(vds.doses[i].centre, "Sapporo City"));
        assert_true(is_text(vds.doses[i].lot, i ? "ER7449" : "EP2163"));
    }
    vrx_arena_done(&arena);
}

/* The form in which it is shown does not matter, the canonical one is signed. */
static void white_space_order_and_escapes_are_free(void **state) {
    (void)state;
    struct vrx_buffer cer = {0};
    struct vrx_buffer sigvl = {0};
    assert_ok(vrx_base64_encode(VRX_BASE64_URL_PADDED, vrx_certificate_der(t.signer.cert), &cer));
    const char *data =
        "{ \"msg\" : {\"ve\":[{\"vd\":[{\"seq\":1,\"lot\":\"E\",\"dvc\":\"2021-06-13\","
        "\"ctr\":\"JPN\"}],\r\n\t\"nam\":\"\\u0043\",\"des\":\"XM68M6\"}],\"uvci\":\"U\","
        "\"pid\":{\"n\":\"\\u00c9\",\"i\":\"T\"}},\"hdr\":{\"v\":1,\"t\":\"icao.vacc\","
        "\"is\":\"JPN\"}}";
    const char *canonical =
        "{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1},\"msg\":{\"pid\":{\"i\":\"T\","
        "\"n\":\"\u00c9\"},\"uvci\":\"U\",\"ve\":[{\"des\":\"XM68M6\",\"nam\":\"C\","
        "\"vd\":[{\"ctr\":\"JPN\",\"dvc\":\"2021-06-13\",\"lot\":\"E\",\"seq\":1}]}]}}";
    test_vds_signature(t.signer.key, vrx_view_text(canonical), &sigvl);
    struct vrx_buffer text =
        test_vds_text(data, "ES256", vrx_buffer_view(&cer), vrx_buffer_view(&sigvl));
    expect_text(&text, VRX_VERDICT_VALID, NULL);
    /* The same bytes signed as they stand are not what is verified. */
    vrx_buffer_clear(&sigvl);
    test_vds_signature(t.signer.key, vrx_view_text(data), &sigvl);
    text = test_vds_text(data, "ES256", vrx_buffer_view(&cer), vrx_buffer_view(&sigvl));
    expect_text(&text, VRX_VERDICT_DAMAGED, "RFC 9053 §2.1");
    vrx_buffer_done(&cer);
    vrx_buffer_done(&sigvl);
}

/* ---- no seal ---- */

static void verdict_not_a_certificate(void **state) {
    (void)state;
    static const char *const texts[] = {"", "{", "hello", "HC1:", "[\"icao.vacc\"]", "{}",
        "{\"isThisAVDS\":false}", "\"icao.vacc\"", "{\"data\":{\"hdr\":{\"t\":\"icao.test\"}}}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_false(vrx_vds_nc_recognise(vrx_view_text(texts[i])));
        expect_at(vrx_view_text(texts[i]), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, "VDS-NC 1.1: JSON");
    }
    assert_true(vrx_vds_nc_recognise(vrx_buffer_view(&t.text)));
    assert_true(vrx_vds_nc_recognise(vrx_view_text(" \r\n\t{\"icao.vacc\"")));
}

static void verdict_not_a_certificate_type_and_version(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *clause;
    } rows[] = {
        {"{\"a\":\"icao.vacc\"}", "VDS-NC 1.1: hdr.t"},
        {"{\"data\":[\"icao.vacc\"]}", "VDS-NC 1.1: hdr.t"},
        {"{\"data\":{\"hdr\":\"icao.vacc\"}}", "VDS-NC 1.1: hdr.t"},
        {"{\"data\":{\"hdr\":{\"t\":[\"icao.vacc\"]}}}", "VDS-NC 1.1: hdr.t"},
        {"{\"data\":{\"hdr\":{\"t\":\"icao.test\",\"x\":\"icao.vacc\"}}}", "VDS-NC 1.1: hdr.t"},
        {"{\"data\":{\"hdr\":{\"t\":\"icao.vacc\"}}}", "VDS-NC 1.1: hdr.v"},
        {"{\"data\":{\"hdr\":{\"t\":\"icao.vacc\",\"v\":2}}}", "VDS-NC 1.1: hdr.v"},
        {"{\"data\":{\"hdr\":{\"t\":\"icao.vacc\",\"v\":\"1\"}}}", "VDS-NC 1.1: hdr.v"},
        {"{\"data\":{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1.0}}}", "VDS-NC 1.1: hdr.v"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_at(vrx_view_text(rows[i].text), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, rows[i].clause);
}

static void verdict_not_a_certificate_over_4_kib(void **state) {
    (void)state;
    while (t.text.len < VRX_LIMIT_VDS_TEXT)
        assert_ok(vrx_buffer_append_byte(&t.text, ' '));
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_VALID, NULL);
    assert_ok(vrx_buffer_append_byte(&t.text, ' '));
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, "limits.h");
}

/* ---- damaged ---- */

/* Every byte counts: another one, another letter case, none of ASCII. */
static void verdict_damaged_any_byte(void **state) {
    (void)state;
    static const uint8_t changes[] = {0x01, 0x20, 0x80};
    for (size_t i = 0; i < t.text.len; i++)
        for (size_t change = 0; change < sizeof changes; change++) {
            t.text.ptr[i] ^= changes[change];
            const struct vrx_finding finding = verify_at(vrx_buffer_view(&t.text), NOW);
            if (finding.verdict == VRX_VERDICT_VALID || finding.readable || !finding.clause)
                fail_msg(
                    "byte %zu ^ %02x: %s", i, changes[change], vrx_verdict_name(finding.verdict));
            t.text.ptr[i] ^= changes[change];
        }
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_VALID, NULL);
}

static void verdict_damaged_every_length(void **state) {
    (void)state;
    for (size_t len = 0; len < t.text.len; len++) {
        const struct vrx_finding finding =
            verify_at(vrx_view_slice(vrx_buffer_view(&t.text), 0, len), NOW);
        assert_true(finding.verdict == VRX_VERDICT_NOT_A_CERTIFICATE ||
                    finding.verdict == VRX_VERDICT_DAMAGED);
    }
}

#define HEADER "{\"data\":{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1}},"

static void verdict_damaged_json(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *clause;
    } rows[] = {
        {"{\"icao.vacc\"", "RFC 8259 §2"},
        {HEADER "\"a\":1} {}", "RFC 8259 §2"},
        {HEADER "\"data\":{}}", "RFC 8259 §4"},
        {HEADER "\"a\":{\"b\":1,\"b\":1}}", "RFC 8259 §4"},
        {HEADER "\"a\":99999999999999999999999999}", "RFC 8259 §6"},
        {HEADER "\"a\":1e99999}", "RFC 8259 §6"},
        {HEADER "\"a\":\"\\u0000\"}", "RFC 8259 §7"},
        {HEADER "\"a\":\"\xff\"}", "RFC 8259 §8.1"},
        {HEADER "\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "limits.h: nesting"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_at(vrx_view_text(rows[i].text), NOW, VRX_VERDICT_DAMAGED, rows[i].clause);
}

/* As deep as the size allows: no stack is taken for it. */
static void verdict_damaged_depth(void **state) {
    (void)state;
    char text[VRX_LIMIT_VDS_TEXT];
    memset(text, '[', sizeof text);
    memcpy(text, HEADER, sizeof HEADER - 1);
    expect_at(vrx_view_of(text, sizeof text), NOW, VRX_VERDICT_DAMAGED, "limits.h: nesting");
    for (size_t i = sizeof HEADER - 1; i + 5 <= sizeof text; i += 5)
        memcpy(text + i, "{\"\":[", 5);
    expect_at(vrx_view_of(text, sizeof text), NOW, VRX_VERDICT_DAMAGED, "limits.h: nesting");
}

static void verdict_damaged_signature_object(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        const char *clause;
    } rows[] = {
        {"\"a\":1}", "VDS-NC 1.1: sig.alg"},
        {"\"sig\":[]}", "VDS-NC 1.1: sig.alg"},
        {"\"sig\":{\"alg\":\"none\"}}", "VDS-NC 1.1: sig.alg"},
        {"\"sig\":{\"alg\":\"PS256\"}}", "VDS-NC 1.1: sig.alg"},
        {"\"sig\":{\"alg\":-7}}", "VDS-NC 1.1: sig.alg"},
        {"\"sig\":{\"alg\":\"ES256\"}}", "VDS-NC 1.1: sig has"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":1}}", "VDS-NC 1.1: sig has"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":\"AA==\"}}", "VDS-NC 1.1: sig has"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":\"AA\",\"cer\":\"\"}}", "RFC 4648"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":\"AA==\",\"cer\":\"A+==\"}}", "RFC 4648"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":\"\",\"cer\":\"\"}}", "RFC 5280 §4.1"},
        {"\"sig\":{\"alg\":\"ES256\",\"sigvl\":\"AA==\",\"cer\":\"AAAA\"}}", "RFC 5280 §4.1"},
    };
    char text[512];
    for (size_t i = 0; i < COUNT(rows); i++) {
        (void)snprintf(text, sizeof text, "%s%s", HEADER, rows[i].rest);
        expect_at(vrx_view_text(text), NOW, VRX_VERDICT_DAMAGED, rows[i].clause);
    }
}

/* An algorithm that does not fit the signer's key, and signatures of other lengths. */
static void verdict_damaged_signature(void **state) {
    (void)state;
    struct vrx_buffer cer = {0};
    struct vrx_buffer sigvl = {0};
    assert_ok(vrx_base64_encode(VRX_BASE64_URL_PADDED, vrx_certificate_der(t.signer.cert), &cer));
    test_vds_signature(t.signer.key, vrx_view_text(SAMPLE_VDS_DATA), &sigvl);
    const struct vrx_view certificate = vrx_buffer_view(&cer);
    struct vrx_buffer text =
        test_vds_text(SAMPLE_VDS_DATA, "ES384", certificate, vrx_buffer_view(&sigvl));
    expect_text(&text, VRX_VERDICT_DAMAGED, "RFC 9053 §2: algorithm and kind of key");
    static const char *const others[] = {"", "AA==",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="};
    for (size_t i = 0; i < COUNT(others); i++) {
        text = test_vds_text(SAMPLE_VDS_DATA, "ES256", certificate, vrx_view_text(others[i]));
        expect_text(&text, VRX_VERDICT_DAMAGED, "RFC 9053 §2.1");
    }
    vrx_buffer_done(&cer);
    vrx_buffer_done(&sigvl);
}

static void verdict_damaged_rfc_8785_numbers(void **state) {
    (void)state;
    expect_data("{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1},\"a\":1.5}", VRX_VERDICT_DAMAGED,
        "RFC 8785 §3.2.2.3");
    expect_data("{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1},\"a\":9007199254740992}",
        VRX_VERDICT_DAMAGED, "RFC 8785 §3.2.2.3");
}

/* The content is wrong as well; of that nobody says a word while the signature is. */
static void signature_comes_before_the_content(void **state) {
    (void)state;
    static const char data[] = "{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1},\"msg\":[]}";
    expect_data(data, VRX_VERDICT_DAMAGED, "VDS-NC 1.1");
    struct vrx_buffer text = test_vds_seal(&t.signer, data);
    text.ptr[strlen("{\"data\":{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1},\"m")] = 't';
    expect_text(&text, VRX_VERDICT_DAMAGED, "RFC 9053 §2.1");
}

/* ---- the content ---- */

#define HDR "{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1},\"msg\":"
#define PID "{\"uvci\":\"U\",\"pid\":{\"n\":\"N\",\"i\":\"T\"},\"ve\":"
#define VE "[{\"des\":\"D\",\"nam\":\"N\",\"vd\":"

static void verdict_damaged_content(void **state) {
    (void)state;
    static const struct {
        const char *data;
        const char *clause; /* NULL: valid */
    } rows[] = {
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":1,\"ctr\":\"JPN\"}]}]}}", NULL},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":\"99\",\"ctr\":\"JPN\",\"x\":{\"y\":[null]}}]}]}}",
            NULL},
        {HDR "{\"uvci\":\"U\",\"pid\":{\"n\":\"N\",\"dob\":\"1999\"},\"ve\":" VE
             "[{\"dvc\":\"d\",\"seq\":\"1\",\"ctr\":\"JPN\"}]}]}}",
            NULL},
        {"{\"hdr\":{\"t\":\"icao.vacc\",\"v\":1}}", "VDS-NC 1.1: a required"},
        {"{\"hdr\":{\"is\":1,\"t\":\"icao.vacc\",\"v\":1}}", "VDS-NC 1.1: a field"},
        {"{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1}}", "VDS-NC 1.1: a required"},
        {HDR "null}", "VDS-NC 1.1: a field"},
        {HDR "{}}", "VDS-NC 1.1: a required"},
        {HDR "{\"uvci\":\"\"}}", "VDS-NC 1.1: a required"},
        {HDR "{\"uvci\":null}}", "VDS-NC 1.1: a field"},
        {HDR "{\"uvci\":\"U\"}}", "VDS-NC 1.1: a required"},
        {HDR "{\"uvci\":\"U\",\"pid\":\"N\"}}", "VDS-NC 1.1: a field"},
        {HDR "{\"uvci\":\"U\",\"pid\":{\"n\":[\"N\"]}}}", "VDS-NC 1.1: a field"},
        {HDR "{\"uvci\":\"U\",\"pid\":{\"n\":\"N\",\"i\":1}}}", "VDS-NC 1.1: a field"},
        {HDR "{\"uvci\":\"U\",\"pid\":{\"n\":\"N\"},\"ve\":" VE
             "[{\"dvc\":\"d\",\"seq\":1,\"ctr\":\"JPN\"}]}]}}",
            "VDS-NC 1.1: dob or i"},
        {HDR PID "null}}", "VDS-NC 1.1: a field"},
        {HDR PID "{}}}", "VDS-NC 1.1: a field"},
        {HDR PID "[]}}", "VDS-NC 1.1: a required"},
        {HDR PID "[1]}}", "VDS-NC 1.1: a field"},
        {HDR PID "[{\"des\":\"D\"}]}}", "VDS-NC 1.1: a required"},
        {HDR PID "[{\"des\":\"D\",\"nam\":\"N\"}]}}", "VDS-NC 1.1: a required"},
        {HDR PID VE "{}}]}}", "VDS-NC 1.1: a field"},
        {HDR PID VE "[]}]}}", "VDS-NC 1.1: a required"},
        {HDR PID VE "[[]]}]}}", "VDS-NC 1.1: a field"},
        {HDR PID VE "[{}]}]}}", "VDS-NC 1.1: a required"},
        {HDR PID VE "[{\"dvc\":20210613,\"seq\":1,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: a field"},
        {HDR PID VE "[{\"dvc\":\"d\",\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: a required"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":true,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: a field"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":0,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":-1,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":100,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":4294967297,\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":\"\",\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":\"x\",\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
        {HDR PID VE "[{\"dvc\":\"d\",\"seq\":\"001\",\"ctr\":\"JPN\"}]}]}}", "VDS-NC 1.1: seq"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        expect_data(
            rows[i].data, rows[i].clause ? VRX_VERDICT_DAMAGED : VRX_VERDICT_VALID, rows[i].clause);
}

/* The sample with a member of that path as this value. */
static void expect_member(const char *path, const char *value) {
    json_t *root = json_loads(SAMPLE_VDS_DATA, 0, NULL);
    json_t *at = root;
    char rest[64];
    (void)snprintf(rest, sizeof rest, "%s", path);
    char *saved = NULL;
    char *key = strtok_r(rest, "/", &saved);
    for (char *next; (next = strtok_r(NULL, "/", &saved)); key = next)
        at =
            json_is_array(at) ? json_array_get(at, (size_t)(*key - '0')) : json_object_get(at, key);
    assert_non_null(json_object_get(at, key));
    assert_int_equal(json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, NULL)), 0);
    char *data = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    expect_data(
        data, VRX_VERDICT_DAMAGED, strchr(value, 'e') && *value == '1' ? "RFC 8785" : "VDS-NC 1.1");
    free(data);
    json_decref(root);
}

/* Each member that is read, as every other type. */
static void verdict_damaged_each_type(void **state) {
    (void)state;
    static const struct {
        const char *path;
        json_type type;
    } members[] = {
        {"hdr/is", JSON_STRING},
        {"msg", JSON_OBJECT},
        {"msg/uvci", JSON_STRING},
        {"msg/pid", JSON_OBJECT},
        {"msg/pid/n", JSON_STRING},
        {"msg/pid/dob", JSON_STRING},
        {"msg/pid/sex", JSON_STRING},
        {"msg/pid/i", JSON_STRING},
        {"msg/ve", JSON_ARRAY},
        {"msg/ve/0/des", JSON_STRING},
        {"msg/ve/0/nam", JSON_STRING},
        {"msg/ve/0/dis", JSON_STRING},
        {"msg/ve/0/vd", JSON_ARRAY},
        {"msg/ve/0/vd/0/dvc", JSON_STRING},
        {"msg/ve/0/vd/0/ctr", JSON_STRING},
        {"msg/ve/0/vd/0/adm", JSON_STRING},
        {"msg/ve/0/vd/0/lot", JSON_STRING},
        {"msg/ve/0/vd/0/seq", JSON_INTEGER},
    };
    static const struct {
        json_type type;
        const char *value;
    } values[] = {
        {JSON_OBJECT, "{}"},
        {JSON_ARRAY, "[]"},
        {JSON_STRING, "\"text\""},
        {JSON_INTEGER, "7"},
        {JSON_REAL, "1e300"},
        {JSON_TRUE, "true"},
        {JSON_NULL, "null"},
    };
    for (size_t i = 0; i < COUNT(members); i++)
        for (size_t v = 0; v < COUNT(values); v++)
            if (values[v].type != members[i].type)
                expect_member(members[i].path, values[v].value);
}

static void verdict_damaged_more_doses_than_a_person_has(void **state) {
    (void)state;
    static const char dose[] = "{\"dvc\":\"d\",\"seq\":1,\"ctr\":\"JPN\"}";
    struct vrx_buffer data = {0};
    assert_ok(vrx_buffer_append(&data, vrx_view_text(HDR PID VE "[")));
    for (size_t i = 0; i <= VRX_LIMIT_DOSES; i++) {
        if (i)
            assert_ok(vrx_buffer_append_byte(&data, ','));
        assert_ok(vrx_buffer_append(&data, vrx_view_text(dose)));
    }
    assert_ok(vrx_buffer_append(&data, vrx_view_text("]}]}}")));
    assert_ok(vrx_buffer_append_byte(&data, '\0'));
    expect_data((const char *)data.ptr, VRX_VERDICT_DAMAGED, "limits.h: doses");
    vrx_buffer_done(&data);
}

/* ---- the chain ---- */

static void verdict_issuer_unknown(void **state) {
    (void)state;
    struct test_signer other = {0};
    test_certificate(VRX_PROFILE_CSCA, NULL, 2, TEST_FROM, TEST_UNTIL, &other);
    vrx_trust_list_free(&t.trust);
    assert_ok(vrx_trust_list_new(&t.trust));
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_ISSUER_UNKNOWN, "RFC 5280 §6.1.3");
    /* A signer in the list is no authority for seals. */
    assert_ok(vrx_trust_list_add(t.trust, vrx_certificate_der(t.signer.cert)));
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_ISSUER_UNKNOWN, "RFC 5280 §6.1.3");
    assert_ok(vrx_trust_list_add_csca(t.trust, vrx_certificate_der(t.signer.cert)));
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_ISSUER_UNKNOWN, "RFC 5280 §6.1.3");
    trust(&t.csca);
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_VALID, NULL);
    test_signer_done(&other);
}

/* Another authority under the same name: its key did not sign the certificate. */
static void verdict_damaged_authority_of_the_same_name(void **state) {
    (void)state;
    struct test_signer other = {0};
    test_certificate(VRX_PROFILE_CSCA, NULL, 2, TEST_FROM, TEST_UNTIL, &other);
    vrx_trust_list_free(&t.trust);
    assert_ok(vrx_trust_list_new(&t.trust));
    trust(&other);
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_DAMAGED, "RFC 5280 §6.1.3 a.1");
    trust(&t.csca); /* is found behind it */
    expect_at(vrx_buffer_view(&t.text), NOW, VRX_VERDICT_VALID, NULL);
    test_signer_done(&other);
}

/* A signer of one's own making, under the authority's name. */
static void verdict_damaged_self_made_signer(void **state) {
    (void)state;
    struct test_signer forger = {0};
    struct test_signer forged = {0};
    test_certificate(VRX_PROFILE_CSCA, NULL, 3, TEST_FROM, TEST_UNTIL, &forger);
    test_icao_certificate(&usual, &forger, &forged);
    struct vrx_buffer text = test_vds_seal(&forged, SAMPLE_VDS_DATA);
    expect_text(&text, VRX_VERDICT_DAMAGED, "RFC 5280 §6.1.3 a.1");
    test_signer_done(&forged);
    test_signer_done(&forger);
}

/* The usual signer but for what a row says. */
static void expect_signer(
    const struct test_icao *icao, enum vrx_verdict verdict, const char *clause) {
    struct test_signer signer = {0};
    test_icao_certificate(icao, &t.csca, &signer);
    struct vrx_buffer text = test_vds_seal(&signer, SAMPLE_VDS_DATA);
    expect_text(&text, verdict, clause);
    test_signer_done(&signer);
}

#define USAGE \
    { "extendedKeyUsage", TEST_VDS_USAGE }
#define TYPES(hex) \
    { "2.23.136.1.1.6.2", "DER:" hex }

static void verdict_wrong_key_usage(void **state) {
    (void)state;
    static const char usage[] = "VDS-NC 1.1: the signer's key usage";
    static const char type[] = "ICAO 9303-12 §7.1.1.6";
    static const char document[] = "RFC 5280 §4.2.1.3";
    static const struct {
        const char *extensions[4][2];
        const char *clause; /* NULL: valid */
    } rows[] = {
        {{USAGE}, NULL},
        {{USAGE, {"keyUsage", "critical,digitalSignature"}}, NULL},
        {{USAGE, {"authorityKeyIdentifier", "none"}}, NULL},
        {{{"extendedKeyUsage", "serverAuth," TEST_VDS_USAGE}}, NULL},
        {{USAGE, TYPES("300d020100310813024e5413024e56")}, NULL}, /* NT, NV */
        {{{NULL}}, usage},
        {{{"extendedKeyUsage", "clientAuth"}}, usage},
        {{{"extendedKeyUsage", "1.3.6.1.4.1.1847.2021.1.2"}}, usage},
        {{{"extendedKeyUsage", "2.23.136.1.1.14.1"}}, usage},
        {{{"extendedKeyUsage", "anyExtendedKeyUsage"}}, usage},
        {{USAGE, {"keyUsage", "critical,keyEncipherment"}}, document},
        {{USAGE, {"keyUsage", "keyCertSign"}}, document},
        {{USAGE, TYPES("3009020100310413024e54")}, type},   /* NT */
        {{USAGE, TYPES("3009020100310413016e5600")}, type}, /* bytes behind it */
        {{USAGE, TYPES("3008020100310313014e")}, type},     /* N */
        {{USAGE, TYPES("300a020100310513034e5658")}, type}, /* NVX */
        {{USAGE, TYPES("300902010031040c024e56")}, type},   /* UTF8String */
        {{USAGE, TYPES("3009020100300413024e56")}, type},   /* SEQUENCE OF */
        {{USAGE, TYPES("3006310413024e56")}, type},         /* without version */
        {{USAGE, TYPES("30050201003100")}, type},           /* of none */
        {{USAGE, TYPES("3000")}, type},
        {{USAGE, TYPES("13024e56")}, type},
        {{USAGE, TYPES("00")}, type},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_icao icao = usual;
        memcpy(icao.extensions, rows[i].extensions, sizeof icao.extensions);
        expect_signer(&icao, rows[i].clause ? VRX_VERDICT_WRONG_KEY_USAGE : VRX_VERDICT_VALID,
            rows[i].clause);
    }
}

/* A CA with ICAO's usage signs certificates, not seals. */
static void verdict_wrong_key_usage_ca(void **state) {
    (void)state;
    struct vrx_buffer text = test_vds_seal(&t.csca, SAMPLE_VDS_DATA);
    expect_text(&text, VRX_VERDICT_WRONG_KEY_USAGE, "RFC 5280 §4.2.1.3");
}

static void verdict_wrong_key_usage_country(void **state) {
    (void)state;
    static const char signer[] = "ICAO 9303-12 §7.1: the signer is not of";
    static const char *const others[][2] = {
        {"AU", NULL}, {NULL, NULL}, {"jp", NULL}, {"JP", "AU"}, {"JP", "JP"}};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct test_icao icao = usual;
        icao.country = others[i][0];
        icao.second_country = others[i][1];
        expect_signer(&icao, VRX_VERDICT_WRONG_KEY_USAGE, signer);
    }
    /* Australia's certificate, from Japan's authority, for an Australian seal. */
    struct test_signer stray = {0};
    struct test_icao icao = usual;
    icao.country = "AU";
    test_icao_certificate(&icao, &t.csca, &stray);
    struct vrx_buffer text = test_vds_seal(&stray,
        "{\"hdr\":{\"is\":\"AUS\",\"t\":\"icao.vacc\",\"v\":1},\"msg\":" PID VE
        "[{\"dvc\":\"d\",\"seq\":1,\"ctr\":\"AUS\"}]}]}}");
    expect_text(&text, VRX_VERDICT_WRONG_KEY_USAGE, "ICAO 9303-12 §7.1: the signer's authority");
    test_signer_done(&stray);
}

/* ---- time ---- */

static void verdict_rfc_5280_4_1_2_5_signer(void **state) {
    (void)state;
    static const char clause[] = "RFC 5280 §4.1.2.5: signer or authority";
    struct test_signer signer = {0};
    struct test_icao icao = usual;
    icao.from = NOW - DAY;
    icao.until = NOW + DAY;
    test_icao_certificate(&icao, &t.csca, &signer);
    struct vrx_buffer text = test_vds_seal(&signer, SAMPLE_VDS_DATA);
    const struct vrx_view view = vrx_buffer_view(&text);
    expect_at(view, icao.from - 1, VRX_VERDICT_NOT_YET_VALID, clause);
    expect_at(view, icao.from, VRX_VERDICT_VALID, NULL);
    expect_at(view, icao.until, VRX_VERDICT_VALID, NULL);
    expect_at(view, icao.until + 1, VRX_VERDICT_EXPIRED, clause);
    assert_true(verify_at(view, icao.until + 1).readable);
    vrx_buffer_done(&text);
    test_signer_done(&signer);
}

/* The authority's own time; its renewed certificate for the same key counts where it is valid. */
static void verdict_rfc_5280_4_1_2_5_authority(void **state) {
    (void)state;
    static const char clause[] = "RFC 5280 §4.1.2.5: signer or authority";
    const struct vrx_view view = vrx_buffer_view(&t.text);
    vrx_trust_list_free(&t.trust);
    assert_ok(vrx_trust_list_new(&t.trust));
    vrx_certificate_free(&t.csca.cert);
    test_certificate(VRX_PROFILE_CSCA, NULL, 4, TEST_FROM, NOW, &t.csca);
    trust(&t.csca);
    expect_at(view, NOW, VRX_VERDICT_VALID, NULL);
    expect_at(view, NOW + 1, VRX_VERDICT_EXPIRED, clause);
    vrx_certificate_free(&t.csca.cert);
    test_certificate(VRX_PROFILE_CSCA, NULL, 5, NOW + 1, TEST_UNTIL, &t.csca);
    trust(&t.csca);
    expect_at(view, NOW + 1, VRX_VERDICT_VALID, NULL);
    expect_at(view, NOW, VRX_VERDICT_VALID, NULL);
    vrx_trust_list_free(&t.trust);
    assert_ok(vrx_trust_list_new(&t.trust));
    trust(&t.csca);
    expect_at(view, NOW, VRX_VERDICT_NOT_YET_VALID, clause);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(valid_seal_is_read),
        WITH(white_space_order_and_escapes_are_free),
        WITH(verdict_not_a_certificate),
        WITH(verdict_not_a_certificate_type_and_version),
        WITH(verdict_not_a_certificate_over_4_kib),
        WITH(verdict_damaged_any_byte),
        WITH(verdict_damaged_every_length),
        WITH(verdict_damaged_json),
        WITH(verdict_damaged_depth),
        WITH(verdict_damaged_signature_object),
        WITH(verdict_damaged_signature),
        WITH(verdict_damaged_rfc_8785_numbers),
        WITH(signature_comes_before_the_content),
        WITH(verdict_damaged_content),
        WITH(verdict_damaged_each_type),
        WITH(verdict_damaged_more_doses_than_a_person_has),
        WITH(verdict_issuer_unknown),
        WITH(verdict_damaged_authority_of_the_same_name),
        WITH(verdict_damaged_self_made_signer),
        WITH(verdict_wrong_key_usage),
        WITH(verdict_wrong_key_usage_ca),
        WITH(verdict_wrong_key_usage_country),
        WITH(verdict_rfc_5280_4_1_2_5_signer),
        WITH(verdict_rfc_5280_4_1_2_5_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
