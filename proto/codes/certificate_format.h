/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats that a vaccination certificate has, numbered as signed requests, replies and vaults
 * have them.
 */
#ifndef VRX_CODES_CERTIFICATE_FORMAT_H
#define VRX_CODES_CERTIFICATE_FORMAT_H

/* Explicit and append-only. */
enum vrx_format {
    VRX_FORMAT_HCERT = 1,  /* EU DCC 1.3, WHO GDHCN */
    VRX_FORMAT_SHC = 2,    /* SMART Health Card 1.4 */
    VRX_FORMAT_VDS_NC = 3, /* ICAO VDS-NC, proof of vaccination */
    VRX_FORMAT_LAST = VRX_FORMAT_VDS_NC,
};

#endif
