// SPDX-License-Identifier: Apache-2.0
// Makes docs/pictures/ anew: a certificate on paper and what `vrx verify` says of it, of an invented person, by real
// daemons. From the project's folder, after a build and `npm ci` in tests/system; poppler-utils must be there:
//
//     node docs/make-pictures.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { World } from '../tests/system/harness.mjs';
import { run } from '../tests/system/programs.mjs';
import { addressee, applyFor, travel } from '../tests/system/steps.mjs';
import { importTown, makeTown } from '../tests/system/town.mjs';

const { PNG } = createRequire(new URL('../tests/system/package.json', import.meta.url))('pngjs');
const folder = join(dirname(fileURLToPath(import.meta.url)), 'pictures');
const trusting = ['--trust-list', 'trust.cbor', '--authority', 'authority/certificate.pem'];

// A page in grey, as small as deflate makes it.
function picture(from, name) {
  const page = PNG.sync.read(readFileSync(from));
  writeFileSync(join(folder, name), PNG.sync.write(page, { colorType: 0, inputHasAlpha: true, deflateLevel: 9 }));
}

// A terminal's text as a drawing: what is wide takes two columns there.
function terminal(text, name) {
  const lines = text.trimEnd().split('\n');
  const escaped = (line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const rows = lines.map((line, at) => `<text x="12" y="${24 + at * 18}" xml:space="preserve">${escaped(line)}</text>`);
  const height = 20 + lines.length * 18;
  writeFileSync(join(folder, name), `<svg xmlns="http://www.w3.org/2000/svg" width="760" height="${height}" `
    + `viewBox="0 0 760 ${height}">\n<rect width="760" height="${height}" rx="6" fill="#1b1f24"/>\n`
    + `<g fill="#e6edf3" font-family="monospace" font-size="13">\n${rows.join('\n')}\n</g>\n</svg>\n`);
}

const world = await World.make();
try {
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  const application = (await applyFor(world.client('sapporo-counter'), addressee(1), travel)).toString('hex');
  await world.well('sapporo-counter', 'certificate', 'issue', '--application', application, '--pdf', 'paper.pdf', ...trusting);
  execFileSync('pdftoppm', ['-r', '75', '-gray', '-png', 'paper.pdf', 'page'], { cwd: world.folder });
  picture(world.path('page-1.png'), 'paper-1.png');
  picture(world.path('page-2.png'), 'paper-2.png');
  execFileSync('pdftoppm', ['-r', '150', '-jpeg', '-f', '1', '-l', '1', 'paper.pdf', 'photograph'], { cwd: world.folder });
  const verify = ['verify', 'photograph-1.jpg', ...trusting];
  const { code, stdout } = await run('vrx', verify, { cwd: world.folder });
  if (code !== 0) throw new Error(stdout);
  terminal(`$ vrx ${verify.join(' ')}\n${stdout}`, 'verify.svg');
} finally {
  await world.close();
}
