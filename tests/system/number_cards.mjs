// SPDX-License-Identifier: Apache-2.0
// An authority of number cards by openssl: a CA, user-authentication certificates that name nobody, a revocation list,
// and an OCSP responder whose answers openssl makes, or spoils.
import { execFile, execFileSync } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const conf = (folder) => `[ca]
default_ca = cards
[cards]
dir = ${folder}
new_certs_dir = ${folder}
database = $ENV::CARD_INDEX
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
crlnumber = ${folder}/crlnumber
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
email_in_dn = no
[any]
countryName = optional
commonName = supplied
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[card]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
authorityKeyIdentifier = keyid
`;

const stamp = (seconds) => `${new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;

// [tag, header bytes, whole length] of the DER element at this place.
function element(der, at) {
  let length = der[at + 1];
  let head = 2;
  if (length >= 0x80) {
    head += length - 0x80;
    length = der.subarray(at + 2, at + head).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  return { head, length: head + length };
}

export class CardAuthority {
  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.how = 'real'; // how the responder answers
    this.asked = 0;
    writeFileSync(this.path('conf'), conf(folder));
    writeFileSync(this.path('crlnumber'), '01\n');
    writeFileSync(this.path('index'), '');
    for (const name of ['ca', 'card', 'responder'])
      this.openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', this.path(`${name}.key`)]);
    this.openssl(['req', '-x509', '-new', '-key', this.path('ca.key'), '-subj', '/C=JP/CN=cards', '-days', '3650', '-config',
      this.path('conf'), '-extensions', 'authority', '-out', this.path('ca.pem')]);
    this.certificate('responder', { extensions: 'responder' });
  }

  path(name) { return join(this.folder, name); }

  openssl(args, index = 'index') {
    execFileSync('openssl', args, { stdio: 'pipe', env: { ...process.env, CARD_INDEX: this.path(index) } });
  }

  // NAME.pem, of the one key that all cards have here; seconds are relative to now.
  certificate(name, { from = -86400, until = 30 * 86400, extensions = 'card' } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const key = this.path(extensions === 'card' ? 'card.key' : `${name}.key`);
    this.openssl(['req', '-new', '-key', key, '-subj', `/CN=${name}`, '-config', this.path('conf'), '-out', this.path('csr')]);
    this.openssl(['ca', '-batch', '-config', this.path('conf'), '-notext', '-in', this.path('csr'), '-out',
      this.path(`${name}.pem`), '-startdate', stamp(now + from), '-enddate', stamp(now + until), '-extensions', extensions]);
    return this.der(name);
  }

  der(name) {
    return Buffer.from(readFileSync(this.path(`${name}.pem`), 'utf8').replace(/-----.*-----|\s/g, ''), 'base64');
  }

  // What a card does with its key.
  sign(message) {
    return sign('sha256', message, createPrivateKey(readFileSync(this.path('card.key'))));
  }

  // Two views of who is revoked, of which each leaves out what the other one has.
  publish({ byList, byResponder, days = 30 }) {
    for (const [index, revoked] of [['index-list', byList], ['index-responder', byResponder]]) {
      copyFileSync(this.path('index'), this.path(index));
      this.openssl(['ca', '-config', this.path('conf'), '-revoke', this.path(`${revoked}.pem`)], index);
    }
    this.openssl(['ca', '-config', this.path('conf'), '-gencrl', '-crldays', String(days), '-out', this.path('crl.pem')],
      'index-list');
  }

  // openssl's own answer to this question.
  answer(question) {
    const signer = this.how === 'wrongly signed' ? ['card.pem', 'card.key'] : ['responder.pem', 'responder.key'];
    writeFileSync(this.path('question'), question);
    return new Promise((resolve, reject) => {
      execFile('openssl', ['ocsp', '-index', this.path('index-responder'), '-CA', this.path('ca.pem'), '-rsigner',
        this.path(signer[0]), '-rkey', this.path(signer[1]), '-reqin', this.path('question'), '-respout', this.path('answer'),
        '-ndays', '1'], (error) => (error ? reject(error) : resolve(readFileSync(this.path('answer')))));
    });
  }

  // The same answer as it would have been ten days ago, signed as well.
  stale(answer) {
    let at = 0; // to BasicOCSPResponse: SEQUENCE, past ENUMERATED, [0], SEQUENCE, past the OID, OCTET STRING, SEQUENCE
    at += element(answer, at).head;
    at += element(answer, at).length;
    at += element(answer, at).head;
    at += element(answer, at).head;
    at += element(answer, at).length;
    at += element(answer, at).head;
    at += element(answer, at).head;
    const tbs = answer.subarray(at, at + element(answer, at).length);
    const old = Math.floor(Date.now() / 1000) - 10 * 86400;
    for (let i = 0; i + 17 < tbs.length; i++)
      if (tbs[i] === 0x18 && tbs[i + 1] === 15) tbs.write(stamp(old), i + 2, 'latin1'); // every GeneralizedTime
    at += tbs.length;
    at += element(answer, at).length;
    sign('sha256', tbs, createPrivateKey(readFileSync(this.path('responder.key')))).copy(answer, at + element(answer, at).head + 1);
    return answer;
  }

  // A responder at a port of the kernel's choice.
  async listen() {
    this.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      this.asked += 1;
      if (this.how === 'silent') return; // until somebody gives up
      if (this.how === 'repeats') this.first ??= await this.answer(Buffer.concat(parts));
      let answer = this.how === 'repeats' ? this.first : await this.answer(Buffer.concat(parts));
      if (this.how === 'stale') answer = this.stale(answer);
      response.writeHead(200, { 'content-type': 'application/ocsp-response', 'content-length': answer.length });
      response.end(answer);
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    return `http://127.0.0.1:${this.server.address().port}/`;
  }

  close() {
    this.server?.closeAllConnections?.();
    this.server?.close();
  }
}
