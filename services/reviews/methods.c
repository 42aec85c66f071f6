/* SPDX-License-Identifier: Apache-2.0 */
#include "reviews/handlers.h"

#define WHO \
    .callers = VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_CONSOLE), \
    .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_REGISTRAR, .purpose = VRX_REVIEWS_PURPOSE

const struct vrx_method vrx_reviews_methods[VRX_REVIEWS_METHODS] = {
    {VRX_RPC("Reviews", "ListReviews", list_reviews), WHO, .reads = true,
        .handle = vrx_reviews_list},
    {VRX_RPC("Reviews", "GetReview", get_review), WHO, .reads = true, .handle = vrx_reviews_get},
    {VRX_RPC("Reviews", "Decide", decide), WHO, .handle = vrx_reviews_decide},
};
