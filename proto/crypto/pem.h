/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_CRYPTO_PEM_H
#define VRX_CRYPTO_PEM_H

#include "base/bytes.h"

/* Inside this room only. Appends the content of the first block with this label (RFC 7468 §2); text
 * and other blocks before it are passed over, headers inside it refused. failure is the reason to
 * give when there is none or it is broken. */
struct vrx_result vrx_pem_read(
    struct vrx_view pem, const char *label, enum vrx_reason failure, struct vrx_buffer *out);

/* Bytes that vrx_pem_write writes. */
size_t vrx_pem_size(size_t der_len, const char *label);
/* Lines of 64 characters; out has vrx_pem_size bytes, no NUL is written. */
void vrx_pem_write(struct vrx_view der, const char *label, uint8_t *out);

#endif
