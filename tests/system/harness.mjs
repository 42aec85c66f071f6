// SPDX-License-Identifier: Apache-2.0
// A world for one test file, made through `vrx` as its users make it: a platform with PKI, signed directory and
// permits; vrx-issuer and vrxd; Sapporo and Kashiwa, unsealed, with their terminals. Everything lies in one
// temporary folder, which close() removes after it has ended exactly the processes that were started here.
// VRX_KEEP=1 keeps the folder and prints its name. Whoever works at a counter or a console logs in there when they are
// needed (people.mjs), and a second person agrees by themselves to what needs two, unless a client is asked for with
// { agree: null }; with { unattended: true } the daemon asks for nobody (tests/support/unattended.c). A test
// does in seconds what an office does in days: no limits are set, but with { limited: true }. Several daemons with
// municipalities of their own under one platform are made by daemons.mjs.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from './clients.mjs';
import { allRoles, keepSession, Place, register } from './people.mjs';
import { root, run, runWell, start, unlimited, until } from './programs.mjs';

export const towns = {
  sapporo: { code: '011002', ja: '札幌市', en: 'Sapporo' },
  kashiwa: { code: '122173', ja: '柏市', en: 'Kashiwa' },
};
// In the directory only where a world says so.
const known = { ...towns, kofu: { code: '192015', ja: '甲府市', en: 'Kofu' } };
export const codeOf = (town) => known[town].code;
// Who works where, unless a test says otherwise: the first administrator, and a clerk who may do all at a counter
// that needs no administrator.
const posts = {
  console: { name: 'admin', roles: allRoles },
  counter: { name: 'clerk', roles: ['ROLE_REGISTRAR', 'ROLE_MOVERS_DESK', 'ROLE_CERTIFICATE_CLERK'] },
};
// Who agrees to what needs two persons, at the console too.
const second = { name: 'second', roles: ['ROLE_APPROVER', 'ROLE_ADMINISTRATOR'] };
const kinds = { system: 'health-system', counter: 'counter', kiosk: 'kiosk', console: 'console' };

// Under which address SMART Health Cards are issued, and the keys beside the document signer's.
export const cardIssuer = 'https://cards.example/shc';
const formats = ['--shc-issuer', cardIssuer, '--shc-key', 'shc/key.pem', '--vds-certificate', 'vds/certificate.pem',
  '--vds-key', 'vds/key.pem', '--vds-csca', 'csca/certificate.pem'];

// What is called while nobody can be logged in.
const sessionless = new Set(['status', 'unseal', 'tenant']);

export class World {
  constructor(options) {
    this.folder = mkdtempSync(join(tmpdir(), 'vrx-system-'));
    this.options = { pendingSeconds: 1, transferSeconds: 3600, ...options };
    this.towns = this.options.towns ?? Object.keys(towns); // that its daemon keeps
    this.host = this.options.host ?? 'localhost'; // where the daemon is reached from here
    this.permitVersion = 0;
    this.directoryVersion = 0;
    this.environment = { ...options?.environment }; // of daemons that are started from now on
    this.clients = new Map();
    this.places = new Map(); // by terminal
    this.seconds = new Map(); // by town: { enrolled, session }
    this.sessions = new Map(); // of tokens to come, by terminal
  }

  static async make(options = {}) {
    const world = new World(options);
    try {
      await world.makePlatform();
      await world.startIssuer();
      await world.startDaemon();
      await world.makeTenants();
    } catch (error) {
      await world.close().catch(() => {});
      throw error;
    }
    return world;
  }

  path(...names) { return join(this.folder, ...names); }
  custodian(town) { return this.path(`custodian-${codeOf(town)}`); }
  vault(town) { return this.path('state', 'tenants', codeOf(town), 'vault.db'); }

