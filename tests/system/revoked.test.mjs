// SPDX-License-Identifier: Apache-2.0
// What is revoked reaches a verifier who asks nobody: revoked at a counter, signed by the municipality, put on the list
// by the platform authority; then `vrx verify` and the service say so of an HCERT, a SMART Health Card and a VDS-NC. And
// by a list that is too old they say that nobody knows. Signatures, hashes and lists are looked at, and made, by Node.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { Tag } from 'cbor-x';
import { CompactSign, calculateJwkThumbprint, compactVerify, createRemoteJWKSet } from 'jose';
import { claims, jwsOf, makeIssuer, open as openCard, qrText } from './cards.mjs';
import { decode, encode } from './cddl.mjs';
import { refused } from './clients.mjs';
import { authorityKeys, signingKeys, verifySign1 } from './cose.mjs';
import { World, cardIssuer, codeOf, run, until } from './harness.mjs';
import { addressee, applyFor, domestic, dose, hanako } from './steps.mjs';
import { hanakoSealed, makeSigner, seal } from './vds.mjs';

const hash = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part))))
  .digest().subarray(0, 16);
const base32 = (bytes, length) => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  .match(/.{5}/g).slice(0, length).map((bits) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(bits, 2)]).join('');

let world;
let issued; // the HCERT that is revoked
let other; // one that is not
let own; // a card that the daemon issued
let issuer; // of cards
let card;
let sealed;

async function issue(values) {
  const counter = world.client('sapporo-counter');
  return (await counter.Certificates.issue({ applicationId: await applyFor(counter, addressee(1), values) })).certificate;
}

before(async () => {
  world = await World.make({ public: true, unattended: true });
  const counter = world.client('sapporo-counter');
  await counter.Records.registerResident({ resident: hanako });
  for (const [doseNumber, administeredOn] of [[1, '2021-07-01'], [2, '2021-07-22']])
    await counter.Records.recordVaccination({ resident: addressee(1), dose: dose({ doseNumber, administeredOn }) });
  issued = await issue();
  other = await issue();
  own = await issue(domestic);
  // The certificates of one application have one identifier: the card and the seal have its short forms.
  issuer = await makeIssuer('https://cards.sapporo.example');
  const rid = hash(issued.uvci).toString('base64url');
  card = await cardOf(rid);
  sealed = seal({ ...hanakoSealed, msg: { ...hanakoSealed.msg, uvci: base32(hash(issued.uvci), 12) } },
    makeSigner(world.folder, 'seals', ['csca/certificate.pem', 'csca/key.pem']));
  writeFileSync(world.path('jwks.json'), JSON.stringify(issuer.jwks));
  await world.vrx('pki', 'trust-list', '--authority', 'authority', '--version', '2', '--days', '30', '--csca',
    'csca/certificate.pem', '--signer', 'dsc/certificate.pem', '--shc-issuer', issuer.url, '--shc-keys', 'jwks.json',
    '--out', 'trust.cbor');
});

after(() => world?.close());

async function cardOf(rid, more = {}) {
  return qrText(await issuer.sign(claims(issuer.url, { family: 'SAPPORO', given: ['HANAKO'], birthDate: hanako.birthDate },
    [{ date: '2021-07-01' }], more, { rid })));
}

const makeList = (out, ...more) => world.vrx('pki', 'revocation-list', '--authority', 'authority', '--directory',
  'directory.cbor', '--signer', 'dsc/certificate.pem', '--days', '7', '--out', out, ...more);

