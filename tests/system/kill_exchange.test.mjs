// SPDX-License-Identifier: Apache-2.0
// kill -9 of a daemon while a transfer, or what follows it, is in a certain state: the table below, each row with the daemon
// of either side. The test stands between the daemons and holds each row's messages where the row says. The daemon comes
// back, the messages go on, and every transfer ends as its row says, on both sides; every dose is there once, and the
// ledgers are those that the two sides' receipts name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decode } from './cddl.mjs';
import { Daemons } from './daemons.mjs';
import { codeOf, until } from './harness.mjs';
import { checkReceipts, heldReceipts, rawEntries } from './receipts.mjs';
import { addressee, consentOf, dose, evidenceOf, hanako, numberOf, queryFor } from './steps.mjs';

const daemonOf = { sapporo: 'north', kashiwa: 'south', kofu: 'west' };
const townOf = Object.fromEntries(Object.keys(daemonOf).map((town) => [codeOf(town), town]));
const [QUERY, RECEIPT, CONSENT_NOTICE, CORRECTION] = [1, 3, 4, 5]; // kinds of envelopes
const lot = 'FA7338'; // of a dose that was corrected

// What is done with the messages of a row, by their kind: let 'pass'; 'hold', so that they do not get there; 'lose' what
// is said to them, so that they got there and the sender does not know; 'one': the first passes, the others are held; a
// promise: they are on their way until it is kept.
//
// state: what is so when the daemon is killed. from, to: origin and destination. at: the transfer's state at the
// destination and at the origin then, null where it has not heard of it. ends: the same in the end, and how many doses the
// destination has. tied: a denial whose receipts both have. reach(t): brings it there; before(t): what officers do after the daemon has come back.
const rows = [
  { state: 'asked, not there yet', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'hold' },
    at: ['REQUESTED', null], ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'answered, not heard', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'lose' },
    at: ['REQUESTED', 'ANSWERED'], ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'officers look', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'one' }, protect: true,
    at: ['PENDING', 'PENDING'], before: (t) => approve(t), ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'one officer has agreed', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'one' }, protect: true,
    reach: (t) => approve(t, ['officer.one']), at: ['PENDING', 'PENDING'], before: (t) => approve(t, ['officer.two']),
    ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'two have agreed, not asked again', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'one' }, protect: true,
    reach: (t) => approve(t), at: ['PENDING', 'PENDING'], ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'what they let go left, not heard', from: 'sapporo', to: 'kashiwa', rules: { [QUERY]: 'one' }, protect: true,
    reach: async (t) => { await approve(t); t.rules[QUERY] = 'lose'; }, at: ['PENDING', 'ANSWERED'],
    ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'imported, receipt not there yet', from: 'sapporo', to: 'kashiwa', rules: { [RECEIPT]: 'hold' },
    at: ['IMPORTED', 'ANSWERED'], ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'imported, receipt not acknowledged', from: 'sapporo', to: 'kashiwa', rules: { [RECEIPT]: 'lose' },
    at: ['IMPORTED', 'RECEIVED'], ends: ['IMPORTED', 'RECEIVED', 1] },
  { state: 'corrected, not told yet', from: 'sapporo', to: 'kashiwa', rules: { [CORRECTION]: 'hold' },
    reach: (t) => correct(t, 1), at: ['IMPORTED', 'RECEIVED'], ends: ['IMPORTED', 'RECEIVED', 1], version: 2 },
  { state: 'corrected and told, not acknowledged', from: 'sapporo', to: 'kashiwa', rules: { [CORRECTION]: 'lose' },
    reach: (t) => correct(t, 2), at: ['IMPORTED', 'RECEIVED'], ends: ['IMPORTED', 'RECEIVED', 1], version: 2 },
  { state: 'consent withdrawn, not told yet', from: 'sapporo', to: 'kashiwa', protect: true,
    rules: { [QUERY]: 'one', [CONSENT_NOTICE]: 'hold' }, reach: (t) => withdraw(t), at: ['DENIED', 'PENDING'],
    ends: ['DENIED', 'DENIED', 0] },
  { state: 'consent withdrawn and told, not acknowledged', from: 'sapporo', to: 'kashiwa', protect: true,
    rules: { [QUERY]: 'one', [CONSENT_NOTICE]: 'lose' }, reach: (t) => withdraw(t), at: ['DENIED', 'DENIED'],
    ends: ['DENIED', 'DENIED', 0] },
  { state: 'answered, lost, withdrawn, denied, receipt not acknowledged', from: 'sapporo', to: 'kashiwa', tied: true,
    rules: { [QUERY]: 'lose', [CONSENT_NOTICE]: 'pass', [RECEIPT]: 'lose' }, reach: (t) => withdrawOnTheWay(t),
    at: ['DENIED', 'DENIED'], ends: ['DENIED', 'DENIED', 0] },
  { state: 'nobody there, not told yet', from: 'kofu', to: 'kashiwa', rules: { [QUERY]: 'one' }, nobody: true,
    at: ['PENDING', 'PENDING'], ends: ['NO_RECORD', 'NO_RECORD', 0] },
  { state: 'nobody there, told, not heard', from: 'kofu', to: 'kashiwa', rules: { [QUERY]: 'one' }, nobody: true,
    reach: (t) => { t.rules[QUERY] = 'lose'; }, at: ['PENDING', 'NO_RECORD'], ends: ['NO_RECORD', 'NO_RECORD', 0] },
  { state: 'denied, not heard', from: 'kofu', to: 'kashiwa', rules: { [QUERY]: 'hold' },
    reach: (t) => forbid(t), at: ['REQUESTED', 'DENIED'], ends: ['DENIED', 'DENIED', 0] },
  { state: 'asked in vain until its deadline', from: 'sapporo', to: 'kofu', rules: { [QUERY]: 'hold' }, inVain: true,
    at: ['REQUESTED', null], ends: ['EXPIRED', null, 0] },
];

