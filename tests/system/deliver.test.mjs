// SPDX-License-Identifier: Apache-2.0
// Transfers between municipalities of three daemons, each with its own certificates and, where the test runs as root,
// its own network: both ways, past a daemon that is down, sealed, silent or cut off, and past whoever is not the daemon
// that the directory names. Messages are caught on their way, kept, altered and sent again by the test.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encode } from './cddl.mjs';
import { refused } from './clients.mjs';
import { Daemons } from './daemons.mjs';
import { until } from './harness.mjs';
import { checkReceipts, heldReceipts, rawEntries } from './receipts.mjs';
import { addressee, consentOf, dose, evidenceOf, hanako, numberOf, queryFor, watch } from './steps.mjs';

let daemons;
let north; // keeps Sapporo
let south; // Kashiwa
let west; // Kofu

const SAPPORO = '011002';
const KASHIWA = '122173';
const KOFU = '192015';
const IMPORTED = 'TRANSFER_STATE_IMPORTED';

const person = (number, values = {}) => ({ ...hanako, addresseeNumber: String(number),
  individualNumber: numberOf(70000000000 + number), name: `移動 ${number}`, kana: '', ...values });

const at = { sapporo: () => north.client('sapporo-counter'), kashiwa: () => south.client('kashiwa-counter'),
  kofu: () => west.client('kofu-counter') };

// Somebody who moved from one town to another, with a dose there; the query for it.
let movers = 100;
async function mover(from, to) {
  movers += 1;
  const resident = person(movers);
  await at[from]().Records.registerResident({ resident });
  await at[from]().Records.recordVaccination({ resident: addressee(movers),
    dose: dose({ administeredBy: { sapporo: SAPPORO, kashiwa: KASHIWA, kofu: KOFU }[from] }) });
  await at[to]().Records.registerResident({ resident });
  return movers;
}

async function request(number, from, to) {
  const client = at[to]();
  const codes = { sapporo: SAPPORO, kashiwa: KASHIWA, kofu: KOFU };
  const evidenceId = await evidenceOf(client, addressee(number));
  const consentId = await consentOf(client, addressee(number), evidenceId, { origins: [codes[from]] });
  return (await client.Exchange.requestTransfer(queryFor(addressee(number), evidenceId, consentId,
    { fromMunicipality: codes[from], toMunicipality: codes[to] }))).queryId;
}

const stateOf = async (to, queryId) => (await at[to]().Exchange.getTransfer({ queryId })).transfer.state;
const arrives = async (to, queryId) => assert.equal((await watch(at[to](), queryId)).at(-1).state, IMPORTED);

async function entries(world, town) {
  return (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line));
}

before(async () => {
  daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'], west: ['kofu'] },
    { unattended: true, of: { west: { transferSeconds: 3 } } });
  [north, south, west] = ['north', 'south', 'west'].map((name) => daemons.world(name));
});

after(() => daemons?.close());

// Somebody who calls Peer.Deliver of the north's daemon with the certificate in this folder.
const caller = (folder) => (fromMunicipality, toMunicipality, envelopes) =>
  daemons.deliver('north', folder, { fromMunicipality, toMunicipality, envelopes });

// In the place of the north's daemon: what it is called with; it answers nothing.
async function stand(folder) {
  const calls = [];
  await daemons.stand('north', (asked) => {
    calls.push(asked);
    throw new Error('nobody is there');
  }, folder);
  return { calls, leave: () => daemons.leave('north') };
}

test('doses go both ways between daemons', async () => {
  const here = await mover('sapporo', 'kashiwa');
  const there = await mover('kashiwa', 'sapporo');
  const [first, second] = await Promise.all([request(here, 'sapporo', 'kashiwa'), request(there, 'kashiwa', 'sapporo')]);
  await Promise.all([arrives('kashiwa', first), arrives('sapporo', second)]);
  const { doses: [arrived] } = await at.kashiwa().Records.getHistory({ resident: addressee(here) });
  assert.equal(arrived.provenance.origin, SAPPORO);
  assert.equal(arrived.lot, 'EY2173');
});

