// Reads texts as two ports of the parser of Discord's client do. A line of JSON in, {"text": "…"}, gives a line out,
// {"cloudrac3r": [node, …], "odiffey": [node, …]}; tests/cases/README.md has the form of a node.
"use strict";
const path = require("node:path");
const { createRequire } = require("node:module");
const readline = require("node:readline");

const packages = createRequire(path.join(process.env.DISCORD_MARKDOWN_HOME, "index.js"));
console.warn = () => {};
const PORTS = {
  cloudrac3r: packages("@cloudrac3r/discord-markdown"),
  odiffey: packages("@odiffey/discord-markdown"),
};

const STYLES = { strong: "bold", em: "italics", u: "underline", strike: "strike", spoiler: "spoiler" };
const SIGNS = {
  discordUser: (node) => `@${node.id}`,
  discordRole: (node) => `@&${node.id}`,
  discordChannel: (node) => `#${node.id}`,
  discordEmoji: (node) => `:${node.name}:`,
  discordEveryone: () => "@everyone",
  discordHere: () => "@here",
  discordCommand: (node) => `/${node.name}`,
  discordSlash: (node) => `/${node.name}`,
  discordTimestamp: (node) => `t:${node.timestamp}:${node.style || ""}`,
};

function listed(node) {
  const about = { ordered: node.ordered };
  if (node.ordered) about.start = node.start;
  return ["list", about, ...node.items.map((item) => ["item", ...all(item)])];
}

function one(node) {
  if (node.type === "text") return node.content;
  if (node.type === "br" || node.type === "newline") return "\n";
  if (node.type in STYLES) return [STYLES[node.type], ...all(node.parsed || node.content)];
  if (node.type in SIGNS) return ["sign", SIGNS[node.type](node)];
  if (node.type === "list") return listed(node);
  if (node.type === "heading" && node.level) return ["heading", { level: node.level }, ...all(node.content)];
  if (node.type === "small" || node.type === "footnote") return ["small", ...all(node.content)];
  if (node.type === "blockQuote") return ["quote", ...all(node.content)];
  if (node.type === "inlineCode") return ["code", node.content.trim()];
  if (node.type === "codeBlock") return ["block", { language: node.lang }, node.content];
  if (["link", "autolink", "url"].includes(node.type)) return ["link", { target: node.target }, ...all(node.content)];
  throw new Error(`a node of an unknown kind: ${node.type}`);
}

function all(nodes) {
  const found = [];
  for (const made of [].concat(nodes).map(one)) {
    const last = found.length - 1;
    if (typeof made === "string" && typeof found[last] === "string") found[last] += made;
    else if (made !== "") found.push(made);
  }
  return found;
}

function parsed(port, text) {
  // A level is what "-#" lacks: both ports give it the heading's parser.
  return all(port.parser(text));
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { text } = JSON.parse(line);
  const read = Object.entries(PORTS).map(([name, port]) => [name, parsed(port, text)]);
  process.stdout.write(JSON.stringify(Object.fromEntries(read)) + "\n");
});
