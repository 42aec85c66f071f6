/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/pin.h"

#include <argon2.h>

/* RFC 9106 §4, the second recommended option. */
#define PASSES 3
#define MEMORY_KIBIBYTES (1u << 16)
#define LANES 4
#define SALT 16
#define TAG 32

static bool is_digit(uint8_t character) {
    return character >= '0' && character <= '9';
}

/* Each digit follows the one before by the same step, also from 9 to 0: 111111, 456789, 321098. */
static bool is_run(struct vrx_view pin) {
    const int step = (pin.ptr[1] - pin.ptr[0] + 10) % 10;
    if (step > 1 && step < 9)
        return false;
    for (size_t i = 0; i < pin.len; i++) {
        if (!is_digit(pin.ptr[i]) || (i && (pin.ptr[i] - pin.ptr[i - 1] + 10) % 10 != step))
            return false;
    }
    return true;
}

/* 121212, 123123, aaaaaa. */
static bool is_repetition(struct vrx_view pin, size_t period) {
    return memcmp(pin.ptr, pin.ptr + period, pin.len - period) == 0;
}

struct vrx_result vrx_pin_check(struct vrx_view pin, struct vrx_view operator_id) {
    if (!pin.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "PIN");
    if (pin.len > VRX_PIN_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "PIN: at most 64 characters");
    for (size_t i = 0; i < pin.len; i++)
        if (pin.ptr[i] <= ' ' || pin.ptr[i] > '~')
            return vrx_refuse(VRX_INPUT_TEXT, "PIN: ASCII without spaces");
    if (pin.len < VRX_PIN_MIN)
        return vrx_refuse(VRX_PIN_WEAK, "PIN: at least 6 characters");
    if (is_run(pin))
        return vrx_refuse(VRX_PIN_WEAK, "PIN: not digits in a row");
    for (size_t period = 1; period <= 3; period++)
        if (is_repetition(pin, period))
            return vrx_refuse(VRX_PIN_WEAK, "PIN: not the same again and again");
    if (vrx_view_equal(pin, operator_id))
        return vrx_refuse(VRX_PIN_WEAK, "PIN: not the operator's id");
    return vrx_ok();
}

/* Bytes from 250 on would make some digits more likely than others. */
static struct vrx_result random_digit(const struct vrx_random *random, char *ret_digit) {
    uint8_t byte[1] = {UINT8_MAX};
    while (byte[0] >= 250)
        VRX_TRY(vrx_random_fill(random, byte, sizeof byte));
    *ret_digit = (char)('0' + byte[0] % 10);
    return vrx_ok();
}

struct vrx_result vrx_pin_generate(
    const struct vrx_random *random, char ret_pin[VRX_PIN_INITIAL + 1]) {
    char pin[VRX_PIN_INITIAL + 1] = {0};
    do {
        for (size_t i = 0; i < VRX_PIN_INITIAL; i++)
            VRX_TRY(random_digit(random, &pin[i]));
    } while (!vrx_is_ok(vrx_pin_check(vrx_view_text(pin), (struct vrx_view){0})));
    memcpy(ret_pin, pin, sizeof pin);
    vrx_wipe(pin, sizeof pin);
    return vrx_ok();
}

static struct vrx_result failure_of(int error) {
    return vrx_fail(error == ARGON2_MEMORY_ALLOCATION_ERROR || error == ARGON2_THREAD_FAIL
                        ? VRX_OUT_OF_MEMORY
                        : VRX_CRYPTO_FAILED);
}

struct vrx_result vrx_pin_hash(
    struct vrx_view pin, const struct vrx_random *random, char ret_verifier[VRX_PIN_VERIFIER]) {
    uint8_t salt[SALT];
    char verifier[VRX_PIN_VERIFIER];
    VRX_TRY(vrx_random_fill(random, salt, sizeof salt));
    const int error = argon2id_hash_encoded(PASSES, MEMORY_KIBIBYTES, LANES, pin.ptr, pin.len, salt,
        sizeof salt, TAG, verifier, sizeof verifier);
    if (error != ARGON2_OK)
        return failure_of(error);
    memcpy(ret_verifier, verifier, sizeof verifier);
    return vrx_ok();
}

struct vrx_result vrx_pin_verify(struct vrx_view pin, const char *verifier, bool *ret_right) {
    const int error = argon2id_verify(verifier, pin.ptr, pin.len);
    if (error != ARGON2_OK && error != ARGON2_VERIFY_MISMATCH)
        return failure_of(error);
    *ret_right = error == ARGON2_OK;
    return vrx_ok();
}

/* Its tag is 32 bytes of zero: to find a PIN with it is as hard as to find any preimage. */
const char *vrx_pin_of_nobody(void) {
    return "$argon2id$v=19$m=65536,t=3,p=4$dnJ4IG5vYm9keSdzIFBJTg$"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}