test('who hangs holds up nobody else', async () => {
  daemons.relay('north').be('hang');
  const [slow, quick] = [await mover('sapporo', 'kashiwa'), await mover('kofu', 'kashiwa')];
  const stuck = await request(slow, 'sapporo', 'kashiwa');
  await arrives('kashiwa', await request(quick, 'kofu', 'kashiwa'));
  assert.equal(await stateOf('kashiwa', stuck), 'TRANSFER_STATE_REQUESTED');
  daemons.relay('north').be('pass');
  await arrives('kashiwa', stuck);
});

test('a link that is cut heals', async (t) => {
  if (!daemons.apart) {
    t.skip('needs network namespaces: not root, or no ip command');
    return;
  }
  const number = await mover('sapporo', 'kashiwa');
  daemons.namespaces.get('north').cut();
  const queryId = await request(number, 'sapporo', 'kashiwa');
  const quick = await mover('kofu', 'kashiwa');
  await arrives('kashiwa', await request(quick, 'kofu', 'kashiwa'));
  assert.equal(await stateOf('kashiwa', queryId), 'TRANSFER_STATE_REQUESTED');
  daemons.namespaces.get('north').heal();
  await arrives('kashiwa', queryId);
});

test('a daemon that was killed and comes back sealed is asked until it answers; who never comes back is not', async () => {
  const [number, other] = [await mover('sapporo', 'kashiwa'), await mover('sapporo', 'kofu')];
  await north.endDaemon('SIGKILL');
  const queryId = await request(number, 'sapporo', 'kashiwa');
  const late = await request(other, 'sapporo', 'kofu'); // whose queries have three seconds
  await south.daemon.says(/other daemon does not answer/);
  assert.equal((await watch(at.kofu(), late)).at(-1).state, 'TRANSFER_STATE_EXPIRED');
  await north.startDaemon();
  assert.equal(await stateOf('kashiwa', queryId), 'TRANSFER_STATE_REQUESTED');
  await north.unseal('sapporo');
  await arrives('kashiwa', queryId);
  assert.equal(await stateOf('kofu', late), 'TRANSFER_STATE_EXPIRED');
});

test('what another daemon, a terminal or a stranger brings is refused', async () => {
  const envelope = encode(new Map([[1, 1], [2, KASHIWA], [3, SAPPORO], [4, Buffer.alloc(16, 7)], [5, Buffer.alloc(40)]]));
  await refused(caller('stranger')(KASHIWA, SAPPORO, [envelope]), 'PEER_UNKNOWN');
  await refused(caller('kashiwa-counter')(KASHIWA, SAPPORO, [envelope]), 'PEER_UNKNOWN');
  await refused(caller('sapporo-counter')(KASHIWA, SAPPORO, [envelope]), 'TERMINAL_KIND');
  const [byWest, bySouth] = [caller('daemon-west'), caller('daemon-south')];
  await refused(byWest(KASHIWA, SAPPORO, [envelope]), 'PEER_UNKNOWN');
  const { replies: [reply] } = await byWest(KOFU, SAPPORO, [envelope]); // its own call, another one's message
  assert.equal(reply.reason, 'PEER_UNKNOWN');
  assert.equal(reply.clause, 'envelope.from: who delivers it');
  assert.equal(reply.envelope.length, 0);
  await refused(bySouth(KASHIWA, KOFU, [envelope]), 'TENANT_UNKNOWN'); // who lives in the west
  await refused(bySouth(KASHIWA, SAPPORO, []), 'INPUT_FIELD_MISSING');
  await refused(bySouth(KASHIWA, SAPPORO, Array(49).fill(envelope)), 'INPUT_TOO_LARGE');
  const { replies: [forged] } = await bySouth(KASHIWA, SAPPORO, [envelope]); // sealed to nobody
  assert.notEqual(forged.reason, '');
  const last = (await entries(north, 'sapporo')).filter(({ terminal }) => terminal === `peer:${KASHIWA}`).at(-1);
  assert.equal(last.outcome, forged.reason, 'what a municipality was refused stands in the ledger');
});

