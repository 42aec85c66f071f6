// SPDX-License-Identifier: Apache-2.0
// SMART Health Cards that are made by jose and read by `vrx verify`, as text and as a picture that jsqr reads too; who
// may have signed them is what the trust list says of the published keys.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jsqr from 'jsqr';
import png from 'pngjs';
import { claims, jwsOf, makeIssuer, open, qrText } from './cards.mjs';
import { run, runWell } from './programs.mjs';

const folder = mkdtempSync(join(tmpdir(), 'vrx-shc-'));
const path = (name) => join(folder, name);
const hanako = { family: '札幌', given: ['花子', 'MARIE'], birthDate: '1985-04-01' };
const doses = [{ date: '2021-06-22', lot: 'EY0779', performer: '札幌市' }, { date: '2021-07-13', code: '207' }];

let issuer;
let other;
let text;

const vrx = (...args) => runWell('vrx', args, { cwd: folder });

before(async () => {
  issuer = await makeIssuer('https://cards.sapporo.example/shc');
  other = await makeIssuer('https://cards.kashiwa.example');
  writeFileSync(path('sapporo.json'), JSON.stringify(issuer.jwks));
  writeFileSync(path('kashiwa.json'), JSON.stringify(other.jwks));
  await vrx('authority', 'init', '--out', 'authority');
  await vrx('pki', 'csca', '--out', 'csca');
  await vrx('pki', 'dsc', '--csca', 'csca', '--out', 'dsc');
  await signTrust('trust.cbor', [issuer.url, 'sapporo.json'], [other.url, 'kashiwa.json']);
  text = qrText(await issuer.sign(claims(issuer.url, hanako, doses, {}, { rid: 'MKyCxh7p6uQ' })));
});

after(() => rmSync(folder, { recursive: true, force: true }));

const trustArguments = (out, issuers) => ['pki', 'trust-list', '--authority', 'authority', '--version', '1', '--days',
  '30', '--csca', 'csca/certificate.pem', '--signer', 'dsc/certificate.pem', '--out', out,
  ...issuers.flatMap(([url, keys]) => ['--shc-issuer', url, '--shc-keys', keys])];
const signTrust = (out, ...issuers) => vrx(...trustArguments(out, issuers));

// `vrx verify` of a text: { code, said }.
async function verify(shown, { trust = 'trust.cbor', more = [] } = {}) {
  writeFileSync(path('shown'), shown);
  const { code, stdout, stderr } = await run('vrx', ['verify', 'shown', '--trust-list', trust, '--authority',
    'authority/certificate.pem', '--json', ...more], { cwd: folder });
  assert.equal(stderr, '');
  return { code, said: JSON.parse(stdout) };
}

async function expect(shown, code, verdict, clause, options) {
  const result = await verify(shown, options);
  assert.deepEqual([result.code, result.said.verdict], [code, verdict], JSON.stringify(result.said));
  if (clause) assert.match(result.said.clause, clause);
  return result.said;
}

const signed = async (content, header) => qrText(await issuer.sign(content, header));

test('a card by a trusted issuer is valid, and says what it says', async () => {
  const said = await expect(text, 0, 'VALID');
  assert.deepEqual({ ...said, issued: '', trust_list_issued: '' }, { verdict: 'VALID', format: 'SHC', surname: '札幌',
    given: '花子 MARIE', birth_date: '1985-04-01', authority: issuer.url, identifier: 'MKyCxh7p6uQ',
    doses: [
      { date: '2021-06-22', system: 'http://hl7.org/fhir/sid/cvx', code: '208', lot: 'EY0779', performer: '札幌市' },
      { date: '2021-07-13', system: 'http://hl7.org/fhir/sid/cvx', code: '207', lot: '', performer: '' }],
    issued: '', revocation: 'UNKNOWN', trust_list_version: 1, trust_list_issued: '' });
});