let daemons;
const worldOf = (town) => daemons.world(daemonOf[town]);
const client = (town, kind = 'counter', ...more) => worldOf(town).client(`${town}-${kind}`, ...more);

// ---- between the daemons ----

const rulesOf = new Map(); // by the id of a query or a notice; what is new belongs to the transfer that is at work
let atWork = {};
const came = new Set(); // "held kind id", "there kind id"

const refusal = { reason: 'QUEUE_FULL', clause: '', retryMs: 100, envelope: Buffer.alloc(0) };

async function carry(name, request, envelope) {
  const message = decode(envelope);
  const [kind, id] = [message.get(1), message.get(4).toString('hex')];
  if (!rulesOf.has(id)) rulesOf.set(id, atWork);
  const rules = rulesOf.get(id);
  const rule = rules[kind] ?? 'pass';
  if (typeof rule === 'object') {
    came.add(`late ${kind} ${id}`);
    await rule;
  }
  if (rule === 'hold') {
    came.add(`held ${kind} ${id}`);
    return refusal;
  }
  if (rule === 'one') rules[kind] = 'hold';
  const from = daemonOf[townOf[request.fromMunicipality]];
  const { replies: [reply] } = await daemons.deliver(name, `daemon-${from}`, { ...request, envelopes: [envelope] });
  came.add(`there ${kind} ${id}`);
  return rule === 'lose' ? refusal : reply;
}

function between(name) {
  return daemons.stand(name, async (request) => {
    const replies = [];
    for (const envelope of request.envelopes) replies.push(await carry(name, request, envelope));
    return { replies };
  });
}

// ---- what people do ----

let number = 100;

// Somebody who moved, with one dose at the origin, and the query about them: a row's transfer.
async function ask(row) {
  number += 1;
  const resident = { ...hanako, addresseeNumber: String(number), individualNumber: numberOf(70000000000 + number),
    name: `移動 ${number}`, kana: '' };
  const t = { row, number, rules: { ...row.rules } };
  if (!row.nobody) {
    await client(row.from).Records.registerResident({ resident });
    t.dose = await client(row.from).Records.recordVaccination({ resident: addressee(number),
      dose: dose({ administeredBy: codeOf(row.from) }) });
    if (row.protect)
      await client(row.from, 'console').Records.setProtection({ resident: addressee(number), noAutomaticAnswer: true });
  }
  const to = client(row.to);
  await to.Records.registerResident({ resident });
  const evidenceId = await evidenceOf(to, addressee(number));
  t.consentId = await consentOf(to, addressee(number), evidenceId, { origins: [codeOf(row.from)] });
  atWork = t.rules;
  const waiting = new Set((await approvals(row.from)).map(({ approval }) => approval.toString('hex')));
  t.queryId = (await to.Exchange.requestTransfer(queryFor(addressee(number), evidenceId, t.consentId,
    { fromMunicipality: codeOf(row.from), toMunicipality: codeOf(row.to) }))).queryId;
  t.id = t.queryId.toString('hex');
  await until(() => rulesOf.has(t.id));
  if (row.protect)
    [t.approval] = await until(async () => {
      const fresh = (await approvals(row.from)).map(({ approval }) => approval)
        .filter((approval) => !waiting.has(approval.toString('hex')));
      return fresh.length && fresh;
    });
  return t;
}

