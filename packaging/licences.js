// Prints the licences, with their texts, of all packages that are linked into the program.
// `cargo metadata` names the packages. Each package has its texts in its own folder.
"use strict";

const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const targets = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin"];
const platforms = targets.map((target) => `--filter-platform=${target}`);
const read = execFileSync("cargo", ["metadata", "--format-version=1", "--locked", ...platforms], { maxBuffer: 1 << 28 });
const metadata = JSON.parse(read);
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const packages = new Map(metadata.packages.map((one) => [one.id, one]));

// Follows ordinary dependencies only. A macro runs while the program is built, so its dependencies are not in the program.
const linked = new Set();
const open = [metadata.resolve.root];
while (open.length > 0) {
  const id = open.pop();
  const macro = packages.get(id).targets.some((target) => target.kind.includes("proc-macro"));
  if (linked.has(id) || macro) continue;
  linked.add(id);
  for (const dependency of nodes.get(id).deps) {
    if (dependency.dep_kinds.some((kind) => kind.kind === null)) open.push(dependency.pkg);
  }
}
linked.delete(metadata.resolve.root);

// Prints each text once, below the packages that have it.
const texts = new Map();
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
for (const one of [...linked].map((id) => packages.get(id)).sort((a, b) => order(a.name, b.name))) {
  const folder = path.dirname(one.manifest_path);
  const files = fs.readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name)).sort(order);
  const parts = files.map((name) => path.join(folder, name)).filter((file) => fs.statSync(file).isFile());
  const text = parts.map((file) => fs.readFileSync(file, "utf8").trim()).join("\n\n");
  if (!one.license && text === "") throw new Error(`${one.name} names no licence and has no text of one`);
  const title = `${one.name} ${one.version}: ${one.license}`;
  texts.set(text, [...(texts.get(text) || []), title]);
}
for (const [text, titles] of texts) {
  process.stdout.write(`${"=".repeat(80)}\n${titles.join("\n")}\n${"=".repeat(80)}\n\n${text || "(no text in the package)"}\n\n`);
}
