// SPDX-License-Identifier: Apache-2.0
// One application at Kashiwa, doses given there and at Sapporo, which another daemon keeps: the applicant sees one result
// with a certificate of each. What stops the one of Sapporo: a consent that does not name it, or was withdrawn; a person
// who is protected there. What does not: a vault that is sealed for a while, a daemon that is killed between the issuer's
// answer and its record.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { Apart } from './movers.mjs';
import { codeOf, until } from './harness.mjs';
import { run } from './programs.mjs';
import { addressee, applyFor, consentOf, dose, evidenceOf, hanako, numberOf, taro } from './steps.mjs';

const sapporo = codeOf('sapporo');
const kashiwa = codeOf('kashiwa');
const protectedOne = { ...taro, addresseeNumber: '3', individualNumber: numberOf(30000000003), name: '保護 三子', kana: '' };
const unknown = { ...taro, addresseeNumber: '4', individualNumber: numberOf(40000000004), name: '未知 四郎', kana: '' };

let world;
let counter; // at Kashiwa

const permits = (table) => [...table, { id: 'certificate-with-consent', purpose: 'certificate',
  legal_basis: '番号法第19条第8号（本人同意）・第16条（本人確認）', askers: [], asked: [], items: ['dose', 'lot'],
  consent_required: true, methods: ['card-signature', 'card-seen', 'notification-photo', 'two-documents'],
  evidence_days: 30, in_force_from: '2021-04-12', in_force_until: '2035-03-31' }];

const entries = async (town, method) => (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line)).filter((entry) => entry.method === method);

async function apply(resident, values = {}) {
  const evidenceId = await evidenceOf(counter, resident, { purpose: 'PURPOSE_CERTIFICATE' });
  const consentId = await consentOf(counter, resident, evidenceId, { purpose: 'PURPOSE_CERTIFICATE', ...values.consent });
  const applicationId = await applyFor(counter, resident, { evidenceId, consentId, elsewhere: [sapporo] });
  return { applicationId, consentId };
}

const parts = async (applicationId) => (await counter.Certificates.getApplication({ applicationId })).parts;
const elsewhere = async (applicationId) => (await parts(applicationId)).find(({ municipality }) => municipality === sapporo);
const ended = (applicationId) => until(async () => {
  const part = await elsewhere(applicationId);
  return part.state !== 'ELSEWHERE_STATE_WAITING' && part;
});
const held = async (number) => (await world.client('sapporo-counter').Certificates.listCertificates(
  { resident: addressee(number) })).certificates;

before(async () => {
  world = await Apart.make();
  await world.daemons.platform.setPermits(permits);
  for (const town of ['sapporo', 'kashiwa']) {
    const at = world.client(`${town}-counter`);
    for (const resident of [hanako, taro, protectedOne, ...(town === 'kashiwa' ? [unknown] : [])])
      await at.Records.registerResident({ resident });
    await at.Records.recordVaccination({ resident: addressee(1), dose: town === 'sapporo' ? dose()
      : dose({ doseNumber: 2, administeredOn: '2021-07-22', administeredBy: kashiwa }) });
  }
  await world.client('sapporo-counter').Records.recordVaccination({ resident: addressee(3), dose: dose() });
  await world.client('sapporo-console').Records.setProtection({ resident: addressee(3), noAutomaticAnswer: true });
  counter = world.client('kashiwa-counter');
  for (const town of ['sapporo', 'kashiwa']) // each in its daemon
    await until(async () => Number((await world.of(town).client('platform').Law.getPermitTable({})).version) === 2);
});
after(() => world?.close());

let issued; // application, and Sapporo's certificate

test('one application by `vrx`: a certificate of each municipality, and `vrx verify` accepts both', async () => {
  const json = async (...args) => JSON.parse(await world.well('kashiwa-counter', ...args, '--json'));
  writeFileSync(world.path('form.png'), 'the signed form');
  writeFileSync(world.path('documents'), 'notification-card\tN-1\ndriving-licence\tD-1\n');
  const { evidence_id: evidence } = await json('evidence', 'record', '--addressee', '1', '--method', 'notification-photo',
    '--documents-file', 'documents', '--purpose', 'certificate');
  const { consent_id: consent } = await json('consent', 'grant', '--addressee', '1', '--evidence', evidence, '--origin', sapporo,
    '--item', 'dose', '--item', 'lot', '--form-number', 'F-1', '--form', 'form.png', '--days', '30', '--purpose', 'certificate');
  const { application_id: application } = await json('certificate', 'apply', '--addressee', '1', '--evidence', evidence,
    '--surname', 'SAPPORO', '--given-name', 'HANAKO', '--elsewhere', sapporo, '--consent', consent);
  await world.well('kashiwa-counter', 'certificate', 'issue', '--application', application);
  const part = await ended(Buffer.from(application, 'hex'));
  assert.equal(part.state, 'ELSEWHERE_STATE_ISSUED', `${part.reason} ${part.clause}`);
  const shown = await json('certificate', 'show', '--application', application);
  assert.deepEqual(shown.map(({ municipality, state }) => [municipality, state]),
    [[kashiwa, 'issued'], [sapporo, 'issued']]);
  const said = [];
  for (const { municipality, certificate } of shown) {
    writeFileSync(world.path(`${municipality}.txt`), certificate.text);
    const { code, stdout, stderr } = await run('vrx', ['verify', `${municipality}.txt`, '--trust-list', 'trust.cbor',
      '--authority', 'authority/certificate.pem', '--json'], { cwd: world.of('kashiwa').folder });
    assert.equal(code, 0, stdout + stderr);
    said.push(stdout);
  }
  assert.match(said[0], /2021-07-22/);
  assert.match(said[1], /2021-07-01/);
  assert.match(await world.well('kashiwa-counter', 'certificate', 'show', '--application', application), /交付済み/);
  assert.notEqual(shown[0].certificate.uvci, shown[1].certificate.uvci);
  issued = { application, uvci: shown[1].certificate.uvci };
});

