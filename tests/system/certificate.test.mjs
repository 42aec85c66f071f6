// SPDX-License-Identifier: Apache-2.0
// From application to certificate, verified by software that is not VRX's: taken apart by hcert.mjs, COSE by
// cose-kit, the EU's JSON schema by ajv, the QR code by jsqr. Then what must not be certified.
import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jsqr from 'jsqr';
import png from 'pngjs';
import Ajv from 'ajv/dist/2020.js';
import { refused } from './clients.mjs';
import { World } from './harness.mjs';
import { dccOf, open as takeApart } from './hcert.mjs';
import { run, shared } from './programs.mjs';
import { addressee, applyFor, ask, dose, evidenceOf, hanako, numberOf, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

// Its ES modules need a later Node than 18.
const { Sign1 } = createRequire(import.meta.url)('cose-kit');

let world;
let counter;
let kashiwa;
let issued;

before(async () => {
  world = await World.make();
  counter = world.client('sapporo-counter');
  kashiwa = world.client('kashiwa-counter');
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
});

after(() => world?.close());

const issue = async (client, applicationId) => (await client.Certificates.issue({ applicationId })).certificate;

// { sign1, header, claims } of an HCERT's text.
function open(text) {
  const { parts, header, claims } = takeApart(text);
  return { sign1: new Sign1(...parts), header, claims };
}

test('an application leads to a certificate', async () => {
  const before_ = Math.floor(Date.now() / 1000);
  issued = await issue(counter, await applyFor(counter, addressee(1)));
  assert.match(issued.uvci, /^URN:UVCI:01:JP:[A-Z0-9/]+#[A-Z0-9/:]$/);
  assert.ok(issued.issuedAt >= before_ && issued.expiresAt > issued.issuedAt);
  const { certificates } = await counter.Certificates.listCertificates({ resident: addressee(1) });
  assert.deepEqual(certificates, [{ ...issued, text: '', parts: [] }]);
});

test('cose-kit verifies it under the document signer that the kid names', async () => {
  const { sign1, header, claims } = open(issued.text);
  const signer = new X509Certificate(readFileSync(world.path('dsc', 'certificate.pem')));
  assert.equal(header.get(1), -7, 'ES256');
  assert.deepEqual(Buffer.from(header.get(4)), createHash('sha256').update(signer.raw).digest().subarray(0, 8));
  assert.equal(await sign1.verify(signer.publicKey), true);
  assert.equal(signer.verify(new X509Certificate(readFileSync(world.path('csca', 'certificate.pem'))).publicKey), true);
  assert.equal(claims.get(1), 'JP');
  assert.equal(claims.get(6), issued.issuedAt);
  assert.equal(claims.get(4), issued.expiresAt);

  const other = new X509Certificate(readFileSync(world.path('csca', 'certificate.pem')));
  assert.notEqual(await sign1.verify(other.publicKey).catch(() => false), true);
  sign1.payload[sign1.payload.length - 1] ^= 1;
  assert.notEqual(await sign1.verify(signer.publicKey).catch(() => false), true);
});

test('it says what Sapporo knows, and the name as in the passport', async () => {
  const dcc = dccOf(issued.text);
  const { doses } = await counter.Records.getHistory({ resident: addressee(1) });
  assert.equal(dcc.dob, hanako.birthDate);
  assert.deepEqual(dcc.nam, { fn: 'SAPPORO', fnt: 'SAPPORO', gn: 'HANAKO', gnt: 'HANAKO' });
  assert.equal(dcc.v.length, 1);
  const [entry] = dcc.v;
  assert.equal(entry.dt, doses.at(-1).administeredOn);
  assert.equal(entry.dn, 2);
  assert.equal(entry.sd, 2);
  assert.equal(entry.mp, 'EU/1/20/1528');
  assert.equal(entry.co, 'JP');
  assert.equal(entry.ci, issued.uvci);
  assert.doesNotMatch(JSON.stringify(dcc), /123456789018|札幌 花子/);
});

const schema = join(shared('VRX_VECTORS', 'vectors'), 'eu-dcc', 'DCC.combined-schema.json');
test('the EU schema for digital COVID certificates accepts it', { skip: !existsSync(schema) && 'no vectors' }, () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
  const dcc = dccOf(issued.text);
  assert.equal(validate(dcc), true, JSON.stringify(validate.errors));
  assert.equal(validate({ ...dcc, dob: '12 October' }), false, 'and refuses what it should');
});

test('jsqr reads the PNG of `vrx certificate issue` back', async () => {
  const applicationId = (await applyFor(counter, addressee(1))).toString('hex');
  await world.well('sapporo-counter', 'certificate', 'issue', '--application', applicationId, '--out', 'qr.txt',
    '--png', 'qr.png');
  const { data, width, height } = png.PNG.sync.read(readFileSync(world.path('qr.png')));
  const code = jsqr(new Uint8ClampedArray(data), width, height);
  const text = readFileSync(world.path('qr.txt'), 'utf8').trim();
  assert.ok(code, 'there is a QR code');
  assert.equal(code.data, text);
  assert.equal(await open(text).sign1.verify(
    new X509Certificate(readFileSync(world.path('dsc', 'certificate.pem'))).publicKey), true);
});

test('`vrx verify` accepts the PNG offline, and not one changed character', async () => {
  const verify = (file) => run('vrx', ['verify', file, '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem'], { cwd: world.folder });
  assert.equal((await verify('qr.png')).code, 0);
  const text = readFileSync(world.path('qr.txt'), 'utf8').trim();
  const at = 100;
  writeFileSync(world.path('changed.txt'), text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1));
  assert.notEqual((await verify('changed.txt')).code, 0);
});

