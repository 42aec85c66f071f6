/* SPDX-License-Identifier: Apache-2.0
 *
 * keyring.cbor: what the platform keeps of a municipality's keys. Made on the municipality's own
 * machine; nothing in it opens without a custodian's private key. keyring.cddl has its form.
 *
 * The root key is split between the custodians (split.h), a share each, encrypted to that custodian
 * alone (COSE_Encrypt); as many of them as the threshold says open it together. With a threshold of
 * 1 every share is the root key itself: each custodian alone. The root key opens one sealed box
 * with all keys of the municipality, and the box authenticates everything else in the file: that it
 * opens is what shows that a root key belongs to this keyring and that no part of it was changed.
 *
 * No key follows from another, so that each can be changed alone (vrx_keyring_remake). What a
 * change keeps, for as long as something depends on it:
 *
 * - data key: the one before, until the next change; the vault moves from it to the new one
 *   (vaultfs/vault.h) and afterwards nothing in the vault opens with it;
 * - signing and exchange key: of all before, the public half and the time in which they were in
 *   force; of the last one also the private half, for what is under way;
 * - index, linkage and ledger key: never changed.
 *
 * Each change is a file with the next serial number. Which file is in force is the daemon's to keep
 * and the municipality's to compare (unseal.h): its copies are the same, byte for byte.
 */
#ifndef VRX_KEYRING_KEYRING_H
#define VRX_KEYRING_KEYRING_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "cose/encrypt.h"
#include "keyring/keys.h"

#define VRX_LIMIT_KEYRING ((size_t)32768) /* bytes; 16 custodians and 64 keys take 15,000 */
#define VRX_SPKI_P256 91                  /* bytes of a SubjectPublicKeyInfo, P-256 */

struct vrx_custodian {
    struct vrx_view kid;   /* VRX_KID bytes */
    struct vrx_view spki;  /* SubjectPublicKeyInfo, P-256 */
    struct vrx_view check; /* what tells this custodian's share from another */
    struct vrx_view share; /* COSE_Encrypt */
};

/* A public key of the municipality. */
struct vrx_published_key {
    struct vrx_view spki;
    uint8_t kid[VRX_KID];
    int64_t from;  /* in force since, seconds since 1970 */
    int64_t until; /* inclusive; 0: the present one */
};

/* The present one first, then the last, and so on. */
struct vrx_published_keys {
    size_t count; /* 1 to VRX_LIMIT_KEYRING_KEYS */
    struct vrx_published_key key[VRX_LIMIT_KEYRING_KEYS];
};

/* Views of the parsed bytes. */
struct vrx_keyring {
    struct vrx_municipality_code municipality;
    uint32_t serial;        /* from 1; one more with each change */
    unsigned threshold;     /* custodians needed, 1 to custodian_count */
    size_t custodian_count; /* 1 to VRX_LIMIT_RECIPIENTS */
    struct vrx_custodian custodians[VRX_LIMIT_RECIPIENTS];
    struct vrx_published_keys signing, exchange;
    uint32_t data_number;    /* of the present data key, from 1 */
    struct vrx_view head;    /* all of the above, as it is encoded */
    struct vrx_view wrapped; /* the keys: nonce ‖ ciphertext ‖ tag */
};

/* A custodian's private key, wherever it is kept. */
struct vrx_custodian_key {
    struct vrx_ecdh_key ecdh;
    uint8_t kid[VRX_KID];
};
/* One in this process; key must outlive it. Errors: VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_custodian_key_here(
    const struct vrx_private_key *key, struct vrx_custodian_key *ret_key);

/* What one custodian contributes. */
struct vrx_share {
    unsigned index;           /* the custodian's place in the list, from 1 */
    struct vrx_secret *value; /* VRX_ROOT_KEY bytes */
};
/* Wipes; a cleanup function. */
void vrx_share_done(struct vrx_share *share);

/* For whom a keyring is made: P-256 keys, each once. */
struct vrx_custodians {
    const struct vrx_public_key *const *keys;
    size_t count;
    size_t threshold; /* so many of them together */
};