// { code, said } of `vrx verify` by this list; none: without.
async function offline(text, list, ...more) {
  writeFileSync(world.path('shown'), text);
  const { code, stdout, stderr } = await run('vrx', ['verify', 'shown', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', ...(list ? ['--revocations', list] : []), '--json', ...more], { cwd: world.folder });
  assert.equal(stderr, '');
  return { code, said: JSON.parse(stdout) };
}
const short = ({ code, said }) => [code, said.verdict, said.revocation];

const verify = (text) => world.anyone().Verification.verify({ qrContent: Buffer.from(text) });
const online = async (text) => {
  const { verdict, revocation } = await verify(text);
  return [verdict.replace('VERDICT_', ''), revocation.replace('REVOCATION_', '')];
};
const put = (file) => { // as an operator would: never half a file
  copyFileSync(world.path(file), world.path('revocations.next'));
  renameSync(world.path('revocations.next'), world.path('revocations.cbor'));
};
const heldVersion = async () => (await world.anyone().Verification.getRevocationList({})).version;
async function hold(file, version) {
  put(file);
  await until(async () => await heldVersion() === version);
}

test('without a list a certificate is valid, and that nobody looked is said', async () => {
  assert.deepEqual(short(await offline(issued.text)), [0, 'VALID', 'UNKNOWN']);
  assert.deepEqual(await online(issued.text), ['VALID', 'UNKNOWN']);
  await refused(world.anyone().Verification.getRevocationList({}), 'NOT_FOUND');
  const { stdout } = await run('vrx', ['verify', 'shown', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem'], { cwd: world.folder });
  assert.match(stdout, /\n {2}revocation unknown: not checked, there is no list {2}\(失効は確認していません\)\n/);
});

test('a list that names nothing: not revoked, and of whom it does not speak unknown', async () => {
  await makeList('list1', '--version', '1');
  assert.deepEqual(short(await offline(issued.text, 'list1')), [0, 'VALID', 'NOT_REVOKED']);
  assert.deepEqual(short(await offline(card, 'list1')), [0, 'VALID', 'UNKNOWN']);
  assert.deepEqual(short(await offline(sealed, 'list1')), [0, 'VALID', 'UNKNOWN']);
  await world.endDaemon();
  put('list1');
  await world.startDaemon('--revocation-list', 'revocations.cbor');
  await world.unseal('sapporo');
  assert.deepEqual(await online(issued.text), ['VALID', 'NOT_REVOKED']);
  const { revocationList } = await world.anyone().Verification.getRevocationList({});
  assert.ok(revocationList.equals(readFileSync(world.path('list1'))));
  assert.equal((await world.anyone().Verification.getRevocationList({ knownVersion: 1 })).revocationList.length, 0);
});

test('revoked at the counter, signed by the municipality, without a name', async () => {
  await world.well('sapporo-counter', 'certificate', 'revoke', '--certificate', issued.uvci);
  const told = await world.well('sapporo-counter', 'certificate', 'revocations', '--out', 'part', '--json');
  assert.deepEqual(JSON.parse(told), { revocations: 'part', count: 1 });
  const payload = verifySign1(readFileSync(world.path('part')), 'vrx.revocations.1',
    signingKeys(world.path('directory.cbor'), codeOf('sapporo')));
  const part = decode(payload);
  assert.equal(part.get(1), codeOf('sapporo'));
  assert.ok(Buffer.from(part.get(3)).equals(hash(issued.uvci)));
  assert.ok(!payload.includes(issued.uvci));
});

test('with the next list all certificates of the application are revoked, and no other', async () => {
  await makeList('list2', '--before', 'list1', '--part', 'part');
  const list = decode(verifySign1(readFileSync(world.path('list2')), 'vrx.revocation-list.1',
    authorityKeys(world.path('authority', 'certificate.pem'))));
  assert.equal(list.get(1), 2);
  assert.ok(Buffer.from(list.get(4)).equals(hash(issued.uvci)));
  await hold('list2', 2);
  for (const text of [issued.text, card, sealed]) {
    assert.deepEqual(short(await offline(text, 'list2')), [18, 'REVOKED', 'REVOKED']);
    assert.deepEqual(await online(text), ['REVOKED', 'REVOKED']);
  }
  assert.deepEqual(short(await offline(other.text, 'list2')), [0, 'VALID', 'NOT_REVOKED']);
  assert.deepEqual(await online(other.text), ['VALID', 'NOT_REVOKED']);
  const { said } = await offline(issued.text, 'list2');
  const asked = await run('vrx', ['verify', 'online', 'shown', '--server', `localhost:${world.publicPort}`, '--ca',
    'ca/certificate.pem', '--json'], { cwd: world.folder });
  assert.equal(asked.code, 18);
  const without = (answer) => ({ ...answer, revocation_list_age_seconds: 0, trust_list_version: 0, trust_list_issued: 0 });
  assert.deepEqual(without(JSON.parse(asked.stdout)), without(said));
});

test('what was revoked stays so, without another part', async () => {
  await makeList('list3', '--before', 'list2');
  assert.deepEqual(short(await offline(issued.text, 'list3')), [18, 'REVOKED', 'REVOKED']);
});

test("another issuer's list: by rid, until a time where it says one", async () => {
  const [{ kid }] = issuer.jwks.keys;
  const now = Math.floor(Date.now() / 1000);
  const crl = { kid, method: 'rid', ctr: 3, rids: ['MKyCxh7p6uQ', `9pHa_7HMgTs.${now - 1000}`] };
  writeFileSync(world.path('crl.json'), JSON.stringify(crl));
  await makeList('list4', '--before', 'list2', '--shc-crl', 'crl.json');
  for (const [rid, more, expected] of [['MKyCxh7p6uQ', {}, [18, 'REVOKED', 'REVOKED']],
    ['9pHa_7HMgTs', { nbf: now - 1001 }, [18, 'REVOKED', 'REVOKED']],
    ['9pHa_7HMgTs', { nbf: now - 1000 }, [0, 'VALID', 'NOT_REVOKED']], ['other', {}, [0, 'VALID', 'NOT_REVOKED']]])
    assert.deepEqual(short(await offline(await cardOf(rid, more), 'list4')), expected, rid);
});

test("a signer that its authority revoked, by the authority's list", async () => {
  await world.vrx('pki', 'revoke', '--ca', 'csca', '--certificate', 'dsc/certificate.pem', '--reason', 'key-compromise');
  await world.vrx('pki', 'crl', '--ca', 'csca', '--days', '30');
  const authority = ['--csca', 'csca/certificate.pem', '--csca-crl', 'csca/crl.pem'];
  const told = JSON.parse(await makeList('list5', '--before', 'list2', ...authority, '--json'));
  assert.deepEqual([told.version, told.certificates, told.signers], [3, 1, 1]);
  const { code, said } = await offline(other.text, 'list5');
  assert.deepEqual([code, said.verdict, said.clause], [18, 'REVOKED', "RFC 5280 §6.3.3: its signer's certificate is revoked"]);
  await world.vrx('pki', 'crl', '--ca', 'csca', '--days', '1');
  await assert.rejects(makeList('list6', '--before', 'list2', ...authority), /nextUpdate is before this list's/);
});

const files = ['revocation-list.cbor', 'dcc-revocation.json', '.well-known/jwks.json', 'trust-list.json', 'trust-list.cbor'];
const publish = (out, list = 'list2', ...more) => world.vrx('pki', 'publish', '--authority', 'authority/certificate.pem',
  '--trust-list', 'trust.cbor', '--revocation-list', list, '--signer', 'dsc/certificate.pem', ...more, '--out', out);

test('the folder for a web server: what jose verifies by, the same every time', async () => {
  await publish('published');
  const [jwk] = JSON.parse(readFileSync(world.path('published', '.well-known', 'jwks.json'))).keys;
  const certificate = new X509Certificate(Buffer.from(jwk.x5c[0], 'base64'));
  assert.ok(certificate.raw.equals(new X509Certificate(readFileSync(world.path('dsc', 'certificate.pem'))).raw));
  assert.equal(jwk['x5t#S256'], createHash('sha256').update(certificate.raw).digest('base64url'));
  assert.equal(jwk.kid, await calculateJwkThumbprint(jwk));
  const server = createServer((request, response) => {
    const file = decodeURI(request.url).slice(1);
    response.end(readFileSync(world.path('published', file)));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${server.address().port}/.well-known/jwks.json`));
  const jws = await new CompactSign(Buffer.from('signed')).setProtectedHeader({ alg: 'ES256', kid: jwk.kid })
    .sign(createPrivateKey(readFileSync(world.path('dsc', 'key.pem'))));
  assert.equal(Buffer.from((await compactVerify(jws, keys)).payload).toString(), 'signed');
  server.close();
  const crl = JSON.parse(readFileSync(world.path('published', '.well-known', 'crl', `${jwk.kid}.json`)));
  assert.deepEqual(crl, { kid: jwk.kid, method: 'rid', ctr: 2, rids: [hash(issued.uvci).toString('base64url')] });
  const [batch] = JSON.parse(readFileSync(world.path('published', 'dcc-revocation.json')));
  assert.deepEqual([batch.country, batch.hashType, batch.entries], ['JP', 'UCI', [{ hash: hash(issued.uvci).toString('base64') }]]);
  const trusted = JSON.parse(readFileSync(world.path('published', 'trust-list.json'))).keys;
  assert.deepEqual(trusted.map(({ kid, iss }) => [kid, iss]), [[jwk.kid, undefined], [issuer.jwks.keys[0].kid, issuer.url]]);
  for (const key of trusted) assert.equal(key.kid, await calculateJwkThumbprint(key));
  await publish('again');
  for (const file of [...files, `.well-known/crl/${jwk.kid}.json`])
    assert.ok(readFileSync(world.path('again', file)).equals(readFileSync(world.path('published', file))), file);
  assert.ok(readFileSync(world.path('published', 'trust-list.cbor')).equals(readFileSync(world.path('trust.cbor'))));
});

test('what nobody would take is not published', async () => {
  writeFileSync(world.path('stale'), oldList(9, 7200, Buffer.alloc(0)));
  for (const [list, said] of [['stale', /next update is past/], ['trust.cbor', /SIGNATURE_INVALID/]])
    await assert.rejects(world.vrx('pki', 'publish', '--authority', 'authority/certificate.pem', '--trust-list', 'trust.cbor',
      '--revocation-list', list, '--signer', 'dsc/certificate.pem', '--out', 'not'), said);
  assert.ok(!existsSync(world.path('not')));
});

// A list as the authority would have signed it so many seconds ago, good for an hour.
function oldList(version, age, certificates) {
  const key = createPrivateKey(readFileSync(world.path('authority', 'key.pem')));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const kid = createHash('sha256').update(spki).digest().subarray(0, 8);
  const issuedAt = Math.floor(Date.now() / 1000) - age;
  const empty = Buffer.alloc(0);
  const payload = encode(new Map([[1, version], [2, issuedAt], [3, issuedAt + 3600], [4, certificates], [5, empty],
    [6, empty], [7, empty]]));
  const header = encode(new Map([[1, -7], [4, kid]]));
  const signature = sign('sha256', encode(['Signature1', header, Buffer.from('vrx.revocation-list.1'), payload]),
    { key, dsaEncoding: 'ieee-p1363' });
  return encode(new Tag([header, new Map(), payload, signature], 18));
}

test('by a list that is too old nobody knows, and how old it is, is said', async () => {
  writeFileSync(world.path('old'), oldList(7, 3 * 86400 + 60, hash(issued.uvci)));
  const { code, said } = await offline(other.text, 'old');
  assert.deepEqual([code, said.verdict, said.revocation], [19, 'REVOCATION_UNKNOWN', 'STALE']);
  assert.ok(said.revocation_list_age_seconds >= 3 * 86400 + 60 && said.revocation_list_age_seconds < 4 * 86400);
  const { stdout } = await run('vrx', ['verify', 'shown', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', '--revocations', 'old'], { cwd: world.folder });
  assert.match(stdout, /^REVOCATION_UNKNOWN: .*失効リストが古い.*\n/);
  assert.match(stdout, /\n {2}revocation list 7, 3 days old, next by .* {2}\(失効リスト\)\n/);
  assert.deepEqual(short(await offline(issued.text, 'old')), [18, 'REVOKED', 'REVOKED']); // for good
  assert.deepEqual(short(await offline('hello', 'old')), [16, 'NOT_A_CERTIFICATE', 'UNKNOWN']);
  await hold('old', 7);
  assert.deepEqual(await online(other.text), ['REVOCATION_UNKNOWN', 'STALE']);
  assert.deepEqual(await online(issued.text), ['REVOKED', 'REVOKED']);
  const reply = await verify(other.text);
  assert.deepEqual([reply.revocationListVersion, reply.revocationListNextUpdate - reply.revocationListIssuedAt], [7, 3600]);
  assert.equal(reply.certificate.identifier, other.uvci);
});

test('a list of before is not taken again, nor one by somebody else', async () => {
  put('list2');
  await until(() => /revocation list not taken.*DIRECTORY_STALE/.test(world.daemon.output()));
  assert.equal(await heldVersion(), 7);
  const { code, stderr } = await run('vrx', ['verify', 'shown', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', '--revocations', 'trust.cbor'], { cwd: world.folder });
  assert.equal(code, 1);
  assert.match(stderr, /revocation list[^]*SIGNATURE_INVALID/);
});

test('what no municipality of the directory signed is no part', async () => {
  const part = readFileSync(world.path('part'));
  const changed = Buffer.from(part);
  changed[part.length - 1] ^= 1;
  writeFileSync(world.path('changed'), changed);
  await assert.rejects(makeList('list8', '--before', 'list2', '--part', 'changed'), /SIGNATURE_INVALID/);
  const key = createPrivateKey(readFileSync(world.path('authority', 'key.pem')));
  const header = encode(new Map([[1, -7], [4, Buffer.alloc(8)]]));
  const payload = encode(new Map([[1, codeOf('sapporo')], [2, 1], [3, hash(other.uvci)]]));
  const signature = sign('sha256', encode(['Signature1', header, Buffer.from('vrx.revocations.1'), payload]),
    { key, dsaEncoding: 'ieee-p1363' });
  writeFileSync(world.path('stranger-part'), encode(new Tag([header, new Map(), payload, signature], 18)));
  await assert.rejects(makeList('list8', '--before', 'list2', '--part', 'stranger-part'), /KEY_UNKNOWN/);
  await assert.rejects(makeList('list8', '--before', 'list2', '--part', 'trust.cbor'), /KEY_UNKNOWN|SIGNATURE_INVALID/);
  await assert.rejects(makeList('list8', '--before', 'list2', '--version', '2'), /--version: ascends/);
  await assert.rejects(makeList('list8'), /--version/);
});

// One request of someone without a certificate: { status, head, body }.
const connectAsAnyone = () => connect(`https://localhost:${world.publicPort}`,
  { ca: readFileSync(world.path('ca', 'certificate.pem')) });
function ask(session, path, method = 'GET', fields = {}) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ':method': method, ...fields });
    const answer = { body: Buffer.alloc(0) };
    stream.on('response', (head) => Object.assign(answer, { head, status: head[':status'] }));
    stream.on('data', (data) => { answer.body = Buffer.concat([answer.body, data]); });
    stream.on('error', reject);
    stream.on('close', () => resolve(answer));
    stream.end();
  });
}
const jwksPath = '/.well-known/jwks.json';
const listPath = '/revocation-list.cbor';

test('the daemon gives the same files to anyone, over HTTP/2, and jose verifies a card by them', async () => {
  await publish('open', 'list2', '--signer', 'shc/certificate.pem');
  await world.endDaemon();
  await world.startDaemon('--public-folder', 'open');
  const session = connectAsAnyone();
  const { head, body } = await ask(session, jwksPath);
  assert.deepEqual([head[':status'], head['content-type'], head['access-control-allow-origin'], head['cache-control'],
    head['content-length'], head['x-content-type-options']],
  [200, 'application/json', '*', 'public, max-age=3600', String(body.length), 'nosniff']);
  const card = await openCard(jwsOf(own.parts[0].text), JSON.parse(body));
  assert.equal(card.claims.iss, cardIssuer);
  for (const { kid } of JSON.parse(body).keys) files.push(`.well-known/crl/${kid}.json`);
  assert.equal(files.length, 7);
  for (const file of files) {
    const content = readFileSync(world.path('open', file));
    const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
    const given = await ask(session, `/${file}?again`);
    assert.deepEqual([given.status, given.head.etag, given.head['content-type']], [200, etag,
      file.endsWith('.json') ? 'application/json' : 'application/cose; cose-type="cose-sign1"'], file);
    assert.ok(given.body.equals(content), file);
    const only = await ask(session, `/${file}`, 'HEAD');
    assert.deepEqual([only.status, only.head['content-length'], only.body.length], [200, String(content.length), 0]);
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const same = await ask(session, `/${file}`, 'GET', { 'if-none-match': known });
      assert.deepEqual([same.status, same.head.etag, same.body.length], [304, etag, 0]);
    }
    assert.equal((await ask(session, `/${file}`, 'GET', { 'if-none-match': etag.toUpperCase() })).status, 200);
  }
  session.close();
});

test('nothing else is there, by no other method, and not as often as one likes', async () => {
  writeFileSync(world.path('open', 'secret.json'), '{}');
  const session = connectAsAnyone();
  for (const path of ['/', '/.well-known', '/secret.json', '/../key.pem', '/.well-known/../trust.cbor', '//etc/passwd',
    '/.well-known/%6awks.json', '/.well-known/jwks.json/', '/.well-known/jwks', '/.well-known/crl/'])
    assert.equal((await ask(session, path)).status, 404, path);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, head } = await ask(session, jwksPath, method);
    assert.deepEqual([status, head.allow], [405, 'GET, HEAD'], method);
  }
  const { status, head } = await ask(session, '/vrx.v1.Verification/Verify');
  assert.deepEqual([status, head.allow], [405, 'POST']);
  assert.equal((await ask(session, listPath, 'GET', { 'x-long': 'x'.repeat(20000) })).status, 431);
  let late;
  for (let i = 0; i < 8 && !late; i++)
    late = (await Promise.all(Array.from({ length: 50 }, () => ask(session, listPath, 'HEAD'))))
      .find((answer) => answer.status === 429);
  assert.match(late.head['retry-after'], /^[1-9]\d*$/);
  session.destroy();
  assert.doesNotMatch(world.daemon.output(), /well-known|jwks|revocation-list/);
});

