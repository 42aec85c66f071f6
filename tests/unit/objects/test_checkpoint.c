/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/checkpoint.c. The known notes were signed by Node.js (OpenSSL's own DER), so that
 * making and verifying here do not only agree with each other.
 */
#include "objects/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "base/limits.h"
#include "codes/municipality_code.h"
#include "support/check.h"

#define NAME "vrx/011002"
#define SIZE_LINE "20852163\n"
#define ROOT_LINE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define TEXT NAME "\n" SIZE_LINE ROOT_LINE
#define DASH "\xe2\x80\x94 "
/* r and s of 32 and 31 bytes; and both with their high bit set */
#define SHORT_SIGNATURE \
    "0iG/WzBDAiAaO8CLy2k/SA629klE1KPMmyh23nvTLDNwEhyg6JV2zwIfOlpaqrQogx0/VKuNS/" \
    "Chuv+FDeB33NnTVOGBekVBEQ=="
#define LONG_SIGNATURE \
    "0iG/" \
    "WzBGAiEAw76z4Y8j4U6hdNd7JfVPZ/qOLXbq/" \
    "fxBmbJgSD9VMYYCIQCfofdEROKfrTiCvBfOeFDEifYJrzs+kISKEiv5Vxv2jA=="
#define SIGNED(signature) DASH NAME " " signature "\n"
#define WITNESS DASH "witness.example/w1 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeO\n"

static const char known_spki[] =
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004a9ed541f88a45be64d4e812613341abddb595e36"
    "f557c774b9f4b13854b8ae602db5c9de21b5401e1854291f9fe2c14eefa669cc5e98eb5e4dc5a20b9a43e2a1";
static const char p384_spki[] =
    "3076301006072a8648ce3d020106052b810400220362000482a46bc11e923ff6020f4721b2d03cdcf646682ac21854"
    "849cca3dfc3cc509378f5725e01ce70a25b7505c83f7efa700a054f46186534b7f2424920b1ee6406bae255d148afd"
    "00f031a5d842a29832b9a371eeaaaf66e98e97317415362e0abd";

static struct vrx_public_key *key_of(const char *spki_hex) {
    uint8_t spki[256];
    struct vrx_public_key *key = NULL;
    size_t len = test_hex(spki_hex, spki, sizeof spki);
    assert_ok(vrx_public_key_from_spki(vrx_view_of(spki, len), &key));
    return key;
}

static void assert_verify(const char *note, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = key_of(known_spki);
    struct vrx_checkpoint checkpoint;
    assert_reason(vrx_checkpoint_verify(vrx_view_text(note), key, &checkpoint), reason);
}

static void known_notes_verify(void **state) {
    (void)state;
    static const char *const notes[] = {
        TEXT "\n" SIGNED(SHORT_SIGNATURE),
        TEXT "\n" SIGNED(LONG_SIGNATURE),
        TEXT "\n" SIGNED(LONG_SIGNATURE) SIGNED(SHORT_SIGNATURE),
        TEXT "\n" WITNESS SIGNED(LONG_SIGNATURE),
        TEXT "\n" SIGNED(LONG_SIGNATURE) WITNESS WITNESS,
    };
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = key_of(known_spki);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        struct vrx_checkpoint checkpoint = {.size = 0};
        assert_ok(vrx_checkpoint_verify(vrx_view_text(notes[i]), key, &checkpoint));
        assert_string_equal(checkpoint.municipality.digits, "011002");
        assert_int_equal(checkpoint.size, 20852163);
        assert_hex(checkpoint.root.bytes, VRX_MERKLE_HASH,
            "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62");
        checkpoint.size = 0;
        assert_ok(vrx_checkpoint_parse(vrx_view_text(notes[i]), &checkpoint));
        assert_int_equal(checkpoint.size, 20852163);
    }
}

/* Nothing about a note can be changed: not its text, not its signature, not its form. */
static void every_altered_bit_and_every_cut_fails(void **state) {
    (void)state;
    static const char known[] = TEXT "\n" SIGNED(LONG_SIGNATURE);
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = key_of(known_spki);
    struct vrx_checkpoint checkpoint;
    size_t len = strlen(known);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        char note[sizeof known];
        memcpy(note, known, sizeof known);
        note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
        assert_false(vrx_is_ok(vrx_checkpoint_verify(vrx_view_of(note, len), key, &checkpoint)));
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_false(vrx_is_ok(vrx_checkpoint_verify(vrx_view_of(known, cut), key, &checkpoint)));
}

