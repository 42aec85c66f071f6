/* SPDX-License-Identifier: Apache-2.0
 *
 * What a certificate costs, whole and by step, on one thread. Commands on standard input, one a
 * line; each is answered by one line.
 *
 *     STEP N        N times: nanoseconds of processor time for one
 *     sample        the certificate that is measured, as text, and its signer's key as PEM's base64
 *
 * A step's name is that in the table at the end. raw-sign and raw-verify are OpenSSL's P-256 with
 * keys and contexts prepared: the least that any program can do with it.
 *
 * Next: issuer.mjs.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cose/sign1.h"
#include "crypto/hash.h"
#include "formats/base45.h"
#include "formats/hcert.h"
#include "formats/inflate.h"
#include "formats/shc/shc.h"
#include "formats/vds/vds_nc.h"
#include "render/paper/paper_of.h"
#include "signer/mint.h"
#include "support/hcert_sample.h"
#include "support/shc_card.h"
#include "support/signers.h"
#include "support/vds_sample.h"

#define NOW ((int64_t)SAMPLE_ISSUED + 86400)
#define SHC_NOW ((int64_t)SAMPLE_SHC_NBF + 86400)

static struct {
    struct vrx_hcert content;
    struct test_signer csca, dsc, vds_signer;
    uint8_t kid[VRX_KID];
    struct vrx_trust_list *trust;
    struct vrx_mint *mint;
    struct vrx_deflater *deflater;
    struct vrx_arena arena;
    EVP_PKEY *raw;
    EVP_PKEY_CTX *raw_sign, *raw_verify;
    uint8_t digest[VRX_SHA256], raw_signature[80];
    size_t raw_signature_len;
    /* The certificate at each of its stages, as the steps below take it. */
    struct vrx_buffer payload, to_be_signed, message, packed, text;
    struct vrx_sign1 parsed;
    struct vrx_buffer card, seal;
    struct vrx_arena kept;
    struct vrx_shc card_content;
    struct vrx_vds_nc seal_content;
    struct vrx_face *face;
    struct vrx_paper domestic, travel; /* a card; all three */
    struct vrx_buffer out;
} b;

static void must(bool good, const char *what) {
    if (good)
        return;
    (void)fprintf(stderr, "issuer_bench: %s\n", what);
    exit(1);
}

static void must_ok(struct vrx_result result) {
    must(vrx_is_ok(result), vrx_reason_name(result.reason));
}

/* ---- the steps ---- */

static void raw_sign(void) {
    b.raw_signature_len = sizeof b.raw_signature;
    b.digest[0]++;
    must(EVP_PKEY_sign(
             b.raw_sign, b.raw_signature, &b.raw_signature_len, b.digest, sizeof b.digest) == 1,
        "sign");
}

static void raw_verify(void) {
    must(EVP_PKEY_verify(
             b.raw_verify, b.raw_signature, b.raw_signature_len, b.digest, sizeof b.digest) == 1,
        "verify");
}

static void payload(void) {
    must_ok(vrx_hcert_payload(&b.content, &b.out));
}

static void hcert_issue(void) {
    struct vrx_buffer made = {0};
    must_ok(vrx_hcert_payload(&b.content, &made));
    must_ok(vrx_hcert_sign(vrx_buffer_view(&made), b.dsc.key, b.kid, b.deflater, &b.out));
    vrx_buffer_done(&made);
}

static void structure(void) {
    must_ok(vrx_sign1_to_be_signed(
        b.parsed.protected_bytes, (struct vrx_view){0}, vrx_buffer_view(&b.payload), &b.out));
}

static void sign(void) {
    uint8_t signature[VRX_P256_SIGNATURE];
    must_ok(vrx_sign_es256(b.dsc.key, vrx_buffer_view(&b.to_be_signed), signature));
}

static void deflated(void) {
    must_ok(vrx_deflate(b.deflater, vrx_buffer_view(&b.message), &b.out));
}

static void base45(void) {
    must_ok(vrx_base45_encode(vrx_buffer_view(&b.packed), &b.out));
}

static void mint(void) {
    const struct vrx_issue_content content = {.formats = {.at = {VRX_FORMAT_HCERT}, .count = 1},
        .uvci = b.content.identifier,
        .issued = b.content.issued,
        .expires = b.content.expires,
        .hcert = b.content};
    must_ok(vrx_mint_make(b.mint, &content, &b.out));
}

static void is_valid(struct vrx_result result, const struct vrx_finding *finding) {
    must_ok(result);
    must(finding->verdict == VRX_VERDICT_VALID, finding->clause);
}

static void hcert_verify(void) {
    struct vrx_finding finding;
    struct vrx_hcert read;
    is_valid(vrx_hcert_verify(vrx_buffer_view(&b.text), b.trust, NOW, &b.arena, &finding, &read),
        &finding);
}

