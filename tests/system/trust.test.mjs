// SPDX-License-Identifier: Apache-2.0
// Keys and trust without a daemon: what is noted of a CA's key, a signer that another follows, and the trust lists of the
// EU's gateway and of WHO's network taken over. The foreign lists are made by openssl and Node.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decode } from './cddl.mjs';
import { run } from './harness.mjs';
import { makeAuthority, makeSigner } from './vds.mjs';

const folder = mkdtempSync(join(tmpdir(), 'vrx-trust-'));
const path = (...parts) => join(folder, ...parts);
after(() => rmSync(folder, { recursive: true, force: true }));

async function vrx(...args) {
  const { code, stdout, stderr } = await run('vrx', args, { cwd: folder });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
const certificate = (...parts) => new X509Certificate(readFileSync(path(...parts)));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

before(async () => {
  await vrx('pki', 'csca', '--out', 'csca', '--ceremony-by', '山田 花子');
  await vrx('pki', 'dsc', '--csca', 'csca', '--name', 'signer', '--days', '300', '--out', 'dsc', '--ceremony-by', 'J. Doe');
  await vrx('authority', 'init', '--out', 'authority');
});

test("every use of a CA's key is a line, chained to the one before", async () => {
  await vrx('pki', 'revoke', '--ca', 'csca', '--certificate', 'dsc/certificate.pem', '--ceremony-by', 'J. Doe');
  await vrx('pki', 'crl', '--ca', 'csca', '--ceremony-by', 'J. Doe');
  const lines = JSON.parse(await vrx('pki', 'ceremony-log', '--ca', 'csca', '--json'));
  assert.deepEqual(lines.map(({ act, by }) => [act, by]),
    [['made', '山田 花子'], ['signed', 'J. Doe'], ['revoked', 'J. Doe'], ['listed', 'J. Doe']]);
  const ca = certificate('csca', 'certificate.pem');
  assert.equal(lines[0].object, sha256(ca.raw));
  for (const { key } of lines) assert.equal(key, sha256(ca.publicKey.export({ format: 'der', type: 'spki' })));
  for (const at of [1, 2]) assert.equal(lines[at].object, sha256(certificate('dsc', 'certificate.pem').raw));
  let chain = Buffer.alloc(32);
  for (const line of readFileSync(path('csca', 'ceremony.log'), 'utf8').trim().split('\n')) {
    const [stated] = line.split(' ', 1);
    chain = createHash('sha256').update(chain).update(line.slice(stated.length + 1)).digest();
    assert.equal(stated, chain.toString('hex'));
  }
  assert.match(await vrx('pki', 'ceremony-log', '--ca', 'csca'), /the chain of 4 lines is whole/);
});

test('with a log that was changed nothing more is signed', async () => {
  const log = readFileSync(path('csca', 'ceremony.log'), 'utf8');
  writeFileSync(path('csca', 'ceremony.log'), log.replace('J. Doe', 'J. Roe'));
  await assert.rejects(vrx('pki', 'ceremony-log', '--ca', 'csca'), /the chain is broken/);
  await assert.rejects(vrx('pki', 'dsc', '--csca', 'csca', '--out', 'none'), /the chain is broken/);
  assert.ok(!existsSync(path('none', 'key.pem')));
  writeFileSync(path('csca', 'ceremony.log'), log);
});

test('a signer that another follows: both are valid and on one trust list, the first signs no more', async () => {
  const told = JSON.parse(await vrx('pki', 'rollover', '--csca', 'csca', '--signer', 'dsc', '--out', 'next', '--end-old-key',
    '--json'));
  const [old, next] = [certificate('dsc', 'certificate.pem'), certificate('next', 'certificate.pem')];
  assert.equal(next.subject, old.subject);
  assert.ok(new Date(next.validFrom) < new Date(old.validTo) && new Date(next.validTo) > new Date(old.validTo));
  assert.equal(Date.parse(told.both_until), Date.parse(old.validTo));
  assert.equal(told.old_key_ended, true);
  assert.ok(!existsSync(path('dsc', 'key.pem')) && existsSync(path('next', 'key.pem')));
  await vrx('pki', 'trust-list', '--authority', 'authority', '--version', '1', '--days', '30', '--csca',
    'csca/certificate.pem', '--signer', 'dsc/certificate.pem', '--signer', 'next/certificate.pem', '--out', 'trust.cbor');
  const lines = JSON.parse(await vrx('pki', 'ceremony-log', '--ca', 'csca', '--json'));
  assert.deepEqual([lines.at(-1).act, lines.at(-1).object], ['signed', sha256(next.raw)]);
});

test('a signer is not followed by one that ends before it, nor by another authority', async () => {
  const order = ['pki', 'rollover', '--signer', 'next', '--out', 'later'];
  await assert.rejects(vrx(...order, '--csca', 'csca', '--days', '30'), /the next signer outlives the present one/);
  await vrx('pki', 'csca', '--name', 'another', '--out', 'csca2');
  await assert.rejects(vrx(...order, '--csca', 'csca2', '--days', '900'), /CERTIFICATE_INVALID|SIGNATURE_INVALID/);
  await assert.rejects(vrx('pki', 'rollover', '--csca', 'csca', '--signer', 'csca', '--out', 'later', '--days', '5000'),
    /a signer of certificates/);
  assert.ok(!existsSync(path('later', 'key.pem')));
});

// ---- lists of others ----

const der = (name) => certificate(name).raw;
const item = (raw, country, certificateType, more = {}) => ({ kid: Buffer.from(sha256(raw), 'hex').subarray(0, 8)
  .toString('base64'), timestamp: '2022-02-21T09:54:42.802Z', country, certificateType, thumbprint: sha256(raw),
signature: 'o53CbAa7', rawData: raw.toString('base64'), ...more });

// The certificates of the trust list's payload that is signed of a folder.
async function trusted(foreign) {
  await vrx('pki', 'trust-list', '--authority', 'authority', '--version', '2', '--days', '30', '--csca',
    'csca/certificate.pem', '--signer', 'next/certificate.pem', '--foreign', foreign, '--out', `${foreign}.cbor`);
  const payload = decode(decode(readFileSync(path(`${foreign}.cbor`))).value[2]);
  return { signers: payload.get(4).map(sha256), authorities: payload.get(5).map(sha256) };
}

const importList = async (kind, content, out, ...more) => {
  writeFileSync(path(`${out}.json`), typeof content === 'string' ? content : JSON.stringify(content));
  return JSON.parse(await vrx('pki', 'import-trust', `--${kind}`, `${out}.json`, '--out', out, ...more, '--json'));
};

let signer;
let stray;

before(() => {
  makeAuthority(folder, 'authority-de', 'DE');
  makeAuthority(folder, 'authority-fr', 'FR');
  const usage = '1.3.6.1.4.1.1847.2021.1.2';
  signer = makeSigner(folder, 'signer-de', ['authority-de.pem', 'authority-de.key'], { country: 'DE', usage }).der;
  stray = makeSigner(folder, 'signer-it', ['authority-fr.pem', 'authority-fr.key'], { country: 'IT', usage }).der;
});

test("the EU gateway's list: what counts goes on a trust list, what does not has its reason", async () => {
  const authority = der('authority-de.pem');
  const list = [item(authority, 'DE', 'CSCA'), item(signer, 'DE', 'DSC'), item(stray, 'IT', 'DSC', { kid: 'stray\u0007' }),
    item(signer, 'FR', 'DSC'), item(signer, 'DE', 'CSCA'), item(stray, 'IT', 'DSC'), item(signer, 'DE', 'UPLOAD'),
    item(signer, 'DE', 'DSC', { rawData: 'AAAA' }), { certificateType: 'DSC' }, 7];
  const told = await importList('dcc', list, 'dcc');
  assert.deepEqual([told.authorities, told.signers], [1, 1]);
  assert.deepEqual(told.refused.map(({ reason }) => reason), ['INPUT_MALFORMED', 'CERTIFICATE_INVALID',
    'CERTIFICATE_INVALID', 'CERTIFICATE_INVALID', 'CERTIFICATE_INVALID', 'INPUT_FIELD_MISSING', 'INPUT_FIELD_MISSING']);
  assert.match(told.refused[3].clause, /no authority issued the signer/);
  const { signers, authorities } = await trusted('dcc');
  assert.deepEqual(new Set(signers), new Set([sha256(signer), sha256(certificate('next', 'certificate.pem').raw)]));
  assert.ok(authorities.includes(sha256(authority)));
  assert.deepEqual(readdirSync(path('dcc')).map((name) => name.split('-')[0]).sort(), ['csca', 'signer']);
  const wrapped = await importList('dcc', { certificates: list }, 'wrapped', '--csca', 'authority-fr.pem');
  assert.deepEqual([wrapped.authorities, wrapped.signers], [0, 1]); // only what the given authority issued
  const { stdout } = await run('vrx', ['pki', 'import-trust', '--dcc', 'dcc.json', '--out', 'again'], { cwd: folder });
  assert.match(stdout, /refused \/ 除外: stray\? {2}RFC 4648/);
});

test("WHO's did.json: by the certificates in it", async () => {
  const method = (name, raw) => ({ id: `did:web:example#${name}`, type: 'JsonWebKey2020', controller: 'did:web:example',
    publicKeyJwk: { kty: 'EC', crv: 'P-256', ...(raw && { x5c: [raw.toString('base64')] }) } });
  const told = await importList('did', { '@context': ['https://www.w3.org/ns/did/v1'], id: 'did:web:example',
    verificationMethod: [method('sca', der('authority-de.pem')), method('dsc', signer), method('bare'), method('stray', stray),
      'did:web:example#reference'] }, 'did');
  assert.deepEqual([told.authorities, told.signers], [1, 1]);
  assert.deepEqual(told.refused.map(({ name, reason }) => [name, reason]), [['did:web:example#bare', 'INPUT_FIELD_MISSING'],
    ['did:web:example#stray', 'CERTIFICATE_INVALID'], ['', 'INPUT_FIELD_MISSING']]);
  assert.ok((await trusted('did')).signers.includes(sha256(signer)));
});

test('what is no list is refused as a whole', async () => {
  for (const [kind, content, said] of [['dcc', '{}', /INPUT_FIELD_MISSING/], ['did', '[]', /INPUT_TYPE/],
    ['dcc', '[', /INPUT_MALFORMED/], ['did', '{"verificationMethod":{}}', /INPUT_TYPE/]])
    await assert.rejects(importList(kind, content, 'nothing'), said);
  assert.ok(!existsSync(path('nothing')));
  await assert.rejects(vrx('pki', 'import-trust', '--out', 'x'), /one of the two/);
  await assert.rejects(importList('dcc', '[]', 'did'), /ALREADY_EXISTS/);
});