/* A new root key and new keys for this municipality. Appends the file's bytes. now: seconds since
 * 1970, from when the signing and exchange keys are in force. random gives symmetric keys, shares
 * and nonces; key pairs come from crypto/key.h. Errors: VRX_INPUT_RANGE when there are no
 * custodians or more than VRX_LIMIT_RECIPIENTS, unless 1 <= threshold <= count, and when now is
 * negative; VRX_KEY_INVALID when one is not P-256; VRX_INPUT_DUPLICATE_KEY when one stands twice;
 * VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_keyring_make(const struct vrx_municipality_code *municipality,
    const struct vrx_custodians *custodians, int64_t now, const struct vrx_random *random,
    struct vrx_buffer *out);

/* What a change makes anew; all zero: nothing but the custodians and their shares. */
struct vrx_keyring_renewal {
    bool root; /* whoever has the old root key, or the old custodians' keys, cannot open the
                * new keyring; that alone takes no key from who opened the old one */
    bool data; /* the next data key; the present one stays as the one before, an older one goes */
    bool signing;    /* a new signing key; the present one becomes a previous one until now +
                      * overlap, its private half stays; of those before, only the public halves */
    bool exchange;   /* the same for the exchange key */
    int64_t now;     /* seconds since 1970; for signing and exchange only */
    int64_t overlap; /* seconds, 0 or more, that a previous key stays in force; likewise */
};

/* The next keyring from old and its root key, with the next serial number: for these custodians
 * (NULL: old's own, under old's threshold), the root key split anew in any case. Appends the file's
 * bytes. Where the root key stays, what old's custodians have stays what it was: whoever kept old
 * and enough of their keys has the root key still. Errors: vrx_keyring_make's; vrx_keyring_unlock's
 * of old; VRX_INPUT_RANGE also when a list of keys or the numbers are full, and when now lies
 * before the present key's time or overlap is negative. */
struct vrx_result vrx_keyring_remake(const struct vrx_keyring *old, const struct vrx_secret *root,
    const struct vrx_custodians *custodians, const struct vrx_keyring_renewal *renewal,
    const struct vrx_random *random, struct vrx_buffer *out);

/* The public parts, without any key. Their form is checked, their authenticity is not: that is
 * vrx_keyring_unlock's. Errors: the CBOR reader's and the municipality code's; VRX_INPUT_VERSION;
 * VRX_INPUT_RANGE for a part of the wrong size, a kid that is not its key's, or times that do not
 * follow each other;
 * VRX_INPUT_DUPLICATE_KEY when a custodian stands twice; VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_KEYRING. */
struct vrx_result vrx_keyring_parse(struct vrx_view bytes, struct vrx_keyring *ret_keyring);

/* One custodian's share. Errors: VRX_CUSTODIAN_REFUSED when the key is no custodian's here or what
 * was opened is not this custodian's share; VRX_DECRYPT_FAILED; the key's; VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_open_share(const struct vrx_keyring *keyring,
    const struct vrx_custodian_key *custodian, struct vrx_share *ret_share);

/* Whether this is the share of the custodian that its index names, and no other keyring's. Errors:
 * VRX_CUSTODIAN_REFUSED; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_check_share(
    const struct vrx_keyring *keyring, const struct vrx_share *share);

/* The root key from as many shares as the threshold says, checked before. Errors: VRX_INPUT_RANGE
 * when there are more or fewer; VRX_CUSTODIAN_REFUSED when one stands twice; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_keyring_join(const struct vrx_keyring *keyring,
    const struct vrx_share *shares, size_t count, struct vrx_secret **ret_root);

/* All keys of the municipality. Errors: VRX_CUSTODIAN_REFUSED when root is not this keyring's root
 * key or any part of the keyring was changed; VRX_VAULT_DAMAGED when what was opened is not of
 * the form of keyring.cddl or not what the keyring publishes; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED.
 */
struct vrx_result vrx_keyring_unlock(const struct vrx_keyring *keyring,
    const struct vrx_secret *root, struct vrx_tenant_keys **ret_keys);

#endif