static void base45_back(void) {
    struct vrx_view digits = vrx_buffer_view(&b.text);
    digits = vrx_view_slice(digits, sizeof VRX_HCERT_PREFIX - 1, digits.len);
    must_ok(vrx_base45_decode(digits, &b.out));
}

static void inflated(void) {
    must_ok(vrx_inflate(vrx_buffer_view(&b.packed), 65536, &b.out));
}

static void parse(void) {
    struct vrx_sign1 parsed;
    must_ok(vrx_sign1_parse_foreign(vrx_buffer_view(&b.message), &parsed));
}

static void verify(void) {
    must_ok(vrx_verify(VRX_ES256, vrx_certificate_key(b.dsc.cert), vrx_buffer_view(&b.to_be_signed),
        b.parsed.signature));
}

static void read_payload(void) {
    struct vrx_hcert read;
    must_ok(vrx_hcert_read(vrx_buffer_view(&b.payload), &read));
}

static void verify_card(struct vrx_arena *arena, struct vrx_shc *ret_shc) {
    struct vrx_finding finding;
    is_valid(vrx_shc_verify(vrx_buffer_view(&b.card), b.trust, SHC_NOW, arena, &finding, ret_shc),
        &finding);
}

static void verify_seal(struct vrx_arena *arena, struct vrx_vds_nc *ret_vds) {
    struct vrx_finding finding;
    is_valid(vrx_vds_nc_verify(vrx_buffer_view(&b.seal), b.trust, NOW, arena, &finding, ret_vds),
        &finding);
}

static void shc_verify(void) {
    struct vrx_shc read;
    verify_card(&b.arena, &read);
}

static void vds_verify(void) {
    struct vrx_vds_nc read;
    verify_seal(&b.arena, &read);
}

static void shc_issue(void) {
    struct vrx_buffer made = {0};
    must_ok(vrx_shc_payload(&b.card_content, &made));
    must_ok(vrx_shc_sign(vrx_buffer_view(&made), b.dsc.key, &b.out));
    vrx_buffer_done(&made);
}

static void vds_issue(void) {
    struct vrx_buffer made = {0};
    must_ok(vrx_vds_nc_data(&b.seal_content, &made));
    must_ok(vrx_vds_nc_sign(vrx_buffer_view(&made), b.vds_signer.key, b.vds_signer.cert, &b.out));
    vrx_buffer_done(&made);
}

static void paper_domestic(void) {
    must_ok(vrx_paper_pdf(b.face, &b.domestic, &b.out));
}

static void paper_travel(void) {
    must_ok(vrx_paper_pdf(b.face, &b.travel, &b.out));
}

static const struct step {
    const char *name;
    void (*run)(void);
} steps[] = {
    {"raw-sign", raw_sign},
    {"raw-verify", raw_verify},
    {"hcert-issue", hcert_issue},
    {"payload", payload},
    {"structure", structure},
    {"hash-and-sign", sign},
    {"deflate", deflated},
    {"base45", base45},
    {"mint", mint},
    {"hcert-verify", hcert_verify},
    {"base45-back", base45_back},
    {"inflate", inflated},
    {"parse", parse},
    {"hash-and-verify", verify},
    {"read", read_payload},
    {"shc-issue", shc_issue},
    {"shc-verify", shc_verify},
    {"vds-nc-issue", vds_issue},
    {"vds-nc-verify", vds_verify},
    {"paper-domestic", paper_domestic},
    {"paper-travel", paper_travel},
};

/* ---- before them ---- */

static void prepare_raw(void) {
    b.raw = EVP_EC_gen(SN_X9_62_prime256v1);
    must(b.raw != NULL, "a key pair");
    b.raw_sign = EVP_PKEY_CTX_new(b.raw, NULL);
    b.raw_verify = EVP_PKEY_CTX_new(b.raw, NULL);
    must(
        EVP_PKEY_sign_init(b.raw_sign) == 1 && EVP_PKEY_verify_init(b.raw_verify) == 1, "contexts");
    raw_sign();
}

static void prepare_signers(void) {
    static const struct test_icao icao = {.country = "JP",
        .extensions = {{"extendedKeyUsage", "critical," TEST_VDS_USAGE}},
        .from = TEST_FROM,
        .until = TEST_UNTIL};
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &b.csca);
    test_certificate(VRX_PROFILE_DSC_VACCINATION, &b.csca, 2, TEST_FROM, TEST_UNTIL, &b.dsc);
    test_icao_certificate(&icao, &b.csca, &b.vds_signer);
    must_ok(vrx_signer_kid(b.dsc.cert, b.kid));
    must_ok(vrx_trust_list_new(&b.trust));
    must_ok(vrx_trust_list_add(b.trust, vrx_certificate_der(b.dsc.cert)));
    must_ok(vrx_trust_list_add_csca(b.trust, vrx_certificate_der(b.csca.cert)));
    test_trust_issuer(b.trust, b.dsc.key, SAMPLE_SHC_ISSUER);
}

