/* SPDX-License-Identifier: Apache-2.0
 *
 * Where it stands that another municipality certifies on an application, at both ends:
 *
 *     WAITING → ISSUED | REFUSED | NO_RECORD | EXPIRED
 *     EXPIRED → ISSUED    where it was applied: the certificate came after all
 *
 * certificate_out.h is the side that asks, certificate_in.h the one that is asked.
 */
#ifndef VRX_STORE_ELSEWHERE_H
#define VRX_STORE_ELSEWHERE_H

/* Values of ElsewhereState in proto/vrx/v1/certificates.proto. */
enum vrx_elsewhere_state {
    VRX_ELSEWHERE_WAITING = 1,
    VRX_ELSEWHERE_ISSUED = 2,
    VRX_ELSEWHERE_REFUSED = 3,
    VRX_ELSEWHERE_NO_RECORD = 4,
    VRX_ELSEWHERE_EXPIRED = 5, /* the deadline passed */
};

#endif
