// Colours for code blocks: text to pieces {kind, value}, whose values together are the text again. Nothing here touches
// the document. Each rule is a sticky expression that looks at every character at most a fixed number of times; what no
// rule knows is plain. Good enough to read by, no more: it knows words and marks, not grammar.

const LONGEST = 20_000; // characters; longer code is shown plain

const words = (list) => new RegExp(`(?:${list.trim().split(/\s+/).join("|")})(?![\\w$])`, "y");
const NUMBER = ["number", /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)[a-zA-Z]{0,4}(?!\w)/y];
const DOUBLE = ["string", /"(?:[^"\\\n]|\\.)*"?/y];
const SINGLE = ["string", /'(?:[^'\\\n]|\\.)*'?/y];
const HASH = ["comment", /#[^\n]*/y];
const SLASHES = ["comment", /\/\/[^\n]*/y];
const STARRED = ["comment", /\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/y];
const CALL = ["function", /[A-Za-z_$][\w$]*(?=\()/y];
const CLASS = ["type", /[A-Z][\w$]*(?![\w$])/y];
const NAME = ["", /[A-Za-z_$][\w$]*/y];

const PYTHON = [
  HASH,
  ["string", /[rRbBfFuU]{0,2}(?:"""(?:[^"\\]|\\[^]|"(?!""))*(?:""")?|'''(?:[^'\\]|\\[^]|'(?!''))*(?:''')?)/y],
  ["string", /[rRbBfFuU]{0,2}(?:"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)/y],
  ["meta", /@[\w.]+/y],
  ["keyword", words("and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield")],
  ["literal", words("True False None self cls")],
  NUMBER, CALL, CLASS, NAME,
];
const SCRIPT = [
  SLASHES, STARRED, DOUBLE, SINGLE,
  ["string", /`(?:[^`\\]|\\[^])*`?/y],
  ["keyword", words("abstract as async await break case catch class const continue debugger default delete do else enum export extends finally for from function get if implements import in instanceof interface let namespace new of private protected public readonly return set static super switch throw try type typeof var void while with yield")],
  ["literal", words("true false null undefined this NaN Infinity")],
  NUMBER, CALL, CLASS, NAME,
];
const JSON_RULES = [["attribute", /"(?:[^"\\\n]|\\.)*"(?=\s{0,20}:)/y], DOUBLE, SLASHES, STARRED, ["literal", words("true false null")], ["number", /-?\d[\d.eE+-]*/y], NAME];
const SHELL = [
  ["comment", /(?<![^\s;])#[^\n]*/y],
  ["string", /"(?:[^"\\]|\\[^])*"?/y],
  ["string", /'[^']*'?/y],
  ["attribute", /\$(?:\{[^}\n]*\}?|\w+|[@#?$!*-])/y],
  ["keyword", words("if then else elif fi for while until do done case esac in function select return export local readonly set unset source alias sudo exit trap")],
  ["function", words("cd echo printf cat grep sed awk curl wget git make npm npx node python3? pip docker kubectl ssh scp rm cp mv mkdir ls chmod chown tar find xargs head tail sort uniq tee")],
  ["meta", /(?<=\s)--?[A-Za-z][\w-]*/y],
  ["", /[\w./:@~+-]+/y],
];
const C_LIKE = [
  SLASHES, STARRED, DOUBLE, SINGLE,
  ["meta", /#[a-z]+|#!?\[[^\]\n]*\]|@\w+/y],
  ["keyword", words("abstract alignas alignof as async auto await base break case catch chan class const const_cast constexpr continue crate default defer delegate delete do dyn dynamic_cast else enum event explicit export extends extern final finally fn for foreach friend fun func go goto if impl implements import in inline interface internal internal is lateinit let loop match mod module move mut namespace native new noexcept nonlocal object open operator out override package params private protected pub public range ref register reinterpret_cast require requires return sealed select sizeof static static_assert static_cast struct super suspend switch synchronized template throw throws trait transient try typedef typeid typename union unsafe use using val var virtual volatile when where while yield")],
  ["type", words("bool boolean byte char decimal double f32 f64 float i8 i16 i32 i64 int int8_t int16_t int32_t int64_t isize long object sbyte short signed size_t str string u8 u16 u32 u64 uint uint8_t uint16_t uint32_t uint64_t ulong unsigned ushort usize void")],
  ["literal", words("true false null nullptr nil this self Self None Some Ok Err iota")],
  NUMBER, ["function", /[A-Za-z_]\w*!?(?=\()/y], CLASS, NAME,
];
const SQL = [
  ["comment", /--[^\n]*/y],
  STARRED,
  ["string", /'(?:[^']|'')*'?/y],
  ["attribute", /"[^"\n]*"?|`[^`\n]*`?/y],
  ["keyword", new RegExp(words("add all alter and any as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end except exists explain foreign from full group having if in index inner insert intersect into is join key left like limit not null offset on or order outer over partition primary references returning right rollback select set table then transaction trigger truncate union unique update using values view when where with").source, "iy")],
  ["type", new RegExp(words("bigint blob boolean char date decimal double float int integer json jsonb numeric real serial smallint text time timestamp uuid varchar").source, "iy")],
  NUMBER, CALL, NAME,
];
const MARKUP = [
  ["comment", /<!--(?:[^-]|-(?!->))*(?:-->)?/y],
  ["meta", /<[!?][^>]*>?/y],
  ["tag", /<\/?[A-Za-z][\w:.-]*|\/?>/y],
  ["attribute", /[A-Za-z_:@][\w:.-]*(?==["'{])/y],
  ["string", /(?<==)(?:"[^"]*"?|'[^']*'?)/y],
  ["literal", /&#?\w{1,32};/y],
  ["", /[\w-]+/y],
];
const STYLES = [
  STARRED, DOUBLE, SINGLE,
  ["meta", /@[\w-]+/y],
  ["attribute", /-{0,2}[A-Za-z][\w-]*(?=\s{0,20}:\s)/y],
  ["number", /#[\da-fA-F]{3,8}(?![\w-])|[+-]?\d*\.?\d+(?:%|[a-z]{1,4})?/y],
  ["function", /[A-Za-z-]+(?=\()/y],
  ["tag", /[.#][A-Za-z_][\w-]*|::?[A-Za-z-]+/y],
  ["", /[\w-]+/y],
];
const SETTINGS = [
  HASH,
  ["tag", /\[\[?[^\]\n]{0,200}\]\]?(?=\s*$)/my],
  ["attribute", /(?<=^[ \t-]*)[A-Za-z_][\w.-]*(?=\s{0,20}[:=])/my],
  DOUBLE, SINGLE,
  ["literal", words("true false null yes no on off")],
  NUMBER, ["", /[\w./-]+/y],
];
const DIFF = [
  ["meta", /(?:@@[^\n]*|diff [^\n]*|index [^\n]*|---[^\n]*|\+\+\+[^\n]*)/y],
  ["added", /[+!][^\n]*/y],
  ["removed", /-[^\n]*/y],
  ["", /[^\n]+/y],
];

const FAMILIES = [
  ["py python python3 pyi gyp", PYTHON],
  ["js javascript jsx mjs cjs ts typescript tsx", SCRIPT],
  ["json jsonc json5", JSON_RULES],
  ["sh bash zsh shell console powershell ps1 fish dockerfile makefile", SHELL],
  ["c h cpp cc c++ hpp cs csharp c# java kt kotlin go golang rs rust swift scala dart php objc", C_LIKE],
  ["sql sqlite postgres postgresql mysql pgsql", SQL],
  ["html xml svg xhtml vue markup", MARKUP],
  ["css scss less", STYLES],
  ["yaml yml toml ini env properties conf", SETTINGS],
  ["diff patch", DIFF],
];
const RULES = new Map(FAMILIES.flatMap(([names, rules]) => names.split(" ").map((name) => [name, rules])));

/** @returns {{kind: string, value: string}[]} kind is "" for plain text */
export function highlight(source, language) {
  const rules = RULES.get(language.toLowerCase());
  if (!rules || source.length > LONGEST) return [{ kind: "", value: source }];
  const pieces = [];
  let i = 0;
  while (i < source.length) {
    const [kind, value] = pieceAt(source, i, rules);
    if (pieces.at(-1)?.kind === kind) pieces.at(-1).value += value;
    else pieces.push({ kind, value });
    i += value.length;
  }
  return pieces;
}

function pieceAt(source, i, rules) {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = i;
    const found = pattern.exec(source);
    if (found?.[0]) return [kind, found[0]];
  }
  return ["", source[i]];
}
