// SPDX-License-Identifier: Apache-2.0
// A number card answers for its holder at a kiosk: a challenge of vrxd, signed by a card in SoftHSM2 through `vrx`, or
// by the same key here; certificates, revocation list and OCSP answers by openssl. Then everything that is no good answer.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World } from './harness.mjs';
import { program, runWell, until } from './programs.mjs';
import { addressee, dose, evidenceOf, hanako, taro } from './steps.mjs';
import { CardAuthority } from './number_cards.mjs';

const module_ = '/usr/lib/softhsm/libsofthsm2.so';
const folder = mkdtempSync(join(tmpdir(), 'vrx-cards-'));
const certificate = { resident: addressee(1), purpose: 'PURPOSE_CERTIFICATE' };
let cards;
let stranger; // another authority
let world;
let kiosk;
let counter;

// Who are at the counter shows the card: the identity check that links it.
const seen = (resident) => evidenceOf(counter, resident, { method: 'IDENTITY_METHOD_CARD_SEEN',
  purpose: 'PURPOSE_CERTIFICATE', documents: [{ type: 'DOCUMENT_TYPE_NUMBER_CARD', number: 'C-1' }] });
const link = async (resident, name, from = cards) => counter.Kiosk.linkCard({ resident, evidenceId: await seen(resident),
  certificate: from.der(name) });

const clients = () => {
  kiosk = world.client('sapporo-kiosk');
  counter = world.client('sapporo-counter');
};

before(async () => {
  cards = new CardAuthority(join(folder, 'cards'));
  stranger = new CardAuthority(join(folder, 'stranger'));
  for (const name of ['card', 'taro', 'lost', 'listed', 'unlinked']) cards.certificate(name);
  cards.certificate('over', { from: -20 * 86400, until: -86400 });
  stranger.certificate('card');
  cards.publish({ byList: 'listed', byResponder: 'lost' });
  const url = await cards.listen();
  world = await World.make({ towns: ['sapporo'], unattended: true, daemon: ['--card-anchors', cards.path('ca.pem'),
    '--card-crl', cards.path('crl.pem'), '--card-ocsp', url, '--card-ocsp-seconds', '1', '--card-tries', '3',
    '--card-terminal-tries', '40', '--card-wait-seconds', '1'] });
  clients();
  for (const resident of [hanako, taro]) await counter.Records.registerResident({ resident });
  for (const [name, resident] of [['card', 1], ['lost', 1], ['listed', 1], ['taro', 2]]) await link(addressee(resident), name);
});

after(async () => {
  await world?.close();
  cards?.close();
  rmSync(folder, { recursive: true, force: true });
});

const challenge = (request = certificate) => kiosk.Kiosk.challengeCard(request);
const answer = (given, values = {}) => kiosk.Kiosk.answerChallenge({ nonce: given.nonce, certificate: cards.der('card'),
  signature: cards.sign(given.message), ...values });
const right = async () => answer(await challenge());
const wrong = async () => {
  const given = await challenge();
  return answer(given, { signature: cards.sign(Buffer.concat([given.message, Buffer.from('!')])) });
};

// The same answer again and again, until nothing waits: what is refused for that uses nothing up.
const opened = async () => {
  const given = await challenge();
  return until(() => answer(given).catch((error) => (error.reason === 'RATE_EXCEEDED' ? null : Promise.reject(error))));
};

test('a good answer is an identity check, and leads to a certificate at the kiosk', async () => {
  for (const [doseNumber, administeredOn] of [[1, '2021-06-01'], [2, '2021-06-22']])
    await counter.Records.recordVaccination({ resident: addressee(1), dose: dose({ doseNumber, administeredOn }) });
  const before_ = cards.asked;
  const given = await challenge();
  assert.equal(given.message.subarray(0, 21).toString(), 'vrx.card-challenge.1\0');
  assert.ok(given.message.includes(given.nonce));
  const { evidenceId, checkedAt } = await answer(given);
  assert.equal(evidenceId.length, 16);
  assert.ok(checkedAt <= given.expiresAt);
  assert.equal(cards.asked, before_ + 1, 'the responder was asked');
  const { applicationId } = await kiosk.Certificates.apply({ resident: addressee(1), evidenceId,
    kind: 'CERTIFICATE_KIND_HCERT', passportSurname: 'SAPPORO', passportGivenName: 'HANAKO' });
  assert.ok((await kiosk.Certificates.issue({ applicationId })).certificate);
});