static void made_notes_verify(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *private = NULL;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &public));
    /* Each signature is another one: about a third have a short r or s, or padded ones. */
    for (uint64_t i = 0; i < 200; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer note = {0};
        struct vrx_checkpoint made = {.municipality = {"192015"}, .size = i * i * i};
        struct vrx_checkpoint read;
        memset(made.root.bytes, (int)i, VRX_MERKLE_HASH);
        assert_ok(vrx_checkpoint_make(&made, private, &note));
        assert_ok(vrx_checkpoint_verify(vrx_buffer_view(&note), public, &read));
        assert_string_equal(read.municipality.digits, "192015");
        assert_int_equal(read.size, made.size);
        assert_memory_equal(read.root.bytes, made.root.bytes, VRX_MERKLE_HASH);
        assert_memory_equal(note.ptr, "vrx/192015\n", 11);
    }
}

static void making_heeds_ranges(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *private = NULL;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer note = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer small = {.limit = 40};
    struct vrx_checkpoint made = {.municipality = {"192015"}, .size = VRX_MERKLE_SIZE_MAX + 1};
    struct vrx_checkpoint read;
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &public));
    assert_reason(vrx_checkpoint_make(&made, private, &note), VRX_INPUT_RANGE);
    assert_int_equal(note.len, 0);
    made.size = VRX_MERKLE_SIZE_MAX;
    assert_reason(vrx_checkpoint_make(&made, private, &small), VRX_INPUT_TOO_LARGE);
    assert_int_equal(small.len, 0);
    assert_ok(vrx_checkpoint_make(&made, private, &note));
    assert_ok(vrx_checkpoint_verify(vrx_buffer_view(&note), public, &read));
    assert_true(read.size == VRX_MERKLE_SIZE_MAX);
}

static void signed_note_signatures_unknown_keys_are_ignored(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *private = NULL;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *other = NULL;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *p384 = key_of(p384_spki);
    struct vrx_checkpoint checkpoint;
    struct vrx_view note = vrx_view_text(TEXT "\n" SIGNED(LONG_SIGNATURE));
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &other));
    assert_reason(vrx_checkpoint_verify(note, other, &checkpoint), VRX_KEY_UNKNOWN);
    assert_reason(vrx_checkpoint_verify(note, p384, &checkpoint), VRX_KEY_INVALID);
    assert_verify(TEXT "\n" WITNESS, VRX_KEY_UNKNOWN);
    /* The right key under another name. */
    assert_verify(TEXT "\n" DASH "vrx/192015 " LONG_SIGNATURE "\n", VRX_KEY_UNKNOWN);
}

static void signed_note_signatures_one_that_fails_rejects_the_note(void **state) {
    (void)state;
    assert_verify(NAME "\n1\n" ROOT_LINE "\n" SIGNED(LONG_SIGNATURE), VRX_SIGNATURE_INVALID);
    assert_verify("vrx/192015\n" SIZE_LINE ROOT_LINE "\n" DASH "vrx/192015 " LONG_SIGNATURE "\n",
        VRX_SIGNATURE_INVALID);
    assert_verify(
        TEXT "\n" SIGNED(LONG_SIGNATURE) SIGNED("0iG/WzAGAgEBAgEB"), VRX_SIGNATURE_INVALID);
}

static void rfc3279_2_2_3_only_der_is_a_signature(void **state) {
    (void)state;
    static const char *const refused[] = {
        "00",                     /* no SEQUENCE */
        "3006020101020101ff",     /* bytes behind it */
        "3007020101020101",       /* longer than what is there */
        "3106020101020101",       /* a SET */
        "3006040101020101",       /* an OCTET STRING */
        "300502010102010100",     /* shorter than what is there */
        "300502000201010000",     /* an empty INTEGER */
        "3006020181020101",       /* a negative INTEGER */
        "300702020001020101",     /* a leading zero too many */
        "3009020101020101020101", /* three INTEGERs */
        "3003020101",             /* one INTEGER */
        "30810602010102010100",   /* the long form of a length */
        /* an INTEGER of 34 bytes; one of 33 without the padding */
        "302702220080000000000000000000000000000000000000000000000000000000000000000002"
        "0101",
        "302602210100000000000000000000000000000000000000000000000000000000000000000201"
        "01",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer base64 = {0};
        char note[512];
        uint8_t signature[80] = {0xd2, 0x21, 0xbf, 0x5b};
        size_t len = 4 + test_hex(refused[i], signature + 4, sizeof signature - 4);
        assert_ok(vrx_base64_encode(VRX_BASE64_STANDARD, vrx_view_of(signature, len), &base64));
        (void)snprintf(note, sizeof note, TEXT "\n" DASH NAME " %.*s\n", (int)base64.len,
            (const char *)base64.ptr);
        assert_verify(note, VRX_SIGNATURE_INVALID);
    }
}