test('to people it is said in two languages', async () => {
  writeFileSync(path('shown'), `${text}\r\n`);
  const { stdout } = await vrx('verify', 'shown', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem');
  assert.match(stdout, /^VALID: .* \/ 真正かつ有効な証明書です\n/);
  assert.match(stdout, /\n {2}surname +札幌 {2}\(姓\)\n/);
  assert.match(stdout, /\n {2}issuer +https:\/\/cards\.sapporo\.example\/shc {2}\(発行者\)\n/);
  assert.match(stdout, /\n {2}dose +2021-06-22, CVX 208, lot EY0779, 札幌市 {2}\(接種\)\n/);
  assert.match(stdout, /\n {2}dose +2021-07-13, CVX 207 {2}\(接種\)\n/);
  assert.match(stdout, /\n {2}revocation unknown/);
});

test('its picture is read by jsqr and by zbar, and jose verifies what jsqr read', async () => {
  writeFileSync(path('card'), text);
  await vrx('qr', 'card', '--png', 'card.png');
  const { data, width, height } = png.PNG.sync.read(readFileSync(path('card.png')));
  const code = jsqr(new Uint8ClampedArray(data), width, height);
  assert.equal(code.data, text);
  assert.ok(code.version <= 22, `version ${code.version}`);
  assert.deepEqual(code.chunks.map(({ type }) => type), ['byte', 'numeric']);
  assert.equal(code.chunks[0].text, 'shc:/');
  const { protectedHeader, claims: read } = await open(jwsOf(code.data), issuer.jwks);
  assert.equal(protectedHeader.kid, issuer.jwks.keys[0].kid);
  assert.equal(read.iss, issuer.url);
  await assert.rejects(open(jwsOf(code.data), other.jwks));
  await expect(readFileSync(path('card.png')), 0, 'VALID');
});

test('by its time: not yet, expired, with a fraction', async () => {
  const now = Math.floor(Date.now() / 1000);
  const timed = (more) => signed(claims(issuer.url, hanako, doses, more));
  await expect(await timed({ nbf: now + 3600 }), 13, 'NOT_YET_VALID', /RFC 7519 §4\.1\.5/);
  await expect(await timed({ nbf: now - 3600, exp: now - 60 }), 12, 'EXPIRED', /RFC 7519 §4\.1\.4/);
  const said = await expect(await timed({ nbf: now - 60.656, exp: now + 3600 }), 0, 'VALID');
  assert.equal(said.issued, `${new Date((now - 61) * 1000).toISOString().slice(0, 19)}Z`);
  assert.equal(said.expires, `${new Date((now + 3600) * 1000).toISOString().slice(0, 19)}Z`);
  await expect(text, 13, 'NOT_YET_VALID', /nbf/, { more: ['--at', '2020-01-01T00:00:00Z'] });
});

test('whose it is not: unknown key, another issuer\'s key, a list that names nobody', async () => {
  const stranger = await makeIssuer(issuer.url);
  await expect(qrText(await stranger.sign(claims(issuer.url, hanako, doses))), 14, 'ISSUER_UNKNOWN', /thumbprint/);
  const said = await expect(qrText(await other.sign(claims(issuer.url, hanako, doses))), 14, 'ISSUER_UNKNOWN',
    /another issuer's/);
  assert.equal(said.surname, undefined);
  await expect(qrText(await other.sign(claims(other.url, hanako, doses))), 0, 'VALID');
  await signTrust('nobody.cbor');
  await expect(text, 14, 'ISSUER_UNKNOWN', /thumbprint/, { trust: 'nobody.cbor' });
});

test('what is damaged or forged', async () => {
  const jws = jwsOf(text);
  const [header, payload, signature] = jws.split('.');
  const stranger = await makeIssuer(issuer.url);
  const elsewhere = (await stranger.sign(claims(issuer.url, hanako, doses),
    { kid: issuer.jwks.keys[0].kid })).split('.');
  for (const [forged, clause] of [
    [`${header}.${payload}.${elsewhere[2]}`, /RFC 7515 §5\.2/],
    [elsewhere.join('.'), /RFC 7515 §5\.2/],
    [`${header}.${payload}`, /RFC 7515 §7\.1/],
    [`${header}.${payload}.`, /RFC 7518 §3\.4/],
    [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`, /alg is ES256/]])
    await expect(qrText(forged), 15, 'DAMAGED', clause);
  await expect(await signed({ ...claims(issuer.url, hanako, doses), iss: `${issuer.url}/` }), 15, 'DAMAGED', /iss/);
  await expect(await signed(claims(issuer.url, { ...hanako, birthDate: 19850401 }, doses)), 15, 'DAMAGED', /birthDate/);
  await expect(`shc:/1/2/${text.slice(5, 205)}`, 15, 'DAMAGED', /several QR codes/);
});

test('a genuine card without a dose that was given is none of a vaccination', async () => {
  await expect(await signed(claims(issuer.url, hanako, [])), 16, 'NOT_A_CERTIFICATE', /completed Immunization/);
  await expect(await signed(claims(issuer.url, hanako, [{ ...doses[0], status: 'not-done' }])), 16,
    'NOT_A_CERTIFICATE');
  const some = await expect(await signed(claims(issuer.url, hanako,
    [{ ...doses[0], status: 'entered-in-error' }, doses[1]])), 0, 'VALID');
  assert.equal(some.doses.length, 1);
  await expect('shc:', 16, 'NOT_A_CERTIFICATE');
});

test('keys that an issuer must not publish so are not put on a list', async () => {
  const [key] = issuer.jwks.keys;
  const strange = other.jwks.keys[0];
  for (const [url, keys, said] of [
    [issuer.url, [{ ...key, d: key.x }], /a private key is published/],
    [issuer.url, [{ ...key, kid: strange.kid }], /RFC 7638/],
    [issuer.url, [{ ...key, y: strange.y }], /SEC 1/],
    [issuer.url, [], /NOT_FOUND/],
    [`${issuer.url}/`, [key], /no "\/" at its end/],
    ['http://cards.example', [key], /https/]]) {
    writeFileSync(path('keys.json'), JSON.stringify({ keys }));
    const { code, stderr } = await run('vrx', trustArguments('no.cbor', [[url, 'keys.json']]), { cwd: folder });
    assert.equal(code, 1, url);
    assert.match(stderr, said);
  }
});