test('the evidence serves for what the challenge was for', async () => {
  const { evidenceId } = await answer(await challenge({ resident: addressee(1), purpose: 'PURPOSE_MOVER' }));
  await refused(kiosk.Certificates.apply({ resident: addressee(1), evidenceId, kind: 'CERTIFICATE_KIND_HCERT',
    passportSurname: 'SAPPORO', passportGivenName: 'HANAKO' }), 'EVIDENCE_SUBJECT');
});

test('the card of `vrx identity check`, and a wrong PIN', { skip: !existsSync(module_) && 'no SoftHSM2' }, async () => {
  mkdirSync(join(folder, 'tokens'), { mode: 0o700 });
  writeFileSync(join(folder, 'softhsm.conf'), `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
  const env = { ...process.env, SOFTHSM2_CONF: join(folder, 'softhsm.conf') };
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'Card', '--so-pin', '12345678', '--pin', '4711'],
    { env, stdio: 'pipe' });
  execFileSync('softhsm2-util', ['--import', cards.path('card.key'), '--token', 'Card', '--label', 'user', '--id', '31',
    '--pin', '4711'], { env, stdio: 'pipe' });
  await runWell('vrx-token-key', [module_, 'Card', '4711', cards.path('card.pem'), 'user', '1'], { env });
  const check = (pin) => new Promise((resolve) => {
    const vrx = spawn(program('vrx'), ['identity', 'check', '--card', `pkcs11:token=Card;object=user?module-path=${module_}`,
      '--addressee', '1', '--purpose', 'certificate', '--server', `localhost:${world.port}`, '--terminal', 'sapporo-kiosk'],
    { cwd: world.folder, env });
    let output = '';
    for (const stream of [vrx.stdout, vrx.stderr]) stream.on('data', (text) => { output += text; });
    vrx.on('close', (code) => resolve({ code, output }));
    vrx.stdin.end(`${pin}\n`);
  });
  const good = await check('4711');
  assert.equal(good.code, 0, good.output);
  assert.match(good.output, /^[0-9a-f]{32}$/m);
  const { applicationId } = await kiosk.Certificates.apply({ resident: addressee(1), kind: 'CERTIFICATE_KIND_HCERT',
    evidenceId: Buffer.from(/^[0-9a-f]{32}$/m.exec(good.output)[0], 'hex'), passportSurname: 'SAPPORO', passportGivenName: 'HANAKO' });
  assert.equal(applicationId.length, 16);
  const bad = await check('1174');
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /TOKEN_PIN/);
});

test('a challenge is answered once, also where vrxd is killed between', async () => {
  const given = await challenge();
  const open = await challenge();
  await answer(given);
  await refused(answer(given), 'CHALLENGE_UNKNOWN');
  await world.endDaemon('SIGKILL');
  await world.startDaemon();
  await world.unseal('sapporo');
  clients();
  await refused(answer(given), 'CHALLENGE_UNKNOWN');
  assert.ok((await answer(open)).evidenceId, 'and one that was not is good still');
});

test('a wrong answer uses the challenge up', async () => {
  const given = await challenge();
  await refused(answer(given, { signature: Buffer.alloc(256, 1) }), 'SIGNATURE_INVALID');
  await refused(answer(given), 'CHALLENGE_UNKNOWN');
  await right();
});

test('a challenge is of its terminal', async () => {
  const given = await counter.Kiosk.challengeCard(certificate);
  await refused(answer(given), 'CHALLENGE_UNKNOWN');
});

test('another person\'s card, and one that nobody linked', async () => {
  const own = { certificate: cards.der('taro') };
  await refused(answer(await challenge(), own), 'EVIDENCE_SUBJECT');
  assert.ok((await answer(await challenge({ ...certificate, resident: addressee(2) }), own)).evidenceId);
  await refused(answer(await challenge(), { certificate: cards.der('unlinked') }), 'CARD_UNKNOWN');
});

test('what is linked: seen by an officer just now, valid, of the authority, once', async () => {
  await refused(link(addressee(2), 'card'), 'ALREADY_EXISTS');
  await refused(link(addressee(2), 'over'), 'CERTIFICATE_INVALID');
  await refused(link(addressee(2), 'card', stranger), 'CERTIFICATE_INVALID');
  await refused(link(addressee(2), 'responder'), 'CERTIFICATE_INVALID');
  await refused(counter.Kiosk.linkCard({ resident: addressee(1), certificate: cards.der('unlinked'),
    evidenceId: await evidenceOf(counter, addressee(1)) }), 'EVIDENCE_METHOD');
  await refused(counter.Kiosk.linkCard({ resident: addressee(2), certificate: cards.der('unlinked'),
    evidenceId: await seen(addressee(1)) }), 'EVIDENCE_SUBJECT');
});

test('revoked by the list, revoked by the responder: CARD_REVOKED', async () => {
  const before_ = cards.asked;
  await refused(answer(await challenge(), { certificate: cards.der('listed') }), 'CARD_REVOKED');
  assert.equal(cards.asked, before_, 'the list has it: nobody was asked');
  await refused(answer(await challenge(), { certificate: cards.der('lost') }), 'CARD_REVOKED');
  assert.equal(cards.asked, before_ + 1);
});

for (const [how, clause] of [['silent', /answer/], ['stale', /thisUpdate is stale/], ['wrongly signed', /signed by/], ['repeats', /nonce/]])
  test(`a responder's answer that is ${how} lets nobody in: CARD_STATUS_UNKNOWN`, async () => {
    cards.how = how;
    try {
      if (how === 'repeats') await right(); // the first answer is to the first question
      const refusal = await refused(right(), 'CARD_STATUS_UNKNOWN');
      assert.match(refusal.clause, clause);
    } finally {
      cards.how = 'real';
    }
    await right();
  });

test('a responder that is not there, a list that is over', async () => {
  const { port } = cards.server.address();
  cards.close();
  await refused(right(), 'CARD_STATUS_UNKNOWN');
  await new Promise((resolve) => { cards.server.listen(port, '127.0.0.1', resolve); });
  await right();
  rmSync(cards.path('crl.pem'));
  await refused(right(), 'CARD_STATUS_UNKNOWN');
  cards.publish({ byList: 'listed', byResponder: 'lost' });
  await right();
});

test('three wrong answers lock the card for a time; what could not be judged counts for nothing', async () => {
  cards.how = 'wrongly signed';
  for (let i = 0; i < 4; i++) await refused(right(), 'CARD_STATUS_UNKNOWN');
  cards.how = 'real';
  for (let i = 0; i < 3; i++) await refused(wrong(), 'SIGNATURE_INVALID');
  const refusal = await refused(right(), 'RATE_EXCEEDED');
  assert.ok(refusal.retryMs > 0 && refusal.retryMs <= 1000, `${refusal.retryMs}`);
  assert.ok((await answer(await challenge({ ...certificate, resident: addressee(2) }), { certificate: cards.der('taro') })).evidenceId,
    'another card is not locked');
  const { alerts } = await world.client('sapporo-console').Alerts.listAlerts({});
  assert.ok(alerts.some(({ kind }) => kind === 'ALERT_KIND_CARD_FAILURES'));
  assert.ok((await opened()).evidenceId, 'the lock has its end');
  await refused(wrong(), 'SIGNATURE_INVALID');
  await right();
});

test('wrong answers of any card are counted at the terminal too', async () => {
  let refusal = null;
  for (let i = 0; i < 41 && !refusal; i++) {
    const outcome = await answer(await challenge(), { certificate: cards.der('unlinked') }).catch((error) => error);
    if (outcome.reason === 'RATE_EXCEEDED') refusal = outcome;
    else assert.equal(outcome.reason, 'CARD_UNKNOWN');
  }
  assert.ok(refusal?.retryMs > 0);
  await opened();
});

test('a card that was ended opens nothing', async () => {
  const { cards: linked } = await counter.Kiosk.listCards({ resident: addressee(2) });
  assert.equal(linked.length, 1);
  await world.well('sapporo-counter', 'card', 'end', '--id', linked[0].cardId.toString('hex'));
  await refused(answer(await challenge({ ...certificate, resident: addressee(2) }), { certificate: cards.der('taro') }), 'CARD_UNKNOWN');
  const list = await world.well('sapporo-counter', 'card', 'list', '--addressee', '2', '--json');
  assert.ok(JSON.parse(list)[0].ended_at);
  await refused(counter.Kiosk.endCard({ cardId: linked[0].cardId }), 'CARD_UNKNOWN');
});

test('without anchors no card is taken', async () => {
  await world.endDaemon();
  world.options.daemon = [];
  await world.startDaemon();
  await world.unseal('sapporo');
  clients();
  await refused(challenge(), 'CARDS_NOT_TAKEN');
});
