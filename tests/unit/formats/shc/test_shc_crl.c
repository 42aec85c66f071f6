/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shc/shc_crl.h"

#include <stdlib.h>

#include "base/encode.h"
#include "support/check.h"

/* The specification's example, with the kid of its example key. */
#define KID "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s"
#define CRL(rids) "{\"kid\":\"" KID "\",\"method\":\"rid\",\"ctr\":2,\"rids\":[" rids "]}"

static void kid_of_the_example(uint8_t thumbprint[VRX_THUMBPRINT]) {
    struct vrx_buffer bytes = {0};
    assert_ok(vrx_base64_decode(VRX_BASE64_URL, vrx_view_text(KID), &bytes));
    assert_int_equal(bytes.len, VRX_THUMBPRINT);
    memcpy(thumbprint, bytes.ptr, VRX_THUMBPRINT);
    vrx_buffer_done(&bytes);
}

static struct vrx_revocation_list *sign(struct vrx_revocation_set *set, uint64_t version) {
    const struct vrx_revocation_dating dating = {version, 1, 2};
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public_key = NULL;
    struct vrx_buffer message = {0};
    struct vrx_revocation_list *list = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_revocation_list_sign(set, &dating, key, vrx_view_text("a"), &message));
    assert_ok(vrx_revocation_list_parse(vrx_buffer_view(&message), public_key, &list));
    vrx_buffer_done(&message);
    vrx_public_key_free(&public_key);
    vrx_private_key_free(&key);
    return list;
}

static void rids_with_and_without_a_time(void **state) {
    (void)state;
    static const struct {
        const char *rid;
        int64_t issued;
        bool revoked;
    } rows[] = {{"AWV5iMGaiXg", 0, true}, {"AWV5iMGaiXg", 1700000000, true},
        {"9pHa_7HMgTs", 1629999999, true}, {"9pHa_7HMgTs", 1630000000, false}, {"other", 0, false}};
    struct vrx_revocation_set set = {0};
    struct vrx_shc_crl crl;
    uint8_t thumbprint[VRX_THUMBPRINT];
    kid_of_the_example(thumbprint);
    assert_ok(vrx_shc_crl_read(
        vrx_view_text(CRL("\"AWV5iMGaiXg\",\"9pHa_7HMgTs.1630000000\"")), &set, &crl));
    assert_int_equal(crl.counter, 2);
    assert_int_equal(crl.count, 2);
    assert_memory_equal(crl.thumbprint, thumbprint, VRX_THUMBPRINT);
    struct vrx_revocation_list *list = sign(&set, 1);
    assert_true(vrx_revocation_list_speaks_of(list, thumbprint));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool revoked = !rows[i].revoked;
        assert_ok(vrx_revocation_list_has_card(
            list, thumbprint, vrx_view_text(rows[i].rid), rows[i].issued, &revoked));
        assert_int_equal(revoked, rows[i].revoked);
    }
    vrx_revocation_list_free(&list);
    vrx_revocation_set_done(&set);
}

/* A list of our own: every hash by its rid, in the list's order; and anyone reads it. */
static void a_list_of_our_own(void **state) {
    (void)state;
    static const char uvci[] = "URN:UVCI:01:JP:ABCDEFGHIJKLMNOPQRSTUVWXYZ#3";
    struct vrx_revocation_set set = {0};
    struct vrx_revocation_set again = {0};
    struct vrx_buffer text = {0};
    struct vrx_shc_crl crl;
    uint8_t hashes[2 * VRX_REVOCATION_HASH] = {0};
    assert_ok(vrx_identifier_hash(vrx_view_text(uvci), hashes + VRX_REVOCATION_HASH));
    assert_ok(vrx_revocation_set_add_hashes(&set, vrx_view_of(hashes, sizeof hashes)));
    struct vrx_revocation_list *list = sign(&set, 9);
    assert_ok(vrx_shc_crl_write(list, vrx_view_text(KID), &text));
    assert_ok(vrx_buffer_append_byte(&text, 0));
    assert_string_equal((const char *)text.ptr,
        "{\"kid\":\"" KID "\",\"method\":\"rid\",\"ctr\":9,\"rids\":["
        "\"AAAAAAAAAAAAAAAAAAAAAA\",\"yjhzTkH7vBwZidZpWD_j2g\"]}\n");
    assert_ok(vrx_shc_crl_read(vrx_view_of(text.ptr, text.len - 1), &again, &crl));
    assert_int_equal(crl.count, 2);
    vrx_revocation_list_free(&list);
    vrx_buffer_done(&text);
    vrx_revocation_set_done(&again);
    vrx_revocation_set_done(&set);
}

static void refusal_shc_1_4_revocation(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"[]", VRX_INPUT_TYPE},
        {"{}", VRX_INPUT_FIELD_MISSING},
        {"{\"kid\":\"AAAA\",\"method\":\"rid\",\"ctr\":1,\"rids\":[]}", VRX_INPUT_RANGE},
        {"{\"kid\":\"" KID "\",\"method\":\"all\",\"ctr\":1,\"rids\":[]}", VRX_INPUT_RANGE},
        {"{\"kid\":\"" KID "\",\"method\":\"rid\",\"rids\":[]}", VRX_INPUT_FIELD_MISSING},
        {"{\"kid\":\"" KID "\",\"method\":\"rid\",\"ctr\":-1,\"rids\":[]}", VRX_INPUT_RANGE},
        {"{\"kid\":\"" KID "\",\"method\":\"rid\",\"ctr\":1}", VRX_INPUT_FIELD_MISSING},
        {CRL("7"), VRX_INPUT_TYPE},
        {CRL("\"\""), VRX_INPUT_RANGE},
        {CRL("\"a b\""), VRX_INPUT_RANGE},
        {CRL("\"AAAAAAAAAAAAAAAAAAAAAAAAA\""), VRX_INPUT_RANGE},
        {CRL("\"AAAA.\""), VRX_INPUT_RANGE},
        {CRL("\"AAAA.1630000000.1\""), VRX_INPUT_RANGE},
        {CRL("\"AAAA.9999999999999\""), VRX_INPUT_RANGE},
        {CRL("\".5\""), VRX_INPUT_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_revocation_set set = {0};
        struct vrx_shc_crl crl = {.counter = 77};
        assert_reason(vrx_shc_crl_read(vrx_view_text(rows[i].text), &set, &crl), rows[i].reason);
        assert_int_equal(crl.counter, 77);
        vrx_revocation_set_done(&set);
    }
}

static void refusal_shc_crl_h_size(void **state) {
    (void)state;
    struct vrx_revocation_set set = {0};
    struct vrx_shc_crl crl;
    char *text = calloc(1, VRX_LIMIT_SHC_CRL + 1);
    assert_non_null(text);
    assert_reason(vrx_shc_crl_read(vrx_view_of(text, VRX_LIMIT_SHC_CRL + 1), &set, &crl),
        VRX_INPUT_TOO_LARGE);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rids_with_and_without_a_time),
        cmocka_unit_test(a_list_of_our_own),
        cmocka_unit_test(refusal_shc_1_4_revocation),
        cmocka_unit_test(refusal_shc_crl_h_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
