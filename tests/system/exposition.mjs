// SPDX-License-Identifier: Apache-2.0
// Reads Prometheus' text exposition format 0.0.4 as strictly as `promtool check metrics` does: each family has its
// help and its type before its samples and stands in one piece; names, labels, escapes and numbers are well-formed; no
// sample stands twice; counters end in _total; a histogram's buckets ascend to +Inf, which is its count.
import assert from 'node:assert/strict';
import { request } from 'node:http';

// { status, type, text } of GET path at a socket ({ socketPath }) or a port ({ host, port }).
export function get(where, path = '/metrics', method = 'GET') {
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

const number = /^([+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN)$/;

function readLabels(text, line) {
  const labels = {};
  let rest = text;
  while (rest) {
    const [whole, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest) ?? [];
    assert.ok(whole, `labels: ${line}`);
    assert.ok(!(name in labels), `a label twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function checkHistogram(name, samples) {
  const series = new Map();
  for (const { suffix, labels, value } of samples) {
    const { le, ...own } = labels;
    const key = JSON.stringify(own);
    if (!series.has(key)) series.set(key, { buckets: [] });
    if (suffix === '_bucket') series.get(key).buckets.push([le === '+Inf' ? Infinity : Number(le), value]);
    else series.get(key)[suffix] = value;
  }
  for (const { buckets, _sum: sum, _count: count } of series.values()) {
    for (let i = 1; i < buckets.length; i += 1) {
      assert.ok(buckets[i][0] > buckets[i - 1][0], `${name}: bounds ascend`);
      assert.ok(buckets[i][1] >= buckets[i - 1][1], `${name}: buckets are cumulative`);
    }
    assert.deepEqual(buckets.at(-1), [Infinity, count], `${name}: +Inf is the count`);
    assert.ok(sum >= 0, `${name}: a sum`);
  }
}

// Map of families: { type, help, samples: [{ suffix, labels, value }] }; throws where anything is wrong.
export function parse(text) {
  assert.ok(text.endsWith('\n'));
  const families = new Map();
  const seen = new Set();
  let family;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*\S)$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/.exec(line);
    if (help) {
      assert.ok(!families.has(help[1]), `a family twice: ${line}`);
      family = { name: help[1], help: help[2], samples: [] };
      families.set(help[1], family);
    } else if (type) {
      assert.equal(type[1], family.name, `help before type: ${line}`);
      assert.equal(family.samples.length, 0);
      [, , family.type] = type;
      assert.equal(family.type === 'counter', family.name.endsWith('_total'), `${family.name}: _total is a counter`);
    } else {
      const [, name, labels = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)$/.exec(line) ?? [];
      assert.ok(name && number.test(value), `a sample: ${line}`);
      assert.ok(family.type, `a type before: ${line}`);
      assert.ok(name.startsWith(family.name), `in its family: ${line}`);
      const suffix = name.slice(family.name.length);
      assert.ok(family.type === 'histogram' ? ['_bucket', '_sum', '_count'].includes(suffix) : suffix === '', line);
      const key = line.slice(0, line.lastIndexOf(' '));
      assert.ok(!seen.has(key), `a sample twice: ${line}`);
      seen.add(key);
      family.samples.push({ suffix, labels: readLabels(labels, line), value: Number(value) });
    }
  }
  for (const { name, type, samples } of families.values()) if (type === 'histogram') checkHistogram(name, samples);
  return families;
}

// The one sample of a family that has all of these labels; 0 for a counter that has none yet.
export function valueOf(families, name, labels = {}, suffix = '') {
  const family = families.get(name);
  assert.ok(family, `${name} is told`);
  const fitting = family.samples.filter((sample) => sample.suffix === suffix &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
  assert.ok(fitting.length <= 1, `${name} ${JSON.stringify(labels)}: ${fitting.length} samples`);
  assert.ok(fitting.length || family.type === 'counter', `${name} ${JSON.stringify(labels)}`);
  return fitting[0]?.value ?? 0;
}
