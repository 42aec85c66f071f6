/* SPDX-License-Identifier: Apache-2.0
 *
 * What the issuer answered, as tests look at it.
 */
#ifndef VRX_SUPPORT_ISSUE_REPLY_H
#define VRX_SUPPORT_ISSUE_REPLY_H

#include "objects/issue_request.h"

/* The text in this format; empty where there is none. */
static inline struct vrx_view issue_reply_text(
    const struct vrx_issue_reply *reply, enum vrx_format format) {
    for (size_t i = 0; i < reply->certificate_count; i++)
        if (reply->certificates[i].format == format)
            return reply->certificates[i].text;
    return (struct vrx_view){0};
}

#endif