static void prepare_mint(void) {
    struct vrx_buffer cert = {0};
    struct vrx_secret *pem = NULL;
    struct vrx_private_key *key = NULL; /* the mint keeps it */
    must_ok(vrx_certificate_to_pem(b.dsc.cert, &cert));
    must_ok(vrx_private_key_to_pem(b.dsc.key, &pem));
    must_ok(vrx_private_key_from_pem(vrx_secret_view(pem), &key));
    must_ok(vrx_mint_new(vrx_buffer_view(&cert), &key, &b.mint));
    vrx_secret_free(&pem);
    vrx_buffer_done(&cert);
}

static void prepare_certificates(void) {
    b.content = test_hcert_sample();
    must_ok(vrx_deflater_new(&b.deflater));
    must_ok(vrx_hcert_payload(&b.content, &b.payload));
    must_ok(vrx_hcert_sign(vrx_buffer_view(&b.payload), b.dsc.key, b.kid, b.deflater, &b.text));
    must_ok(vrx_hcert_unpack(vrx_buffer_view(&b.text), &b.message));
    must_ok(vrx_deflate(b.deflater, vrx_buffer_view(&b.message), &b.packed));
    must_ok(vrx_sign1_parse_foreign(vrx_buffer_view(&b.message), &b.parsed));
    must_ok(vrx_sign1_to_be_signed(
        b.parsed.protected_bytes, (struct vrx_view){0}, b.parsed.payload, &b.to_be_signed));
    b.card = test_shc_card(b.dsc.key, vrx_view_text(SAMPLE_SHC_PAYLOAD));
    b.seal = test_vds_seal(&b.vds_signer, SAMPLE_VDS_DATA);
}

/* What is issued and printed is what was read. */
static void prepare_papers(void) {
    vrx_arena_init(&b.kept, 0);
    verify_card(&b.kept, &b.card_content);
    verify_seal(&b.kept, &b.seal_content);
    const struct vrx_shown hcert = {.format = VRX_FORMAT_HCERT, .hcert = b.content};
    const struct vrx_shown card = {.format = VRX_FORMAT_SHC, .shc = b.card_content};
    const struct vrx_shown seal = {.format = VRX_FORMAT_VDS_NC, .vds_nc = b.seal_content};
    must_ok(vrx_face_open(VRX_PAPER_FONT, &b.face));
    must_ok(vrx_paper_add(&b.domestic, vrx_buffer_view(&b.card), &card));
    must_ok(vrx_paper_add(&b.travel, vrx_buffer_view(&b.text), &hcert));
    must_ok(vrx_paper_add(&b.travel, vrx_buffer_view(&b.card), &card));
    must_ok(vrx_paper_add(&b.travel, vrx_buffer_view(&b.seal), &seal));
}

static double processor_nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(const struct step *step, unsigned count) {
    const double begun = processor_nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        step->run();
        vrx_buffer_clear(&b.out);
        vrx_arena_clear(&b.arena);
    }
    return (processor_nanoseconds() - begun) / count;
}

static void show_sample(void) {
    struct vrx_secret *der = NULL;
    must_ok(vrx_private_key_to_pkcs8(b.dsc.key, &der));
    must_ok(vrx_base64_encode(VRX_BASE64_STANDARD, vrx_secret_view(der), &b.out));
    (void)printf("%.*s\t%.*s\n", (int)b.text.len, (const char *)b.text.ptr, (int)b.out.len,
        (const char *)b.out.ptr);
    vrx_buffer_clear(&b.out);
    vrx_secret_free(&der);
}

static bool obey(const char *line) {
    char word[32] = "";
    unsigned count = 0;
    const struct step *step = NULL;
    const int words = sscanf(line, "%31s %u", word, &count);
    if (words == 1 && strcmp(word, "sample") == 0) {
        show_sample();
        return fflush(stdout) == 0;
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(word, steps[i].name) == 0)
            step = &steps[i];
    if (!step || words != 2 || !count)
        return false;
    (void)printf("%.0f\n", measure(step, count));
    return fflush(stdout) == 0;
}

int main(void) {
    char line[128];
    bool obeyed = true;
    vrx_arena_init(&b.arena, 0);
    prepare_raw();
    prepare_signers();
    prepare_mint();
    prepare_certificates();
    prepare_papers();
    while (obeyed && fgets(line, sizeof line, stdin))
        obeyed = obey(line);
    return obeyed ? 0 : 1;
}
