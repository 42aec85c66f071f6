/* SPDX-License-Identifier: Apache-2.0
 *
 * Plain requests for published files (RFC 9110): GET and HEAD, of a browser's page from anywhere
 * too. Everything a request can choose is one of the table's names; a query is passed over.
 */
#ifndef VRX_WEB_GET_H
#define VRX_WEB_GET_H

#include "net/http2.h"
#include "web/folder.h"

/* The longest that a file may be taken for new: in so many seconds every verifier asks again after
 * a list is replaced before its time. */
#define VRX_WEB_MAX_AGE 3600
/* The largest file at 1 Mbit/s. Who takes longer is cut off. */
#define VRX_WEB_REPLY_MS 150000

/* A request whose head is complete, of a stream without a user. wait_ms: vrx_http2_stream_admit's.
 * False: it is for no file of the folder, answer it elsewhere. Otherwise it is answered: 200, 304,
 * 405, 429 (with Retry-After), 431 or 503; a file that the peer has not taken is held until the
 * stream closes, and not copied. The stream's deadline is set: reset it then. folder is a struct
 * vrx_web_folder. */
bool vrx_web_get(void *folder, struct vrx_http2_stream *stream, uint32_t wait_ms);

#endif
