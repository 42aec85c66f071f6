/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Reviews; methods.c is their table, proto/vrx/v1/reviews.proto says what
 * each does.
 */
#ifndef VRX_REVIEWS_HANDLERS_H
#define VRX_REVIEWS_HANDLERS_H

#include "dispatch/method.h"
#include "store/review.h"
#include "vrx/v1/reviews.pb-c.h"

#define VRX_REVIEWS_PURPOSE "a mover's doses (Number Act art. 19(8)): review"
#define VRX_REVIEWS_DECIDE "/vrx.v1.Reviews/Decide"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_reviews_##name( \
        struct vrx_context *context, const void *request, void *reply)

VRX_HANDLER(list);
VRX_HANDLER(get);
VRX_HANDLER(decide);

#undef VRX_HANDLER

/* Ours as it stands: the last version of what a review disagreed with. */
struct vrx_review_ours {
    bool is_there;
    bool is_out; /* taken out meanwhile */
    struct vrx_dose dose;
};
/* Errors: the store's. */
struct vrx_result vrx_reviews_ours(
    struct vrx_context *context, const struct vrx_review *review, struct vrx_review_ours *ret_ours);

/* Names what a review and ours are at this moment. Errors: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_reviews_seen(
    const struct vrx_review *review, const struct vrx_review_ours *ours, uint8_t ret_seen[VRX_ID]);

#define VRX_REVIEWS_METHODS 3
extern const struct vrx_method vrx_reviews_methods[VRX_REVIEWS_METHODS];

#endif