// One after the other where notices leave, whose ids are not known before.
async function reach(round) {
  const tells = ({ rules }) => rules[CORRECTION] || rules[CONSENT_NOTICE];
  const others = round.filter((t) => !tells(t)).map((t) => t.row.reach?.(t));
  for (const t of round.filter(tells)) {
    atWork = t.rules;
    await t.row.reach(t);
  }
  await Promise.all(others);
}

const approvals = async (town) => (await client(town, 'console').Approvals.listApprovals({})).approvals;

async function approve({ row, approval }, officers = ['officer.one', 'officer.two']) {
  for (const operator of officers) {
    const { Approvals } = client(row.from, 'console', { operator });
    const { digest } = await Approvals.getApproval({ approval });
    await Approvals.approveAnswer({ approval, digest });
  }
}

// Until a message of this kind, which is this row's, has come so far.
const reached = (how, kind, rules) => until(() => [...came].some((what) => {
  const [found, of, id] = what.split(' ');
  return found === how && Number(of) === kind && rulesOf.get(id) === rules;
}));

const versionOf = async ({ row, number: addresseeNumber }) =>
  (await client(row.to).Records.getHistory({ resident: addressee(addresseeNumber) })).doses[0]?.version;

async function correct(t, version) {
  await until(async () => (await statesOf(t)).join() === 'IMPORTED,RECEIVED');
  const { doses: [{ id }] } = await client(t.row.from).Records.getHistory({ resident: addressee(t.number) });
  await client(t.row.from).Records.correctVaccination({ doseId: id, version: 1,
    dose: dose({ administeredBy: codeOf(t.row.from), lot }) });
  await reached(version === 1 ? 'held' : 'there', CORRECTION, t.rules);
  assert.equal(await until(() => versionOf(t)), version);
}

async function withdraw(t, states = 'PENDING,PENDING') {
  await until(async () => (await statesOf(t)).join() === states);
  await client(t.row.to).Exchange.revokeConsent({ consentId: t.consentId });
  await reached(t.rules[CONSENT_NOTICE] === 'hold' ? 'held' : 'there', CONSENT_NOTICE, t.rules);
}

// While the query is on its way once more, whose answer got lost.
async function withdrawOnTheWay(t) {
  let arrive;
  await until(async () => (await statesOf(t)).join() === 'REQUESTED,ANSWERED');
  t.rules[QUERY] = new Promise((resolve) => { arrive = resolve; });
  await reached('late', QUERY, t.rules);
  await withdraw(t, 'REQUESTED,ANSWERED');
  arrive();
  await reached('there', RECEIPT, t.rules);
}

// Kofu may be asked for nothing any more: by the table that it has, before the query gets there.
async function forbid(t) {
  await setPermits((permits) => permits.map((permit) => ({ ...permit, asked: [codeOf('sapporo'), codeOf('kashiwa')] })));
  t.rules[QUERY] = 'lose';
}

async function setPermits(change) {
  await daemons.platform.setPermits(change);
  const { permitVersion } = daemons.platform;
  for (const town of Object.keys(daemonOf))
    await until(async () => (await client(town).Law.getPermitTable({})).version === permitVersion);
}

// ---- what each side says ----

// By its explanation, whose proof is not looked at here: { state, receipts: of the other side }, or null.
async function seenBy(town, asker, t) {
  const { explanation } = await client(town, 'console').Exchange.explainTransfer(
    { queryId: t.queryId, askerMunicipality: asker }).catch((error) => {
    assert.equal(error.reason, 'NOT_FOUND', error.stack);
    return {};
  });
  if (!explanation) return null;
  const said = decode(decode(explanation).value[2]);
  const names = ['REQUESTED', 'DENIED', 'PENDING', 'ANSWERED', 'NO_RECORD', 'EXPIRED', 'RECEIVED', 'IMPORTED'];
  return { state: names[said.get(6) - 1], receipts: said.get(20).length };
}

