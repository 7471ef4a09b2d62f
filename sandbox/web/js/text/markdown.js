// Discord's Markdown: text to a tree. Nothing here touches the document; see render.js for that.
//
// The rules are those of Discord's client as two ports of its parser have them; tests/cases/markdown.json has them as
// cases. What one would not guess: a blank line ends a list, a list has the kind of its first mark, an item ends at the
// first line that is not indented, the first three backticks end a block of code, and bars hide code, too.
//
// Nodes are {type, ...}; `children` holds nested nodes. Nesting is cut off at MAX_DEPTH, and a message is short, so that
// none can hang the page.

const MAX_DEPTH = 12;
const BLOCK_TYPES = new Set(["quote", "heading", "subtext", "list", "code"]);
const QUOTE_ALL = / *>>> ?/y;
const QUOTE = / *> [^\n]*(?:\n *> [^\n]*)*\n?/y;
const HEADING = /(#{1,3}) +([^\n]+)(?:\n|$)/y;
const SUBTEXT = /-# +([^\n]+)(?:\n|$)/y;
const LIST = /( *)([*-]|\d+\.) (?=[\s\S])/y;
const ITEM = /( *)(?:[*-]|\d+\.) +/y;
const FENCE = /```(?:([A-Za-z0-9_+\-.#]+)\n+)?\n*([\s\S]+?)\n*```/y;
const CODE = /(`+)([\s\S]*?[^`])\1(?!`)/y;
const SPOILER = /\|\|([\s\S]+?)\|\|/y;
const STRONG = /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y;
const STARRED = /\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y;
const UNDERLINE = /__((?:\\[\s\S]|[^\\])+?)__(?!_)/y;
const UNDERSCORED = /_((?:__|\\[\s\S]|[^\\_])+?)_(?!\w)/y;
const STRIKE = /~~([\s\S]+?)~~(?!_)/y;
const LINK_TARGET = /\]\(\s*<?((?:\([^)\n]*\)|[^\s\\()<>]|[<>](?!\s)|\\.)*?)>?(?:\s+(?:'[^'\n]*'|"[^"\n]*"))?\s*\)/y;
const ESCAPED = /\\([^0-9A-Za-z\s])/y;
const SHRUG = /¯\\_\(ツ\)_\/¯/y;
const SPECIAL = /[\\`*_~|[<@\n¯]|https?:\/\//g;
const SIGNS = [
  [/<@!?(\d{1,20})>/y, (m) => ({ type: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ type: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ type: "channel", id: m[1] })],
  [/<\/([^:<>\n]{1,100}):\d{1,20}>/y, (m) => ({ type: "command", name: m[1] })],
  [/<a?:(\w{2,32}):(\d{1,20})>/y, (m) => ({ type: "emoji", name: m[1] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y, (m) => ({ type: "time", unix: Number(m[1]), style: m[2] ?? "f" })],
  [/<id:([\w-]+)(?::\d+)?>/y, (m) => ({ type: "page", name: m[1] })],
  [/<(https?:\/\/[^ >]+)>/y, (m) => ({ type: "link", url: m[1], children: [text(m[1])] })],
  [/https?:\/\/[^\s<]+[^<.,:;"')\]\s]/y, (m) => ({ type: "link", url: m[0], children: [text(m[0])] })],
  [/@(everyone|here)/y, (m) => ({ type: "everyone", name: m[1] })],
];

function text(value) {
  return { type: "text", value };
}

function at(pattern, source, index) {
  pattern.lastIndex = index;
  return pattern.exec(source);
}

/** The tree of a whole message. */
export function parseMarkdown(source) {
  const lines = source.replaceAll("\r\n", "\n").replaceAll("\t", "    ");
  return paragraphs(new Reader().read(lines, { depth: 0, quoted: false, lines: true }));
}

/** The tree of text within one line. */
export function parseInline(source) {
  return new Reader().read(source, { depth: 0, quoted: false, lines: false });
}

/** Put what is not a block into paragraphs. */
function paragraphs(nodes) {
  const found = [];
  let run = [];
  const flush = () => {
    const children = trimmed(run);
    if (children.length) found.push({ type: "paragraph", children });
    run = [];
  };
  for (const node of nodes) {
    if (!BLOCK_TYPES.has(node.type)) {
      run.push(node);
      continue;
    }
    flush();
    found.push(node);
  }
  flush();
  return found;
}

/** Take away a line's end beside a block, which begins and ends lines by itself. */
function trimmed(nodes) {
  const kept = nodes.map((node) => ({ ...node }));
  if (kept[0]?.type === "text") kept[0].value = kept[0].value.replace(/^\n/, "");
  if (kept.at(-1)?.type === "text") kept.at(-1).value = kept.at(-1).value.replace(/\n$/, "");
  return kept.filter((node) => node.type !== "text" || node.value);
}

class Reader {
  // Whether what was read last ended a line: the client asks that, also where a new scope begins.
  lineEnded = true;

  /** @returns {object[]} the nodes of a scope: a message, or the inside of something */
  read(source, scope) {
    const nodes = [];
    let i = 0;
    const add = (node) => {
      if (node.type === "text" && nodes.at(-1)?.type === "text") nodes.at(-1).value += node.value;
      else nodes.push(node);
    };
    while (i < source.length) {
      const found = scope.depth < MAX_DEPTH ? this.found(source, i, scope) : null;
      if (found) {
        add(found.node);
        i = found.end;
        continue;
      }
      const end = plainEnd(source, i);
      add(text(source.slice(i, end)));
      this.lineEnded = source[end - 1] === "\n";
      i = end;
    }
    return nodes;
  }

  found(source, i, scope) {
    const block = scope.lines && this.lineEnded ? this.block(source, i, scope) : null;
    if (block) {
      this.lineEnded = source[block.end - 1] === "\n";
      return block;
    }
    const span = this.span(source, i, scope);
    if (span) this.lineEnded = false;
    return span;
  }

  block(source, i, scope) {
    const { quoted } = scope; // a quote in a quote is none
    const inner = { ...scope, depth: scope.depth + 1 };
    const all = quoted ? null : at(QUOTE_ALL, source, i);
    if (all) return this.quote(source.slice(i + all[0].length), source.length, inner);
    const quote = quoted ? null : at(QUOTE, source, i);
    if (quote) return this.quote(quote[0].replace(/^ *> ?/gm, ""), i + quote[0].length, inner);
    const heading = at(HEADING, source, i);
    if (heading) {
      const node = { type: "heading", level: heading[1].length, children: this.read(heading[2], inner) };
      return { node, end: i + heading[0].length };
    }
    const subtext = at(SUBTEXT, source, i);
    if (subtext) {
      return { node: { type: "subtext", children: this.read(subtext[1], inner) }, end: i + subtext[0].length };
    }
    const list = at(LIST, source, i);
    return list ? this.list(source, i, list, inner) : null;
  }

  quote(inside, end, inner) {
    this.lineEnded = true;
    return { node: { type: "quote", children: paragraphs(this.read(inside, { ...inner, quoted: true })) }, end };
  }

  list(source, start, mark, inner) {
    const again = new RegExp(`${mark[1]}(?:[*-]|\\d+\\.) `, "y");
    const [content, end] = listEnd(source, start + mark[0].length, again);
    const ordered = mark[2].length > 1;
    const items = [...itemsOf(source, start, content, again)].map((item) => {
      const width = at(ITEM, item, 0)?.[0].length ?? 0;
      const inside = item.slice(width).replace(/\n+$/, "").replace(new RegExp(`\\n {1,${width}}`, "g"), "\n");
      return { children: inItem(this.read(inside, inner)) };
    });
    return { node: { type: "list", ordered, start: ordered ? Number.parseInt(mark[2], 10) : 1, items }, end };
  }

  span(source, i, scope) {
    const inner = { ...scope, depth: scope.depth + 1 };
    const styled = (type, match) => match && { node: { type, children: this.read(match[1], inner) }, end: i + match[0].length };
    switch (source[i]) {
      case "|":
        return styled("spoiler", at(SPOILER, source, i));
      case "`":
        return codeAt(source, i);
      case "\\": {
        const match = at(ESCAPED, source, i);
        return match && { node: text(match[1]), end: i + match[0].length };
      }
      case "*":
        return styled(...longer(["emphasis", at(STARRED, source, i)], ["strong", at(STRONG, source, i)]));
      case "_":
        return styled(...longer(["emphasis", at(UNDERSCORED, source, i)], ["underline", at(UNDERLINE, source, i)]));
      case "~":
        return styled("strike", at(STRIKE, source, i));
      case "[":
        return this.link(source, i, inner);
      case "¯": {
        const match = at(SHRUG, source, i);
        return match && { node: text(match[0]), end: i + match[0].length };
      }
      default:
        return signAt(source, i);
    }
  }

  link(source, i, inner) {
    let depth = 0;
    for (let j = i; j < source.length; j += 1) {
      depth += (source[j] === "[") - (source[j] === "]");
      if (depth > 0) continue;
      const match = at(LINK_TARGET, source, j);
      // The client shows words that are an address themselves as they were typed.
      if (!match || !/^https?:\/\//.test(match[1]) || /https?:\/\//.test(source.slice(i + 1, j))) return null;
      return { node: { type: "link", url: match[1], children: this.read(source.slice(i + 1, j), inner) }, end: j + match[0].length };
    }
    return null;
  }
}

/** Where text ends that has no mark: before the next one, or behind a line's end. */
function plainEnd(source, i) {
  if (source[i] === "\n") return i + 1;
  SPECIAL.lastIndex = i + 1;
  return SPECIAL.exec(source)?.index ?? source.length;
}

function longer(one, other) {
  if (!one[1] || !other[1]) return one[1] ? one : other;
  return other[1][0].length > one[1][0].length ? other : one;
}

function codeAt(source, i) {
  const fence = at(FENCE, source, i);
  if (fence) {
    return { node: { type: "code", language: fence[1] ?? "", value: fence[2] }, end: i + fence[0].length };
  }
  const code = at(CODE, source, i);
  return code && { node: { type: "inline-code", value: code[2].trim() }, end: i + code[0].length };
}

function signAt(source, i) {
  for (const [pattern, make] of SIGNS) {
    const match = at(pattern, source, i);
    if (match) return { node: make(match), end: i + match[0].length };
  }
  return null;
}

/** Where a list's own text ends, and where the empty lines behind it end. */
function listEnd(source, content, again) {
  for (let newline = source.indexOf("\n", content + 1); newline >= 0; newline = source.indexOf("\n", newline + 1)) {
    const after = newline + 1;
    if (after >= source.length || source[after] === " " || at(again, source, after)) continue;
    let end = after;
    while (source[end] === "\n") end += 1;
    return [after, end];
  }
  return [source.length, source.length];
}

function* itemsOf(source, start, end, again) {
  let from = start;
  for (let newline = source.indexOf("\n", start); newline >= 0 && newline + 1 < end; newline = source.indexOf("\n", newline + 1)) {
    if (!at(again, source, newline + 1)) continue;
    yield source.slice(from, newline + 1);
    from = newline + 1;
  }
  if (from < end) yield source.slice(from, end);
}

/** An item's text stays as it is; blocks in it begin and end lines by themselves. */
function inItem(nodes) {
  return nodes.flatMap((node, index) => {
    if (node.type !== "text") return [node];
    let { value } = node;
    if (BLOCK_TYPES.has(nodes[index + 1]?.type)) value = value.replace(/\n$/, "");
    if (BLOCK_TYPES.has(nodes[index - 1]?.type)) value = value.replace(/^\n/, "");
    return value ? [text(value)] : [];
  });
}