test('a folder that changes counts at once, an older list never, and one of somebody else not at all', async () => {
  await world.endDaemon();
  await world.startDaemon('--public-folder', 'open');
  const session = connectAsAnyone();
  const before = (await ask(session, listPath)).head.etag;
  writeFileSync(world.path('soon'), oldList(10, 3000, hash(issued.uvci))); // its next update is in ten minutes
  await publish('open', 'soon', '--signer', 'shc/certificate.pem');
  let given;
  await until(async () => { given = await ask(session, listPath); return given.head.etag !== before; });
  assert.ok(given.body.equals(readFileSync(world.path('soon'))));
  const [, age] = /^public, max-age=(\d+)$/.exec(given.head['cache-control']);
  assert.ok(Number(age) > 0 && Number(age) <= 600);
  await publish('open', 'list2', '--signer', 'shc/certificate.pem');
  await until(() => /public folder not taken.*DIRECTORY_STALE/.test(world.daemon.output()));
  copyFileSync(world.path('trust.cbor'), world.path('open', 'revocation-list.cbor'));
  await until(() => /public folder not taken.*SIGNATURE_INVALID/.test(world.daemon.output()));
  assert.equal((await ask(session, listPath)).head.etag, given.head.etag);
  session.close();
});

test('settings that do not go together are said', async () => {
  const settings = ['--state', 'state', '--certificate', 'server/certificate.pem', '--key', 'server/key.pem',
    '--client-ca', 'ca/certificate.pem', '--authority', 'authority/certificate.pem', '--directory', 'directory.cbor',
    '--permits', 'permits.cbor', '--issuer', 'issuer.sock', '--check-config'];
  const open = ['--trust-list', 'trust.cbor', '--public-listen', '127.0.0.1:0'];
  for (const [more, said] of [[['--revocation-list', 'list2'], /revocation-list needs trust-list/],
    [['--trust-list', 'trust.cbor', '--revocation-list', 'list2'], /revocation_list\.version ascends/],
    [['--trust-list', 'trust.cbor', '--revocation-list', 'nothing'], /NOT_FOUND/],
    [['--public-folder', 'again'], /public-folder needs public-listen/],
    [[...open, '--public-folder', 'nowhere'], /nowhere.*NOT_FOUND/],
    [[...open, '--public-folder', 'open'], /open.*SIGNATURE_INVALID/]]) {
    const { code, stderr } = await run('vrxd', [...settings, ...more], { cwd: world.folder });
    assert.notEqual(code, 0);
    assert.match(stderr, said);
  }
  assert.equal((await run('vrxd', [...settings, ...open, '--public-folder', 'again'], { cwd: world.folder })).code, 0);
});
