// SPDX-License-Identifier: Apache-2.0
// What two municipalities hold of each other after their transfers: signed receipts, and the ledgers that these name.
// Verified by nothing of VRX's own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { decode } from './cddl.mjs';
import { collect } from './clients.mjs';
import { signingKeys, verifySign1 } from './cose.mjs';
import { codeOf } from './harness.mjs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

// RFC 9162 §2.1.1
function treeRoot(leaves) {
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(Buffer.of(1), treeRoot(leaves.slice(0, half)), treeRoot(leaves.slice(half)));
}

// A receipt that this municipality signed.
function readReceipt(message, keys, code) {
  const receipt = decode(verifySign1(message, 'vrx.receipt.1', keys));
  assert.equal(receipt.get(2), code);
  return { kind: receipt.get(4), to: receipt.get(3), digest: receipt.get(5), transfer: receipt.get(6)[0],
    size: Number(receipt.get(7)), root: receipt.get(8) };
}

// The entries of a municipality's ledger as they are, while its daemon runs.
export async function rawEntries(world, town) {
  return (await collect(world.client(`${town}-console`).Ledger.exportEntries({}))).map(({ entry }) => entry);
}

// The receipts that each of the towns holds, by query, from vaults whose daemons have ended.
export async function heldReceipts(world, town) {
  const { objects } = await world.checkVault(town, [], { objects: true });
  return new Map(objects.receipt.map(([query, receipt]) => [query.toString('hex'), receipt]));
}

// Of two ends { town, ledger: rawEntries, held: heldReceipts }: of each query of which both hold the other's receipt, the
// two name the same messages, and ledgers that were so. Resolves to those queries, in hexadecimal.
export function checkReceipts(directoryFile, ends) {
  const [one, other] = ends.map((end) => ({ ...end, code: codeOf(end.town),
    keys: signingKeys(directoryFile, codeOf(end.town)) }));
  const both = [...one.held.keys()].filter((query) => other.held.has(query));
  for (const query of both) {
    const theirs = readReceipt(one.held.get(query), other.keys, other.code);
    const ours = readReceipt(other.held.get(query), one.keys, one.code);
    assert.deepEqual([theirs.to, ours.to], [one.code, other.code]);
    assert.deepEqual([theirs.kind, ours.kind].sort(), [2, 3], 'one of the answer, and one of that receipt');
    const [first, last] = theirs.kind === 2 ? [one.held.get(query), ours] : [other.held.get(query), theirs];
    assert.deepEqual(last.digest, sha256(first));
    for (const field of [1, 2, 3, 4, 5]) assert.deepEqual(ours.transfer.get(field), theirs.transfer.get(field));
    assert.equal(ours.transfer.get(5), false, 'with consent');
    for (const [receipt, { ledger }] of [[theirs, other], [ours, one]]) {
      assert.deepEqual(treeRoot(ledger.slice(0, receipt.size)), receipt.root);
      assert.ok(ledger[receipt.size - 1].includes(receipt.kind === 2 ? receipt.transfer.get(2) : receipt.digest),
        'the last entry by then is of what was received');
    }
  }
  return both;
}