test('Sapporo keeps its own, revokes it, and both ledgers say who asked and who replied', async () => {
  const own = await held(1);
  assert.deepEqual(own.map(({ uvci }) => uvci), [issued.uvci]);
  await world.client('sapporo-counter').Certificates.revoke({ uvci: issued.uvci });
  await refused(world.client('sapporo-counter').Certificates.issue(
    { applicationId: Buffer.from(issued.application, 'hex') }), 'APPLICATION_MISSING');
  for (const [town, ...methods] of [['kashiwa', 'certificate-asked', 'certificate-reply'],
    ['sapporo', 'certificate-query', 'certificate-replied']])
    for (const method of methods) {
      const found = await entries(town, `exchange/${method}`);
      assert.deepEqual(found.map(({ outcome }) => outcome), ['OK'], method);
      assert.ok(found[0].person && found[0].commitment, method);
    }
});

test('a consent that does not name Sapporo, none, and another purpose: nothing is asked', async () => {
  const resident = addressee(1);
  await refused(apply(resident, { consent: { origins: [kashiwa] } }), 'CONSENT_SCOPE');
  await refused(apply(resident, { consent: { purpose: 'PURPOSE_MOVER' } }), 'CONSENT_SCOPE');
  await refused(applyFor(counter, resident, { elsewhere: [sapporo] }), 'CONSENT_MISSING');
  await refused(applyFor(counter, resident, { elsewhere: [kashiwa] }), 'INPUT_RANGE');
  assert.equal((await entries('kashiwa', 'exchange/certificate-asked')).length, 1);
});

test('nobody there, somebody who is protected, and somebody without a dose: no record, each as the other', async () => {
  const asked = [];
  for (const number of [2, 3, 4]) asked.push((await apply(addressee(number))).applicationId);
  for (const applicationId of asked) {
    const { state, reason, clause, certificate } = await ended(applicationId);
    assert.deepEqual([state, reason, clause, certificate ?? null], ['ELSEWHERE_STATE_NO_RECORD', '', '', null]);
  }
  assert.deepEqual(await held(3), []);
});

test('a vault that is sealed for a while, and a consent that is withdrawn meanwhile', async () => {
  await world.well('sapporo-console', 'seal');
  const waits = await apply(addressee(1));
  const withdrawn = await apply(addressee(1));
  await counter.Exchange.revokeConsent({ consentId: withdrawn.consentId });
  const { state, reason } = await elsewhere(withdrawn.applicationId);
  assert.deepEqual([state, reason], ['ELSEWHERE_STATE_REFUSED', 'CONSENT_REVOKED']);
  assert.equal((await elsewhere(waits.applicationId)).state, 'ELSEWHERE_STATE_WAITING');
  await world.unseal('sapporo');
  assert.equal((await ended(waits.applicationId)).state, 'ELSEWHERE_STATE_ISSUED');
  assert.equal((await elsewhere(withdrawn.applicationId)).state, 'ELSEWHERE_STATE_REFUSED');
});

// Between the daemon and the issuer stands one that passes the request on and kills vrxd before it gets the answer.
test('Sapporo is killed before it records what was signed: one certificate, the same', async () => {
  const north = world.of('sapporo');
  const before_ = (await held(1)).length;
  const lost = []; // of the answer that vrxd does not get
  let losing = true;
  const between = createServer({ allowHalfOpen: true }, (caller) => {
    const issuer = createConnection(north.path('issuer.sock'));
    caller.on('data', (bytes) => issuer.write(bytes));
    caller.on('end', () => issuer.end());
    for (const one of [caller, issuer]) one.on('error', () => {});
    issuer.on('data', (bytes) => {
      if (!losing) {
        caller.write(bytes);
        return;
      }
      if (!lost.length) north.daemon.end('SIGKILL');
      lost.push(bytes);
    });
    issuer.on('end', () => caller.end());
  });
  await new Promise((resolve) => { between.listen(north.path('between.sock'), resolve); });
  await north.endDaemon();
  await north.startDaemon('--issuer', 'between.sock');
  await world.unseal('sapporo');
  const { applicationId } = await apply(addressee(1));
  await until(() => lost.length > 0);
  await north.endDaemon('SIGKILL');
  losing = false;
  await north.startDaemon('--issuer', 'between.sock');
  await world.unseal('sapporo');
  const { state, certificate } = await ended(applicationId);
  assert.equal(state, 'ELSEWHERE_STATE_ISSUED');
  assert.ok(Buffer.concat(lost).includes(certificate.text), 'what was signed the first time');
  assert.equal((await held(1)).length, before_ + 1);
  between.close();
});
