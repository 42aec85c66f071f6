/* SPDX-License-Identifier: Apache-2.0
 *
 * A message as readable fields, by its descriptor: for whoever must agree to a request and so must
 * see all of it, also of a method that this program has no command for.
 *
 *     resident.addressee_number  1001
 *     no_automatic_answer        false
 *
 * Every field is shown, also one that has its default value; of a oneof the one that is set.
 */
#ifndef VRX_CLI_FIELDS_H
#define VRX_CLI_FIELDS_H

#include <protobuf-c/protobuf-c.h>

#include "cli/json.h"
#include "cli/table.h"

/* The request type of "/vrx.v1.Records/Export"; NULL for a method that this program does not know.
 */
const ProtobufCMessageDescriptor *vrx_fields_of_request(const char *path);

/* Whether this program knows every field that the message came with: then what is shown is all. */
bool vrx_fields_are_known(const ProtobufCMessage *message);

/* Adds two cells a field, name and value; fields of an inner message by their path. More than
 * VRX_FIELDS_DEPTH levels are not gone into: no message of VRX has them. */
#define VRX_FIELDS_DEPTH 8
void vrx_fields_table(struct vrx_table *table, const ProtobufCMessage *message);

/* The same as a JSON object; ret_json is empty when memory is short. */
void vrx_fields_json(const ProtobufCMessage *message, struct vrx_json *ret_json);

#endif
