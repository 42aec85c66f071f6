// SPDX-License-Identifier: Apache-2.0
// HCERT taken apart without VRX: Base45 written here, zlib of Node, CBOR by cbor-x.
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import { Decoder } from 'cbor-x';

// RFC 9285 §4.3.
function base45(text) {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const values = [...text.slice(at, at + 3)].map((character) => alphabet.indexOf(character));
    assert.ok(values.length > 1 && values.every((value) => value >= 0), `at ${at}`);
    const number = values.reduce((sum, value, place) => sum + value * 45 ** place, 0);
    assert.ok(number < (values.length === 3 ? 65536 : 256), `at ${at}`);
    bytes.push(...(values.length === 3 ? [number >> 8, number & 255] : [number]));
  }
  return Buffer.from(bytes);
}

const decode = (bytes) => new Decoder({ mapsAsObjects: false }).decode(bytes);

// { message, parts, claims } of an HCERT's text: the COSE_Sign1, its four parts, what it says.
export function open(text) {
  assert.ok(text.startsWith('HC1:'));
  const message = inflateSync(base45(text.slice(4)));
  assert.equal(message[0], 0xd2, 'COSE_Sign1 has tag 18');
  const parts = decode(message.subarray(1));
  return { message, parts, header: decode(parts[0]), claims: decode(parts[2]) };
}

export const plain = (value) => (value instanceof Map
  ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
  : Array.isArray(value) ? value.map(plain) : value);

// What the certificate says in the EU's schema.
export const dccOf = (text) => plain(open(text).claims.get(-260).get(1));
