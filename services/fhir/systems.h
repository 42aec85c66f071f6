/* SPDX-License-Identifier: Apache-2.0
 *
 * The URIs by which FHIR tells codes and numbers apart. Those of HL7 and of JP Core (edition 1.2,
 * for FHIR 4.0.1) stand as they are published. For a municipality's own numbers nobody has
 * published any; they are object identifiers under a UUID (ITU-T X.667 §6), shaped as JP Core's of
 * an institution's patients: an arc, and the issuer's code with a 1 before it.
 */
#ifndef VRX_FHIR_SYSTEMS_H
#define VRX_FHIR_SYSTEMS_H

#include "codes/municipality_code.h"

#define VRX_FHIR_JP_PATIENT "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient"
#define VRX_FHIR_JP_IMMUNIZATION "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Immunization"
/* Of a name: IDE in kanji, SYL in kana. */
#define VRX_FHIR_REPRESENTATION "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"

#define VRX_FHIR_CVX "http://hl7.org/fhir/sid/cvx"
#define VRX_FHIR_HOT9 "http://medis.or.jp/CodeSystem/master-HOT9"
/* The same in Bundles of JP Core's earlier editions. */
#define VRX_FHIR_HOT9_OID "urn:oid:1.2.392.200119.4.403.1"
#define VRX_FHIR_HOT9_OID_2 "urn:oid:1.2.392.100495.20.2.74"

#define VRX_FHIR_SNOMED "http://snomed.info/sct"
#define VRX_FHIR_MEDIS_DISEASE "http://medis.or.jp/CodeSystem/master-disease-exCode"
#define VRX_FHIR_MEDIS_COVID_19 "S9VN"
#define VRX_FHIR_PROVIDER_ROLE "http://terminology.hl7.org/CodeSystem/v2-0443"
#define VRX_FHIR_ORDERING "OP"      /* who examined and said that the dose be given */
#define VRX_FHIR_ADMINISTERING "AP" /* who gave it */

#define VRX_FHIR_OWN "urn:oid:2.25.339444086068191479390335002887089263759"
#define VRX_FHIR_MUNICIPALITY VRX_FHIR_OWN ".2" /* 団体コード, 6 digits */
#define VRX_FHIR_TICKET VRX_FHIR_OWN ".3"       /* 券番号, 10 digits */

/* Of the addressee numbers of one municipality: "…1.1011002". */
#define VRX_FHIR_ADDRESSEE_SYSTEM (sizeof VRX_FHIR_OWN ".1.1" + VRX_MUNICIPALITY_CODE_DIGITS)
void vrx_fhir_addressee_system(
    const struct vrx_municipality_code *code, char out[VRX_FHIR_ADDRESSEE_SYSTEM]);

#endif
