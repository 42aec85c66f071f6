/* SPDX-License-Identifier: Apache-2.0
 *
 * Every bound that a caller can push against, with the reason for its value. Bytes unless named
 * otherwise.
 */
#ifndef VRX_BASE_LIMITS_H
#define VRX_BASE_LIMITS_H

#include <stddef.h>

/* One owned buffer: four of the largest gRPC message, so that framing never meets it first. */
#define VRX_LIMIT_BUFFER ((size_t)16 << 20)
/* One request's working memory: its message twice (decoded, encoded) with room for the answer. */
#define VRX_LIMIT_ARENA ((size_t)16 << 20)
/* One secret: the largest is a private key in PKCS#8 (RSA 4096 is 2.4 KiB). */
#define VRX_LIMIT_SECRET ((size_t)16384)

/* CBOR nesting: our deepest object has 6 levels, HCERT 7; RFC 8949 §10 asks for a limit. */
#define VRX_LIMIT_CBOR_DEPTH 16
/* One CBOR item from outside: the directory of 1,741 municipalities takes 1.2 MiB. */
#define VRX_LIMIT_CBOR_BYTES ((size_t)4 << 20)
/* Keys of all the maps that are open at once in CBOR that others wrote: they may come in any order,
 * so each is kept until its map ends to find a duplicate. A travel certificate has under 40. */
#define VRX_LIMIT_CBOR_FOREIGN_KEYS 1024

/* Text fields of a record, in bytes of UTF-8 (3 a kana or kanji). */
#define VRX_LIMIT_NAME 300     /* 100 characters: the Resident Record Network's longest name */
#define VRX_LIMIT_ADDRESS 600  /* 200 characters */
#define VRX_LIMIT_VENUE 90     /* 30 characters in the VRS layout */
#define VRX_LIMIT_PHYSICIAN 60 /* 20 characters in the VRS layout */
#define VRX_LIMIT_MAKER 60     /* 20 characters in the VRS layout */
#define VRX_LIMIT_LOT 20       /* 20 characters in the VRS layout, ASCII */
#define VRX_LIMIT_NOTE 300     /* free text of an operator: 100 characters */
#define VRX_LIMIT_OPERATOR 64  /* an operator's or terminal's identifier, ASCII */
#define VRX_LIMIT_DOSES 32     /* doses of one person in one answer; the most known in Japan is 8 */

/* HCERT input before anything is parsed (a version 40 QR in alphanumeric mode holds 4,296
 * characters) and the bound on inflation, far above any genuine payload (under 1 KiB). */
#define VRX_LIMIT_HCERT_TEXT ((size_t)4296)
#define VRX_LIMIT_HCERT_INFLATED ((size_t)65536)
/* SMART Health Card: the QR code's text before anything is parsed (version 22 holds 2,395
 * characters, and none of the known ones is larger), the bound on inflation, as HCERT's (a payload
 * with ten doses has 4 KiB). */
#define VRX_LIMIT_SHC_TEXT ((size_t)4096)
#define VRX_LIMIT_SHC_INFLATED ((size_t)65536)
/* VDS-NC input before anything is parsed; a version 40 QR code in byte mode holds 2,953. */
#define VRX_LIMIT_VDS_TEXT ((size_t)4096)
/* Nesting of JSON that strangers wrote: a SMART Health Card has 12 levels, VDS-NC 7. */
#define VRX_LIMIT_JSON_DEPTH 32
/* One text in it, in bytes. */
#define VRX_LIMIT_JSON_FIELD ((size_t)512)
/* A picture that is searched for a QR code: a phone's photograph. */
#define VRX_LIMIT_PICTURE ((size_t)32 << 20)
#define VRX_LIMIT_PICTURE_SIDE 8192 /* pixels */

/* One request to the issuer: a certificate shows at most VRX_LIMIT_DOSES doses with their proofs,
 * about 3 KiB each, beside the directory entry and two signed objects. */
#define VRX_LIMIT_ISSUER_REQUEST ((size_t)256 << 10)

/* One ledger entry, and its texts: the longest method has about 40 characters; a purpose is a
 * word; a basis is a permit's id or the citation of an article. All at their limits take 550. */
#define VRX_LIMIT_METHOD 96
#define VRX_LIMIT_PURPOSE 64
#define VRX_LIMIT_BASIS 128
#define VRX_LIMIT_LEDGER_ENTRY 1024
/* A checkpoint with 16 signatures, the least that a reader must accept (C2SP signed-note, Format),
 * of about 200 characters each. */
#define VRX_LIMIT_CHECKPOINT 4096

/* One gRPC message from a caller, compressed and inflated; gRPC's own default. */
#define VRX_LIMIT_MESSAGE ((size_t)4 << 20)

#endif
