/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bundle in which everything stands that the reader looks at, and the same with one thing
 * changed.
 */
#ifndef VRX_TEST_FHIR_SAMPLE_H
#define VRX_TEST_FHIR_SAMPLE_H

#include <stdlib.h>

#include "fhir/reader.h"
#include "support/check.h"

#define OWN "urn:oid:2.25.339444086068191479390335002887089263759"
#define SYSTEM OWN ".1.1011002"

#define PATIENT \
    "{\"fullUrl\":\"urn:uuid:p1\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\"," \
    "\"active\":true,\"identifier\":[{\"system\":\"urn:oid:1.2.392.100495.20.3.51.11312345670\"," \
    "\"value\":\"00000010\"},{\"system\":\"" SYSTEM "\",\"value\":\"0000001234\"}]," \
    "\"birthDate\":\"1985-04-01\"}}"

#define IMMUNIZATION \
    "{\"fullUrl\":\"urn:uuid:i1\",\"resource\":{\"resourceType\":\"Immunization\"," \
    "\"meta\":{\"profile\":[\"http://jpfhir.jp/fhir/core/StructureDefinition/JP_Immunization\"]}," \
    "\"identifier\":[{\"system\":\"" OWN ".3\",\"value\":\"0000000001\"}]," \
    "\"status\":\"completed\"," \
    "\"vaccineCode\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"}," \
    "{\"system\":\"http://medis.or.jp/CodeSystem/master-HOT9\",\"code\":\"182110901\"}]}," \
    "\"patient\":{\"reference\":\"urn:uuid:p1\"}," \
    "\"occurrenceDateTime\":\"2021-07-01T10:30:00+09:00\"," \
    "\"recorded\":\"2021-07-01T10:31:05+09:00\",\"primarySource\":true," \
    "\"location\":{\"display\":\"保健センター\"}," \
    "\"manufacturer\":{\"display\":\"ファイザー\"}," \
    "\"lotNumber\":\"EW4811\",\"isSubpotent\":false," \
    "\"performer\":[{\"actor\":{\"type\":\"Organization\",\"identifier\":{\"system\":\"" OWN \
    ".2\",\"value\":\"011002\"}}},{\"function\":{\"coding\":[{\"code\":\"OP\"}]}," \
    "\"actor\":{\"display\":\"大阪 一郎\"}}]," \
    "\"protocolApplied\":[{\"doseNumberPositiveInt\":1}]}}"

#define BUNDLE(entries) \
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" entries "]}"
#define SAMPLE BUNDLE(PATIENT "," IMMUNIZATION)

/* text with the first find replaced, which must be there; to be freed. */
static inline char *changed(const char *text, const char *find, const char *replacement) {
    const char *at = strstr(text, find);
    assert_non_null(at);
    const size_t before = (size_t)(at - text);
    const char *rest = at + strlen(find);
    char *out = malloc(before + strlen(replacement) + strlen(rest) + 1);
    assert_non_null(out);
    memcpy(out, text, before);
    stpcpy(stpcpy(out + before, replacement), rest);
    return out;
}

#endif