  // A command without a connection; and one at a terminal. The second is not asserted: { code, stdout, stderr }.
  async vrx(...args) { return (await runWell('vrx', args, { cwd: this.folder })).stdout; }
  async at(terminal, ...args) {
    const result = await this.alone(terminal, ...args);
    const actions = [...result.stderr.matchAll(/vrx action approve --action ([0-9a-f]{32})/g)];
    if (!actions.length) return result;
    for (const [, action] of actions) await this.agree(terminal.split('-')[0], Buffer.from(action, 'hex'));
    return this.alone(terminal, ...args);
  }
  // The same, with nobody who agrees.
  async alone(terminal, ...args) {
    if (!sessionless.has(args[0])) await this.session(terminal);
    const result = await run('vrx', [...args, '--server', `${this.host}:${this.port}`, '--terminal', terminal,
      '--operator', this.operator(terminal)], { cwd: this.folder });
    if (args[0] === 'seal' || args[0] === 'unseal') this.forgetSessions(terminal.split('-')[0]);
    return result;
  }
  async well(terminal, ...args) {
    const result = await this.at(terminal, ...args);
    assert.equal(result.code, 0, `vrx ${args.join(' ')}:\n${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  // For these municipalities; the directory has what else a daemon's entries say.
  async makePlatform(names = this.towns, directory = []) {
    await this.vrx('pki', 'platform-ca', '--out', 'ca');
    await this.vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:localhost,IP:127.0.0.1', '--out', 'server');
    const terminals = ['platform', 'stranger'];
    for (const town of names)
      for (const kind of Object.keys(kinds)) terminals.push(`${town}-${kind}`);
    for (const terminal of terminals)
      await this.vrx('pki', 'terminal', '--ca', 'ca', '--name', terminal, '--out', terminal);
    await this.vrx('pki', 'csca', '--name', 'VRX test CSCA', '--out', 'csca');
    await this.vrx('pki', 'dsc', '--csca', 'csca', '--name', 'VRX test signer', '--out', 'dsc');
    await this.vrx('pki', 'vds-signer', '--csca', 'csca', '--name', 'VRX test seals', '--out', 'vds');
    await this.vrx('pki', 'dsc', '--csca', 'csca', '--name', 'VRX test cards', '--out', 'shc');
    await this.vrx('authority', 'init', '--out', 'authority');
    this.entries = [];
    for (const { code, ja, en } of names.map((town) => known[town])) {
      await this.vrx('custodian', 'init', '--municipality', code, '--out', `custodian-${code}`);
      this.entries.push('--municipality', `custodian-${code}/keyring.cbor,${ja},${en}`);
    }
    await this.setDirectory(...directory);
    await this.setPermits((permits) => permits);
    await this.vrx('pki', 'trust-list', '--authority', 'authority', '--version', '1', '--days', '30', '--csca',
      'csca/certificate.pem', '--signer', 'dsc/certificate.pem', '--shc-issuer', cardIssuer, '--shc-keys',
      'shc/certificate.pem', '--out', 'trust.cbor');
    mkdirSync(this.path('state'), { mode: 0o700 });
    mkdirSync(this.path('issuer'), { mode: 0o700 });
  }

  // Signs the next version of the directory, with what is said of its daemons. A running daemon takes it within a
  // second.
  async setDirectory(...more) {
    this.directoryVersion += 1;
    await this.vrx('authority', 'directory', '--authority', 'authority', '--version', String(this.directoryVersion),
      '--days', '30', '--out', 'directory.cbor', ...this.entries, ...more);
  }

  // Signs the next version of the permit table: what change() makes of the one that is shipped. A running daemon
  // takes it within a second.
  async setPermits(change) {
    const permits = JSON.parse(readFileSync(join(root, 'services', 'permits.json'), 'utf8'));
    writeFileSync(this.path('permits.json'), JSON.stringify(change(permits)));
    this.permitVersion += 1;
    await this.vrx('authority', 'permits', '--authority', 'authority', '--version', String(this.permitVersion),
      '--days', '30', '--table', 'permits.json', '--out', 'permits.cbor');
  }

  async startIssuer(...more) {
    this.issuer = start('vrx-issuer', ['--socket', 'issuer.sock', '--state', 'issuer', '--directory',
      'directory.cbor', '--authority-key', 'authority/certificate.pem', '--certificate', 'dsc/certificate.pem',
      '--key', 'dsc/key.pem', ...(this.options.formats ?? formats), ...more],
    // A sanitizer's search for leaks needs system calls that the issuer has forbidden itself.
    { cwd: this.folder, env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    await this.issuer.says(/serving on/);
  }

  async startDaemon(...more) {
    this.disconnect(); // what calls on after a kill makes clients of a port that is gone
    this.forgetSessions();
    const program = this.options.program ?? (this.options.unattended ? 'vrxd-unattended' : 'vrxd');
    const own = this.options.server ?? 'server';
    this.daemon = start(program, ['--state', 'state', '--listen', this.options.listen ?? '127.0.0.1:0', '--certificate',
      `${own}/certificate.pem`, '--key', `${own}/key.pem`, '--client-ca', 'ca/certificate.pem', '--authority',
      'authority/certificate.pem', '--directory', 'directory.cbor', '--permits', 'permits.cbor', '--issuer',
      'issuer.sock', '--metrics', './metrics.sock', '--platform-terminal', 'platform/certificate.pem', '--pending-seconds',
      String(this.options.pendingSeconds), '--transfer-seconds', String(this.options.transferSeconds), '--trust-list',
      'trust.cbor', ...(this.options.daemon ?? []), ...(this.options.limited ? [] : unlimited), ...(this.options.public ? ['--public-listen', '127.0.0.1:0'] : []), ...more],
    { cwd: this.folder, env: { ...process.env, ...this.environment } }, this.options.inside);
    [, this.port] = await this.daemon.says(/vrxd: listening on \S+:(\d+)\n/);
    if (this.options.public) [, this.publicPort] = await this.daemon.says(/vrxd: open to anyone on .*, port (\d+)\n/);
  }

  // With SIGTERM it must end well; what it logged is kept for who looks for leaks.
  async endDaemon(signal = 'SIGTERM') {
    this.disconnect();
    const how = await this.daemon.end(signal);
    writeFileSync(this.path('vrxd.log'), this.daemon.output(), { flag: 'a' });
    if (signal === 'SIGTERM')
      assert.deepEqual(how, { code: 0, signal: null }, this.daemon.output());
  }

  makeTenants() {
    return Promise.all(this.towns.map((town) => this.makeTenant(town)));
  }

  async makeTenant(town) {
    await this.well('platform', 'tenant', 'create', '--keyring', `custodian-${codeOf(town)}/keyring.cbor`,
      '--console', `${town}-console/certificate.pem`);
    await this.unseal(town);
    this.makePlaces(town);
    for (const [kind, word] of Object.entries(kinds))
      if (kind !== 'console')
        await this.well(`${town}-console`, 'terminal', 'register', '--certificate',
          `${town}-${kind}/certificate.pem`, '--kind', word, '--label', `${town} ${kind}`);
  }

  // The first administrator is registered by whoever is at the console, everybody else by an administrator; each
  // when they are needed.
  makePlaces(town) {
    if (this.options.unattended) return;
    for (const [kind, { name, roles }] of Object.entries(posts))
      this.addPlace(`${town}-${kind}`, `${town}.${name}`, roles, `${town}-console`);
    // At once, while one administrator alone may still do it.
    const enrolled = register(this.client(`${town}-console`), `${town}.${second.name}`, second.roles);
    enrolled.catch(() => {}); // who asks for them hears of it
    this.seconds.set(town, { enrolled, session: null });
  }

  // A session of the second person at the console; a seal and a restart end it too.
  async second(town) {
    const at = this.seconds.get(town);
    at.session ??= at.enrolled.then((operator) => operator.logIn(this.client(`${town}-console`)));
    return (await at.session).session;
  }

  async agree(town, action) {
    const session = await this.second(town);
    await this.client(`${town}-console`).Actions.approveAction({ action }, { session });
  }

  // Somebody works at this terminal, enrolled at that console, or, where it is this one, as the first of all.
  addPlace(terminal, name, roles, at) {
    const enrol = (id, options) => register(this.client(at), id, roles, options);
    this.places.set(terminal, new Place(name, enrol, at === terminal));
  }

  // The session's token of who works at this terminal, who logs in when nobody is; null where nobody does, and
  // while the vault is sealed. For vrx it lies in the terminal's folder.
  session(terminal) {
    if (!this.places.has(terminal)) return null;
    if (!this.sessions.has(terminal)) {
      const session = this.logIn(terminal);
      this.sessions.set(terminal, session);
      const none = () => this.sessions.get(terminal) === session && this.sessions.delete(terminal);
      session.then((token) => token ?? none(), none);
    }
    return this.sessions.get(terminal);
  }

  async logIn(terminal) {
    const place = this.places.get(terminal);
    try {
      const token = await place.logIn(this.client(terminal));
      keepSession(this.path(terminal), token);
      return token;
    } catch (error) {
      if (error.reason === 'TENANT_SEALED') return null;
      throw error;
    }
  }

  // Whom the ledger names in this terminal's entries: who is logged in, or where nobody is, a claim.
  operator(terminal) { return this.places.get(terminal)?.present?.id ?? 'system.test'; }

  // A seal and a restart end all of a municipality's.
  forgetSessions(town) {
    for (const [name, at] of this.seconds)
      if (!town || name === town) at.session = null;
    for (const terminal of this.sessions.keys())
      if (!town || terminal.startsWith(`${town}-`)) {
        this.sessions.delete(terminal);
        rmSync(this.path(terminal, 'session'), { force: true });
      }
  }

  // By the custodian, with the last checkpoint that the municipality holds: the ledger must extend it.
  async unseal(town) {
    const custodian = this.custodian(town);
    return this.well(`${town}-console`, 'unseal', '--custodian', join(custodian, 'custodian.pem'), '--keyring',
      join(custodian, 'keyring.cbor'), '--checkpoint', `${town}.note`);
  }

  async seal(town) {
    await this.client(`${town}-console`).Tenancy.seal();
    this.forgetSessions(town);
  }

  // The checkpoint as the municipality would keep it after an audit.
  async keepCheckpoint(town) {
    const { note } = await this.client(`${town}-console`).Ledger.getCheckpoint();
    writeFileSync(this.path(`${town}.note`), note);
    return note;
  }

  // { size, root } of the checkpoint that the municipality holds.
  heldCheckpoint(town) {
    const [, size, treeRoot] = readFileSync(this.path(`${town}.note`), 'utf8').split('\n');
    return { size: Number(size), root: treeRoot };
  }

  // With the session of who works there; { operator: '' } calls as nobody, without one.
  client(terminal, options = {}) {
    const key = `${terminal} ${JSON.stringify(options)}`;
    if (!this.clients.has(key)) {
      const folder = terminal && this.path(terminal);
      const people = options.operator === '' ? {}
        : { session: () => this.session(terminal), operator: () => this.operator(terminal),
          agree: (action) => this.agree(terminal.split('-')[0], Buffer.from(action, 'hex')) };
      this.clients.set(key, connect(this.port, folder, this.path('ca', 'certificate.pem'), { host: this.host, ...people, ...options }));
    }
    return this.clients.get(key);
  }

  // One without a certificate, at the listener for anyone.
  anyone(options = {}) {
    const key = `anyone ${JSON.stringify(options)}`;
    if (!this.clients.has(key))
      this.clients.set(key, connect(this.publicPort, null, this.path('ca', 'certificate.pem'), { operator: '', ...options }));
    return this.clients.get(key);
  }

  disconnect() {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  // Looks at a vault as the daemon left it, on a copy: "size root" of its ledger, and in how many
  // decrypted pages each text stands; and where they are wanted, the signed objects and sealed envelopes that it has, by
  // kind: [id, bytes]. Throws when anything is wrong.
  async checkVault(town, texts = [], { objects: wanted = false } = {}) {
    const copy = this.path('copy');
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy, { mode: 0o700 });
    for (const end of ['', '-wal'])
      if (existsSync(this.vault(town) + end)) copyFileSync(this.vault(town) + end, join(copy, `vault.db${end}`));
    const custodian = this.custodian(town);
    const { stdout } = await runWell('vrx-check-vault', [join(copy, 'vault.db'), join(custodian, 'keyring.cbor'),
      join(custodian, 'custodian.pem'), codeOf(town), ...texts], { env: { ...process.env, ...(wanted ? { VRX_OBJECTS: '1' } : {}) } });
    const [, size, treeRoot] = /^(\d+) ([0-9a-f]{64})$/m.exec(stdout);
    const found = Object.fromEntries([...stdout.matchAll(/^found (\d+) of (\d+) (.*)$/gm)]
      .map(([, pages, , text]) => [text, Number(pages)]));
    const objects = {};
    for (const [, kind, id, bytes] of stdout.matchAll(/^object (\S+) ([0-9A-F]+) ([0-9A-F]+)$/gm))
      (objects[kind] ??= []).push([Buffer.from(id, 'hex'), Buffer.from(bytes, 'hex')]);
    return { size: Number(size), root: treeRoot, found, objects };
  }

  async close() {
    try {
      if (this.daemon) await this.endDaemon();
    } finally {
      this.disconnect();
      const how = await this.issuer?.end();
      if (process.env.VRX_KEEP) process.stderr.write(`kept: ${this.folder}\n`);
      else rmSync(this.folder, { recursive: true, force: true });
      if (how) assert.deepEqual(how, { code: 0, signal: null }, this.issuer.output());
    }
  }
}

export { run, runWell, until };