struct malformed {
    const char *note;
    enum vrx_reason reason;
};

static void malformed_notes_are_refused(void **state) {
    (void)state;
    static const struct malformed table[] = {
        {"", VRX_INPUT_MALFORMED},
        {"\n", VRX_INPUT_MALFORMED},
        {"\n\n", VRX_INPUT_MALFORMED},
        {TEXT, VRX_INPUT_MALFORMED},
        {TEXT "\n", VRX_INPUT_MALFORMED},
        {TEXT SIGNED(LONG_SIGNATURE), VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH NAME " " LONG_SIGNATURE, VRX_INPUT_MALFORMED},
        {TEXT "\n" SIGNED(LONG_SIGNATURE) "\n", VRX_INPUT_MALFORMED},
        {TEXT "\n" SIGNED(LONG_SIGNATURE) "more\n", VRX_INPUT_MALFORMED},
        {TEXT "\n- " NAME " " LONG_SIGNATURE "\n", VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH " " LONG_SIGNATURE "\n", VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH NAME "\n", VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH "a+b " LONG_SIGNATURE "\n", VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH NAME " " LONG_SIGNATURE " \n", VRX_INPUT_MALFORMED},
        {TEXT "\n" SIGNED("0iG/Ww=="), VRX_INPUT_MALFORMED},
        {TEXT "\n" SIGNED("0iG/WwA"), VRX_INPUT_MALFORMED},
        {"VRX/011002\n" SIZE_LINE ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {"vrx/01100\n" SIZE_LINE ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {"vrx/011003\n" SIZE_LINE ROOT_LINE "\n" WITNESS, VRX_CHECK_DIGIT_WRONG},
        {NAME "\n\n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n01\n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n-1\n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n1 \n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n9223372036854775809\n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n18446744073709551617\n" ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n1\nAAAA\n\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\n" SIZE_LINE "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2L=\n\n" WITNESS,
            VRX_INPUT_MALFORMED},
        {TEXT "extension\n\n" WITNESS, VRX_INPUT_MALFORMED},
        {TEXT "\n\n" WITNESS, VRX_INPUT_MALFORMED},
        {NAME "\r\n" SIZE_LINE ROOT_LINE "\n" WITNESS, VRX_INPUT_MALFORMED},
        {TEXT "\n" DASH "\xff " LONG_SIGNATURE "\n", VRX_INPUT_TEXT},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct vrx_checkpoint checkpoint = {.size = 77};
        assert_reason(
            vrx_checkpoint_parse(vrx_view_text(table[i].note), &checkpoint), table[i].reason);
        assert_int_equal(checkpoint.size, 77);
        assert_verify(table[i].note, table[i].reason);
    }
}

static void signed_note_format_at_least_16_signatures_are_accepted(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer note = {0};
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = key_of(known_spki);
    struct vrx_checkpoint checkpoint;
    assert_ok(vrx_buffer_append(&note, vrx_view_text(TEXT "\n")));
    for (int i = 0; i < 16; i++)
        assert_ok(vrx_buffer_append(&note, vrx_view_text(SIGNED(LONG_SIGNATURE))));
    assert_ok(vrx_checkpoint_verify(vrx_buffer_view(&note), key, &checkpoint));
    while (note.len <= VRX_LIMIT_CHECKPOINT)
        assert_ok(vrx_buffer_append(&note, vrx_view_text(SIGNED(LONG_SIGNATURE))));
    assert_reason(
        vrx_checkpoint_verify(vrx_buffer_view(&note), key, &checkpoint), VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_notes_verify),
        cmocka_unit_test(every_altered_bit_and_every_cut_fails),
        cmocka_unit_test(made_notes_verify),
        cmocka_unit_test(making_heeds_ranges),
        cmocka_unit_test(signed_note_signatures_unknown_keys_are_ignored),
        cmocka_unit_test(signed_note_signatures_one_that_fails_rejects_the_note),
        cmocka_unit_test(rfc3279_2_2_3_only_der_is_a_signature),
        cmocka_unit_test(malformed_notes_are_refused),
        cmocka_unit_test(signed_note_format_at_least_16_signatures_are_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
