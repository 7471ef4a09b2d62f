// Discord's Markdown: text to a tree. Nothing here touches the document; see render.js for that.
// Nodes are {type, ...}; `children` holds nested nodes. Work is at most quadratic in the length of the text, and
// nesting is cut off at MAX_DEPTH, so that no message can hang the page.

const MAX_DEPTH = 12;
const DELIMITERS = [
  ["||", "spoiler"],
  ["**", "strong"],
  ["__", "underline"],
  ["~~", "strike"],
  ["*", "emphasis"],
  ["_", "emphasis"],
];
const FENCE = /```(?:([A-Za-z0-9_+.#-]+)\n)?([\s\S]*?)```\n?/y;
const QUOTE = /> ?(.*)(?:\n|$)/y;
const HEADING = /(#{1,3}) +(\S.*)(?:\n|$)/y;
const SUBTEXT = /-# +(\S.*)(?:\n|$)/y;
const ITEM = /( *)([-*]|\d{1,9}\.) +(\S.*)(?:\n|$)/y;
const LEAVES = [
  [/<@!?(\d{1,20})>/y, (m) => ({ type: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ type: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ type: "channel", id: m[1] })],
  [/<\/([^:<>\n]{1,100}):\d{1,20}>/y, (m) => ({ type: "command", name: m[1] })],
  [/<a?:(\w{2,32}):(\d{1,20})>/y, (m) => ({ type: "emoji", name: m[1] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y, (m) => ({ type: "time", unix: Number(m[1]), style: m[2] ?? "f" })],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => ({ type: "link", url: m[1], children: [text(m[1])] })],
  [/https?:\/\/[^\s<>]*[^\s<>.,:;!?"'()[\]。，、；：！？」』）】》*_~|]/y, (m) => ({ type: "link", url: m[0], children: [text(m[0])] })],
  [/@(everyone|here)\b/y, (m) => ({ type: "everyone", name: m[1] })],
  [/\\([^A-Za-z0-9\s])/y, (m) => text(m[1])],
];
const MASKED_LINK = /\[([^[\]\n]{1,400})\]\(\s*<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+(["'])[^\n]*?\3)?\s*\)/y;
const SPECIAL = /[\\`<[*_~|@h]/g;

function text(value) {
  return { type: "text", value };
}

function at(pattern, source, index) {
  pattern.lastIndex = index;
  return pattern.exec(source);
}

/** The tree of a whole message. */
export function parseMarkdown(source) {
  return blocks(source.replaceAll("\r\n", "\n"), 0);
}

function blocks(source, depth) {
  const nodes = [];
  let run = "";
  let i = 0;
  const flush = () => {
    const trimmed = run.replace(/^\n|\n$/g, "");
    if (trimmed) nodes.push({ type: "paragraph", children: parseInline(trimmed, depth) });
    run = "";
  };
  while (i < source.length) {
    const found = (i === 0 || source[i - 1] === "\n") && depth < MAX_DEPTH ? lineBlock(source, i, depth) : null;
    const fence = found ? null : fenceAt(source, i);
    if (found || fence) {
      flush();
      nodes.push((found ?? fence).node);
      i = (found ?? fence).end;
      continue;
    }
    const newline = source.indexOf("\n", i);
    const nextFence = source.indexOf("```", i + 1);
    let end = newline < 0 ? source.length : newline + 1;
    if (nextFence > 0 && nextFence < end) end = nextFence;
    run += source.slice(i, end);
    i = end;
  }
  flush();
  return nodes;
}

function fenceAt(source, i) {
  if (!source.startsWith("```", i)) return null;
  const match = at(FENCE, source, i);
  if (!match || !match[2].trim()) return null;
  return { node: { type: "code", language: match[1] ?? "", value: match[2].replace(/^\n|\n$/g, "") }, end: i + match[0].length };
}

function lineBlock(source, i, depth) {
  const quoted = depth > 0; // a quote in a quote is none
  if (!quoted && source.startsWith(">>> ", i)) {
    return { node: { type: "quote", children: blocks(source.slice(i + 4), depth + 1) }, end: source.length };
  }
  if (!quoted && source.startsWith("> ", i)) return quote(source, i, depth);
  const heading = at(HEADING, source, i);
  if (heading) {
    const node = { type: "heading", level: heading[1].length, children: parseInline(heading[2], depth) };
    return { node, end: i + heading[0].length };
  }
  const subtext = at(SUBTEXT, source, i);
  if (subtext) return { node: { type: "subtext", children: parseInline(subtext[1], depth) }, end: i + subtext[0].length };
  return at(ITEM, source, i) ? list(source, i, depth) : null;
}

function quote(source, start, depth) {
  const lines = [];
  let i = start;
  while (source.startsWith("> ", i) || source.startsWith(">\n", i)) {
    const match = at(QUOTE, source, i);
    lines.push(match[1]);
    i += match[0].length;
  }
  return { node: { type: "quote", children: blocks(lines.join("\n"), depth + 1) }, end: i };
}

function list(source, start, depth) {
  const first = at(ITEM, source, start);
  const root = makeList(first);
  const open = [root];
  let i = start;
  for (let match = first; match; match = at(ITEM, source, i)) {
    const indent = match[1].length;
    if (indent <= root.indent && isOrdered(match) !== root.ordered) break; // another kind of mark: another list
    while (open.length > 1 && open.at(-1).indent > indent) open.pop();
    if (indent > open.at(-1).indent + 1 && open.length < MAX_DEPTH) {
      const nested = makeList(match);
      open.at(-1).items.at(-1).nested.push(nested);
      open.push(nested);
    }
    open.at(-1).items.push({ children: itemInside(match[3], depth), nested: [] });
    i += match[0].length;
  }
  return { node: root, end: i };
}

/** What an item says, which may be small print by itself. */
function itemInside(source, depth) {
  const subtext = at(SUBTEXT, source, 0);
  return subtext ? [{ type: "subtext", children: parseInline(subtext[1], depth) }] : parseInline(source, depth);
}

function isOrdered(match) {
  return match[2].endsWith(".");
}

function makeList(match) {
  const ordered = isOrdered(match);
  return { type: "list", ordered, start: ordered ? Number.parseInt(match[2], 10) : 1, items: [], indent: match[1].length };
}

/** The tree of text within one line or paragraph. */
export function parseInline(source, depth = 0) {
  if (depth >= MAX_DEPTH) return [text(source)];
  const nodes = [];
  const hopeless = new Set(); // delimiters that are not closed further on: not looked for again
  let plain = "";
  let i = 0;
  while (i < source.length) {
    const found = leafAt(source, i) ?? linkAt(source, i, depth) ?? spanAt(source, i, depth, hopeless);
    if (found) {
      if (found.node.type === "text") plain += found.node.value;
      else {
        if (plain) nodes.push(text(plain));
        plain = "";
        nodes.push(found.node);
      }
      i = found.end;
      continue;
    }
    SPECIAL.lastIndex = i + 1;
    const next = SPECIAL.exec(source);
    const end = next ? next.index : source.length;
    plain += source.slice(i, end);
    i = end;
  }
  if (plain) nodes.push(text(plain));
  return nodes;
}

function leafAt(source, i) {
  if (source[i] === "`") return codeAt(source, i);
  if (source[i] === "h" && /\w/.test(source[i - 1] ?? " ")) return null;
  for (const [pattern, make] of LEAVES) {
    const match = at(pattern, source, i);
    if (match) return { node: make(match), end: i + match[0].length };
  }
  return null;
}

function codeAt(source, i) {
  let ticks = 1;
  while (source[i + ticks] === "`") ticks += 1;
  const marks = "`".repeat(ticks);
  let close = source.indexOf(marks, i + ticks);
  while (close >= 0 && source[close + ticks] === "`") {
    let past = close + ticks;
    while (source[past] === "`") past += 1;
    close = source.indexOf(marks, past);
  }
  if (close < 0) return { node: text(marks), end: i + ticks };
  const inside = source.slice(i + ticks, close);
  const value = ticks > 1 ? inside.replace(/^ (?=`)|(?<=`) $/g, "") : inside;
  return { node: { type: "inline-code", value }, end: close + ticks };
}

function linkAt(source, i, depth) {
  if (source[i] !== "[") return null;
  const match = at(MASKED_LINK, source, i);
  if (!match) return null;
  return { node: { type: "link", url: match[2], children: parseInline(match[1], depth + 1) }, end: i + match[0].length };
}

function spanAt(source, i, depth, hopeless) {
  for (const [mark, type] of DELIMITERS) {
    if (!source.startsWith(mark, i) || hopeless.has(mark)) continue;
    const from = i + mark.length;
    if (mark === "*" && /\s|^$/.test(source[from] ?? "")) continue;
    if (mark === "_" && /\w/.test(source[i - 1] ?? " ")) continue;
    const close = closing(source, from, mark);
    // A line of nothing but marks is just that.
    if (close < 0 || (mark.length === 1 && /^[*_]+$/.test(source.slice(from, close)))) {
      hopeless.add(mark);
      continue;
    }
    return { node: { type, children: parseInline(source.slice(from, close), depth + 1) }, end: close + mark.length };
  }
  return null;
}

/** Where `mark` closes a span whose inside starts at `from`, or -1; escapes and code are stepped over. */
function closing(source, from, mark) {
  let j = from;
  while (j < source.length) {
    const c = source[j];
    if (c === "\\") j += 2;
    else if (c === "`") j = codeAt(source, j).end;
    else if (source.startsWith(mark, j) && j > from) {
      const end = settle(source, j, mark);
      if (end.close >= 0) return end.close;
      j = end.next;
    } else j += 1;
  }
  return -1;
}

function settle(source, j, mark) {
  const c = mark[0];
  let run = 0;
  while (source[j + run] === c) run += 1;
  // In a run of three or more the inner, shorter mark closes first: ***both*** is strong around emphasis.
  if (mark.length === 2) return { close: j + run - 2 };
  if (run === 2) return { close: -1, next: j + 2 };
  if (c === "_" && /\w/.test(source[j + run] ?? " ")) return { close: -1, next: j + run };
  if (/\s/.test(source[j - 1])) return { close: -1, next: j + run };
  return { close: j };
}