test('nothing is said to a server that the directory does not name', async () => {
  const number = await mover('sapporo', 'kashiwa');
  const host = daemons.endpoint('north').split(':')[0];
  await north.vrx('pki', 'server', '--ca', 'ca', '--name', `IP:${host}`, '--out', 'impostor');
  const impostor = await stand('impostor');
  const queryId = await request(number, 'sapporo', 'kashiwa');
  await south.daemon.says(/messages not taken.*PEER_UNKNOWN.*of the receiver/);
  assert.equal(await stateOf('kashiwa', queryId), 'TRANSFER_STATE_REQUESTED');
  impostor.leave();
  await arrives('kashiwa', queryId);
  assert.deepEqual(impostor.calls, []);
});

test('a message that is caught, altered and sent again is answered once, and always the same', async () => {
  const number = await mover('sapporo', 'kashiwa');
  const catcher = await stand('server-north');
  const queryId = await request(number, 'sapporo', 'kashiwa');
  await until(() => catcher.calls.find(({ envelopes }) => envelopes.some((bytes) => bytes.includes(queryId))));
  const caught = catcher.calls.flatMap(({ envelopes }) => envelopes).find((bytes) => bytes.includes(queryId));
  const bySouth = caller('daemon-south');
  const altered = [20, 40, caught.length >> 1, caught.length - 1].map((place) => {
    const copy = Buffer.from(caught);
    copy[place] ^= 1;
    return copy;
  });
  const { replies: refusals } = await bySouth(KASHIWA, SAPPORO, altered);
  for (const { envelope, reason } of refusals) {
    assert.equal(envelope.length, 0);
    assert.match(reason, /^(DECRYPT_FAILED|INPUT_\w+|QUERY_NOT_FOR_US|PEER_UNKNOWN|CHECK_DIGIT_WRONG|KEY_UNKNOWN)$/);
  }
  const { replies: [first, second] } = await bySouth(KASHIWA, SAPPORO, [caught, caught]);
  assert.ok(first.envelope.length > 100);
  assert.deepEqual(second.envelope, first.envelope);
  const { replies: [third] } = await bySouth(KASHIWA, SAPPORO, [caught]);
  assert.deepEqual(third.envelope, first.envelope);
  catcher.leave();
  await arrives('kashiwa', queryId);
  const { doses } = await at.kashiwa().Records.getHistory({ resident: addressee(number) });
  assert.equal(doses.length, 1);
  const { replies: [after_] } = await bySouth(KASHIWA, SAPPORO, [caught]);
  assert.deepEqual(after_.envelope, first.envelope);
});

test('each end holds the other one\'s receipt, and the two ledgers are those that the receipts name', async () => {
  const settled = async (world, town, method, count) => (await entries(world, town))
    .filter((entry) => entry.method === method && entry.outcome === 'OK').length >= count;
  // Of what went through: five queries of Kashiwa's to Sapporo, and one back.
  await until(() => settled(south, 'kashiwa', 'exchange/acknowledgement', 4));
  await until(() => settled(north, 'sapporo', 'exchange/acknowledgement', 1));
  const ends = [{ world: north, town: 'sapporo' }, { world: south, town: 'kashiwa' }];
  for (const end of ends) end.ledger = await rawEntries(end.world, end.town);
  await Promise.all([north.endDaemon(), south.endDaemon()]);
  for (const end of ends) end.held = await heldReceipts(end.world, end.town);
  const both = checkReceipts(north.path('directory.cbor'), ends);
  assert.ok(both.length >= 5, `${both.length} transfers with two receipts`);
});
