// SPDX-License-Identifier: Apache-2.0
// COSE_Sign1 (RFC 9052 §4.2) as VRX signs it, verified by Node's own cryptography; the keys are those of the signed
// directory.
import assert from 'node:assert/strict';
import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decode, encode } from './cddl.mjs';

const publicKey = (spki) => createPublicKey({ key: spki, format: 'der', type: 'spki' });

// The signing keys of a municipality by a directory, whose own signature is not looked at here.
export function signingKeys(directoryFile, code) {
  const [, , payload] = decode(readFileSync(directoryFile)).value;
  const entry = decode(payload).get(4).find((one) => one.get(1) === code);
  return new Map(entry.get(4).map((key) => [key.get(1).toString('hex'), publicKey(key.get(2))]));
}

// The platform authority's, whatever kid a message names.
export function authorityKeys(certificateFile) {
  const { publicKey: key } = new X509Certificate(readFileSync(certificateFile));
  return { get: () => key };
}

// The payload; the message must be an object of this name ("vrx.receipt.1"), signed with one of the keys.
export function verifySign1(message, name, keys) {
  const { tag, value } = decode(message);
  assert.equal(tag, 18, `${name}: no COSE_Sign1`);
  const [protectedBytes, unprotected, payload, signature] = value;
  const header = decode(protectedBytes);
  assert.deepEqual([[...header.keys()], header.get(1), unprotected.size], [[1, 4], -7, 0]);
  const key = keys.get(header.get(4).toString('hex'));
  assert.ok(key, `${name}: signed by nobody who is known`);
  const signed = encode(['Signature1', protectedBytes, Buffer.from(name), payload]);
  assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature), `${name}: the signature is good`);
  return payload;
}
