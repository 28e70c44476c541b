// Makes src/styles/fonts/core.woff2 and its unicode-range: the characters that a Korean storefront shows most, in the
// weights that it uses, as one small file. Whatever is rarer comes from the slices of the package `pretendard`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import subsetFont from 'subset-font';

const WEIGHTS = { min: 400, max: 800 };
/** Slices are numbered by how common their characters are: from this one on all of them are in. */
const FIRST_SLICE = 84;

const here = import.meta.dirname;
const target = path.join(here, '../src/styles/fonts');
const pretendard = path.dirname(createRequire(import.meta.url).resolve('pretendard/package.json'));
const variable = path.join(pretendard, 'dist/web/variable');

function commonCharacters() {
  const css = readFileSync(path.join(variable, 'pretendardvariable-dynamic-subset.css'), 'utf8');
  return [...css.matchAll(/subset\.(\d+)\.woff2.*?unicode-range: ([^;]+);/gs)]
    .filter(([, slice]) => Number(slice) >= FIRST_SLICE)
    .flatMap(([, , ranges]) => ranges.split(',').flatMap(expand));
}

function expand(range) {
  const [from, to = from] = range
    .trim()
    .slice(2)
    .split('-')
    .map((hex) => Number.parseInt(hex, 16));
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset);
}

/** The Hangul of a text: Latin and punctuation are all in the common slices. */
function hangul(text) {
  return [...text].filter((character) => character >= '가' && character <= '힣').map((c) => c.codePointAt(0));
}

function sources(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(path.join(directory, file), 'utf8'));
}

function unicodeRange(codePoints) {
  const ranges = [];
  for (const point of codePoints) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === point) last[1] = point;
    else ranges.push([point, point]);
  }
  const hex = (point) => point.toString(16);
  return ranges
    .map(([from, to]) => (from === to ? `U+${hex(from)}` : `U+${hex(from)}-${hex(to)}`))
    .join(', ');
}

const words = readFileSync(path.join(here, 'words.txt'), 'utf8');
const text = [words, ...sources(path.join(here, '../src'))].join('');
const codePoints = [...new Set([...commonCharacters(), ...hangul(text)])].sort((a, b) => a - b);

const font = await subsetFont(
  readFileSync(path.join(variable, 'woff2/PretendardVariable.woff2')),
  String.fromCodePoint(...codePoints),
  { targetFormat: 'woff2', variationAxes: { wght: WEIGHTS } },
);
writeFileSync(path.join(target, 'core.woff2'), font);
writeFileSync(
  path.join(target, 'core.css'),
  `/* Made by fonts/subset.mjs. What is not in this range comes from the slices of the next family in --font-sans. */
@font-face {
  font-family: "DOA Sans";
  font-style: normal;
  font-display: swap;
  font-weight: ${WEIGHTS.min} ${WEIGHTS.max};
  src: url("./core.woff2") format("woff2-variations");
  unicode-range: ${unicodeRange(codePoints)};
}
`,
);
console.log(`${codePoints.length} characters, ${font.length} bytes`);
