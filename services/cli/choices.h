/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of the protocol's enumerations as words of the command line: one table each.
 */
#ifndef VRX_CLI_CHOICES_H
#define VRX_CLI_CHOICES_H

struct vrx_choice {
    const char *word; /* NULL ends a table */
    unsigned value;
    const char *ja;
};

extern const struct vrx_choice vrx_terminal_kind_choices[];
extern const struct vrx_choice vrx_purpose_choices[];
extern const struct vrx_choice vrx_item_choices[];
extern const struct vrx_choice vrx_identity_method_choices[];
extern const struct vrx_choice vrx_document_choices[];
extern const struct vrx_choice vrx_transfer_state_choices[];
extern const struct vrx_choice vrx_bulk_state_choices[];
extern const struct vrx_choice vrx_sex_choices[];
extern const struct vrx_choice vrx_retention_class_choices[];
extern const struct vrx_choice vrx_erased_kind_choices[];
extern const struct vrx_choice vrx_role_choices[];
extern const struct vrx_choice vrx_operator_state_choices[];
extern const struct vrx_choice vrx_alert_kind_choices[];
extern const struct vrx_choice vrx_certificate_kind_choices[];

/* The row with this word or value; NULL where there is none. */
const struct vrx_choice *vrx_choice_by_word(const struct vrx_choice *choices, const char *word);
const struct vrx_choice *vrx_choice_by_value(const struct vrx_choice *choices, unsigned value);

/* The words and their meaning on standard error, a line each. Returns VRX_EXIT_USAGE. */
int vrx_choice_list(const struct vrx_choice *choices);

/* For what a newer daemon may send: "?" where there is none. */
const char *vrx_choice_word(const struct vrx_choice *choices, unsigned value);
const char *vrx_choice_ja(const struct vrx_choice *choices, unsigned value);

#endif