const sides = (t) => Promise.all([seenBy(t.row.to, '', t), seenBy(t.row.from, codeOf(t.row.to), t)]);
const statesOf = async (t) => (await sides(t)).map((side) => side?.state ?? null);

const settle = (t, expected) => until(async () => {
  const states = await statesOf(t);
  return states.every((state, side) => state === expected[side]);
});

const transfers = []; // all of them, in the end
const isTied = ({ ends, tied }) => tied || (ends[1] && ends[0] !== 'DENIED');

// A dose once, and in the version that its row says.
async function checkDoses(t) {
  const { row, number: addresseeNumber } = t;
  const { doses } = await client(row.to).Records.getHistory({ resident: addressee(addresseeNumber) });
  assert.equal(doses.length, row.ends[2], row.state);
  for (const { version, provenance, lot: is } of doses)
    assert.deepEqual([version, provenance.origin, is === lot],
      [row.version ?? 1, codeOf(row.from), row.version === 2], row.state);
}

before(async () => {
  daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'], west: ['kofu'] },
    { unattended: true, pendingSeconds: 3600, of: { west: { pendingSeconds: 1, transferSeconds: 4 } } });
  await Promise.all(Object.values(daemonOf).map(between));
});
after(() => daemons?.close());

for (const killed of Object.keys(daemonOf)) {
  const table = rows.filter(({ from, to }) => from === killed || to === killed);
  test(`kill -9 of ${killed}'s daemon: ${table.length} states`, async (t) => {
    const world = worldOf(killed);
    if (transfers.length) await setPermits((permits) => permits); // as they were before another round
    const round = [];
    for (const row of table.filter(({ inVain }) => !inVain)) round.push(await ask(row));
    await reach(round);
    for (const one of round) await settle(one, one.row.at);
    for (const row of table.filter(({ inVain }) => inVain)) round.unshift(await ask(row)); // whose deadline is near
    for (const one of round) assert.deepEqual(await statesOf(one), one.row.at, one.row.state);
    await world.keepCheckpoint(killed);
    await world.endDaemon('SIGKILL');
    await world.checkVault(killed);
    await world.startDaemon();
    await world.unseal(killed);
    for (const one of round) await one.row.before?.(one);
    for (const { rules, row } of round) if (!row.inVain) for (const kind of Object.keys(rules)) rules[kind] = 'pass';
    for (const one of round) await settle(one, one.row.ends);
    // Both have the other's receipt of what was answered, and of what was corrected or withdrawn.
    for (const one of round.filter(({ row }) => isTied(row)))
      await until(async () => (await sides(one)).every(({ receipts }) => receipts > 0));
    for (const one of round.filter(({ row }) => row.version)) await until(async () => await versionOf(one) === 2);
    for (const one of round) await checkDoses(one);
    for (const { row, id } of round) t.diagnostic(`${row.from === killed ? 'origin' : 'destination'}: ${row.state}: ${id}`);
    transfers.push(...round);
  });
}

test('each state was met on either side', () => {
  for (const row of rows) assert.equal(transfers.filter((t) => t.row === row).length, 2, row.state);
});

test('no dose came in twice, and the ledgers are those that both sides\' receipts name', async () => {
  const ends = Object.keys(daemonOf).map((town) => ({ world: worldOf(town), town }));
  const [sapporo, kashiwa, kofu] = ends;
  const entries = (await kashiwa.world.well('kashiwa-console', 'audit', 'entries', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line)).filter(({ method }) => method === 'exchange/import');
  const expected = transfers.filter(({ row }) => row.ends[2]).reduce((sum, { row }) => sum + (row.version ?? 1), 0);
  assert.equal(entries.length, expected, 'each dose, and each version of it, has come in once');
  for (const end of ends) end.ledger = await rawEntries(end.world, end.town);
  await Promise.all(ends.map(({ world }) => world.endDaemon()));
  for (const end of ends) end.held = await heldReceipts(end.world, end.town);
  const directory = daemons.platform.path('directory.cbor');
  const tied = new Set([...checkReceipts(directory, [sapporo, kashiwa]), ...checkReceipts(directory, [kofu, kashiwa])]);
  for (const { row, id } of transfers)
    if (isTied(row)) assert.ok(tied.has(id), row.state);
});