test('no application: APPLICATION_MISSING', async () => {
  await refused(issue(counter, Buffer.alloc(16)), 'APPLICATION_MISSING');
  await refused(issue(counter, Buffer.alloc(0)), 'APPLICATION_MISSING');
});

test('an application twice: APPLICATION_USED, also after both processes began anew', async () => {
  const applicationId = await applyFor(counter, addressee(1));
  await issue(counter, applicationId);
  await refused(issue(counter, applicationId), 'APPLICATION_USED');
  await world.endDaemon();
  await world.issuer.end();
  await world.startIssuer();
  await world.startDaemon();
  counter = world.client('sapporo-counter');
  kashiwa = world.client('kashiwa-counter');
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
  await refused(issue(counter, applicationId), 'APPLICATION_USED');
});

// Between the two daemons stands one that passes the request on and kills vrxd before it gets the answer.
test('vrxd is killed before it records what was signed: asked again, it is the same certificate', async (t) => {
  const applicationId = await applyFor(counter, addressee(1));
  const lost = []; // of the answer that vrxd does not get
  let losing = true;
  const between = createServer({ allowHalfOpen: true }, (caller) => {
    const issuer = createConnection(world.path('issuer.sock'));
    caller.on('data', (bytes) => issuer.write(bytes));
    caller.on('end', () => issuer.end());
    for (const one of [caller, issuer]) one.on('error', () => {});
    issuer.on('data', (bytes) => {
      if (!losing) {
        caller.write(bytes);
        return;
      }
      if (lost.length === 0) world.daemon.end('SIGKILL');
      lost.push(bytes);
    });
    issuer.on('end', () => caller.end());
  });
  t.after(() => between.close());
  await new Promise((resolve) => { between.listen(world.path('between.sock'), resolve); });
  const again = async () => {
    await world.startDaemon('--issuer', 'between.sock');
    for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
    counter = world.client('sapporo-counter');
    kashiwa = world.client('kashiwa-counter');
  };
  await world.endDaemon();
  await again();
  const cut = await issue(counter, applicationId).then(() => assert.fail('vrxd was killed'), (error) => error);
  assert.equal(cut.code, 14, 'UNAVAILABLE: the connection is gone');
  await world.endDaemon('SIGKILL');
  losing = false;
  await again();
  const certificate = await issue(counter, applicationId);
  assert.ok(Buffer.concat(lost).includes(certificate.text), 'what was signed the first time');
  assert.match(world.issuer.output(), /given again 011002/);
  await refused(issue(counter, applicationId), 'APPLICATION_USED');
  const listed = (await run('vrx-issuer', ['--list', '--state', world.path('issuer')])).stdout;
  assert.equal(listed.split('\n').filter((line) => line.includes(applicationId.toString('hex'))).length, 2);
  await world.endDaemon();
  await world.startDaemon();
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
  counter = world.client('sapporo-counter');
  kashiwa = world.client('kashiwa-counter');
});

