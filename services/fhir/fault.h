/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with an entry of a Bundle, for whoever has it corrected: where, why, and what to
 * do. The content of an element is not in it, but for a vaccine's code, which names nobody.
 */
#ifndef VRX_FHIR_FAULT_H
#define VRX_FHIR_FAULT_H

#include "base/arena.h"
#include "base/result.h"

enum vrx_fhir_rule {
#define VRX_FHIR_RULE(name, path, en, ja) VRX_FHIR_RULE_##name,
#include "fhir/rules.def"
#undef VRX_FHIR_RULE
    VRX_FHIR_RULES,
};

struct vrx_fhir_rule_text {
    const char *path; /* FHIRPath, below Bundle.entry[n] */
    const char *en;   /* what to do */
    const char *ja;
};

extern const struct vrx_fhir_rule_text vrx_fhir_rules[VRX_FHIR_RULES];

struct vrx_fhir_fault {
    size_t entry; /* Bundle.entry[entry], from 0 */
    enum vrx_fhir_rule rule;
    enum vrx_reason reason;
    const char *clause; /* static storage, or NULL */
    const char *detail; /* the vaccine code that is not known; or NULL */
};

/* Grows in the arena. Cut at VRX_FHIR_FAULTS; count goes on. */
#define VRX_FHIR_FAULTS 10000
struct vrx_fhir_faults {
    struct vrx_arena *arena;
    size_t entry; /* that the next ones belong to */
    size_t count; /* of all */
    size_t kept;
    size_t capacity;
    struct vrx_fhir_fault *list;
};

/* Notes a refusal (category INPUT or STATE) against the present entry and returns ok, so that the
 * next element can be looked at; hands up every other failure, such as VRX_OUT_OF_MEMORY. ok is
 * ok. */
struct vrx_result vrx_fhir_take(
    struct vrx_fhir_faults *faults, enum vrx_fhir_rule rule, struct vrx_result result);
/* The same with what is wrong, NUL-terminated; it must outlive the list. */
struct vrx_result vrx_fhir_take_detail(struct vrx_fhir_faults *faults, enum vrx_fhir_rule rule,
    const char *detail, struct vrx_result result);

/* The rule that a field of vrx.v1.Records.ImportDoses is checked by, by its English name ("lot");
 * VRX_FHIR_RULE_ENTRY for any other. */
enum vrx_fhir_rule vrx_fhir_rule_of_field(const char *field);

#endif
