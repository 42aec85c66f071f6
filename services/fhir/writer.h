/* SPDX-License-Identifier: Apache-2.0
 *
 * Persons and their doses to Bundles: the same persons give the same bytes. What a Bundle says of a
 * person is the addressee number, name, kana, sex and date of birth; never an address, never an
 * individual number.
 *
 *     vrx_fhir_writer_init(&writer, &municipality);
 *     for each person
 *         if (vrx_fhir_writer_full(&writer))
 *             VRX_TRY(vrx_fhir_writer_take(&writer, &file));   // and do something with it
 *         VRX_TRY(vrx_fhir_writer_add(&writer, &person));
 *     if (writer.persons)
 *         VRX_TRY(vrx_fhir_writer_take(&writer, &file));
 */
#ifndef VRX_FHIR_WRITER_H
#define VRX_FHIR_WRITER_H

#include "fhir/dose.h"

#define VRX_FHIR_PERSONS 100 /* of one Bundle */
/* After which a Bundle gets no further person: with the largest (VRX_LIMIT_DOSES doses of 2 KiB) it
 * stays below VRX_FHIR_BYTES. */
#define VRX_FHIR_ENOUGH ((size_t)3 << 20)

struct vrx_fhir_person {
    const char *addressee; /* 宛名番号, digits */
    const char *name;
    const char *kana;       /* or "" */
    const char *birth_date; /* "1985-04-01" */
    unsigned sex;           /* 1 male, 2 female, 0 not stated */
    const struct vrx_fhir_dose *doses;
    size_t dose_count;
};

struct vrx_fhir_writer {
    struct vrx_municipality_code municipality; /* whose addressee numbers these are */
    struct vrx_buffer text;
    size_t persons; /* in the Bundle that is being written */
};

void vrx_fhir_writer_init(
    struct vrx_fhir_writer *writer, const struct vrx_municipality_code *municipality);
/* A cleanup function; wipes. */
void vrx_fhir_writer_done(struct vrx_fhir_writer *writer);

/* Whether the Bundle is to be taken before the next person is added. */
bool vrx_fhir_writer_full(const struct vrx_fhir_writer *writer);
/* A Patient, and an Immunization for each dose. Errors: VRX_OUT_OF_MEMORY; VRX_INPUT_TEXT, text
 * that is not UTF-8; VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_fhir_writer_add(
    struct vrx_fhir_writer *writer, const struct vrx_fhir_person *person);
/* Ends the Bundle, hands it over in place of what *out had, and begins the next. Errors: the
 * buffer's. */
struct vrx_result vrx_fhir_writer_take(struct vrx_fhir_writer *writer, struct vrx_buffer *out);

#endif