test('two at once with one application: one certificate', async () => {
  const applicationId = await applyFor(counter, addressee(1));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => issue(counter, applicationId)));
  const good = outcomes.filter(({ status }) => status === 'fulfilled');
  assert.equal(good.length, 1);
  for (const { reason } of outcomes.filter(({ status }) => status === 'rejected'))
    assert.equal(reason.reason, 'APPLICATION_USED', reason.message);
});

test('no identity check, or one for another purpose or person', async () => {
  await refused(applyFor(counter, addressee(1), { evidenceId: Buffer.alloc(0) }), 'EVIDENCE_MISSING');
  const mover = await evidenceOf(counter, addressee(1));
  await refused(applyFor(counter, addressee(1), { evidenceId: mover }), 'EVIDENCE_SUBJECT');
  const other = await evidenceOf(counter, addressee(2), { purpose: 'PURPOSE_CERTIFICATE' });
  await refused(applyFor(counter, addressee(1), { evidenceId: other }), 'EVIDENCE_SUBJECT');
});

test('a proxy needs a proxy\'s identity check: EVIDENCE_METHOD', async () => {
  await refused(issue(counter, await applyFor(counter, addressee(1), { byProxy: true })), 'EVIDENCE_METHOD');
});

test('Kashiwa cannot certify what Sapporo administered: DOSE_FOREIGN', async () => {
  await kashiwa.Records.registerResident({ resident: { ...hanako, addresseeNumber: '500001' } });
  const last = (await watch(kashiwa, await ask(kashiwa, addressee(500001)))).at(-1);
  assert.equal(last.dosesImported, 2);
  await refused(issue(kashiwa, await applyFor(kashiwa, addressee(500001))), 'DOSE_FOREIGN');
});

test('a protected person: DISCLOSURE_REFUSED, also when the flag came after the application', async () => {
  const applicationId = await applyFor(counter, addressee(2));
  await world.client('sapporo-console').Records.setProtection({ resident: addressee(2), noSelfDisclosure: true });
  await refused(issue(counter, applicationId), 'DISCLOSURE_REFUSED');
  await refused(applyFor(counter, addressee(2)), 'DISCLOSURE_REFUSED');
});

test('the second dose ten days after the first is for a clerk to look at first: DOSE_INTERVAL', async () => {
  const resident = { addresseeNumber: '700020', individualNumber: numberOf(70000000020), name: '間隔 二子',
    kana: 'カンカク ニコ', birthDate: '1988-08-08', sex: 2, address: '' };
  await counter.Records.registerResident({ resident });
  const record = (values) => counter.Records.recordVaccination({ resident: addressee(700020), dose: dose(values) });
  await record({ doseNumber: 1, administeredOn: '2021-07-01' });
  await record({ doseNumber: 2, administeredOn: '2021-07-11' });
  await refused(issue(counter, await applyFor(counter, addressee(700020))), 'DOSE_INTERVAL');
});

test('a resident without doses: NOT_FOUND', async () => {
  const resident = { addresseeNumber: '700021', name: '無接 種子', birthDate: '1988-08-08', sex: 2 };
  await counter.Records.registerResident({ resident });
  await refused(issue(counter, await applyFor(counter, addressee(700021))), 'NOT_FOUND');
});

test('more in an hour than the issuer signs: RATE_EXCEEDED, and the application is good later', async () => {
  await world.issuer.end();
  await world.startIssuer('--hourly-cap', '1');
  let refusedOne = null; // at the latest the third: an hour may begin in between, not two
  for (let i = 0; i < 3 && !refusedOne; i++) {
    const applicationId = await applyFor(counter, addressee(1));
    const outcome = await issue(counter, applicationId).then(() => null, (error) => error);
    if (outcome) refusedOne = { applicationId, reason: outcome.reason };
  }
  assert.equal(refusedOne?.reason, 'RATE_EXCEEDED');
  await world.issuer.end();
  await world.startIssuer();
  assert.ok((await issue(counter, refusedOne.applicationId)).text);
});

test('without the issuer: ISSUER_UNAVAILABLE, and the application is good when it is back', async () => {
  const applicationId = await applyFor(counter, addressee(1));
  await world.issuer.end();
  const refusal = await refused(issue(counter, applicationId), 'ISSUER_UNAVAILABLE');
  assert.equal(refusal.retry, 'LATER');
  assert.equal((await counter.Tenancy.status()).issuerAvailable, false);
  await world.startIssuer();
  assert.equal((await counter.Tenancy.status()).issuerAvailable, true);
  assert.ok((await issue(counter, applicationId)).text);
});
