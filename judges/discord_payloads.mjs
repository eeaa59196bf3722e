// Judges what we send to Discord: the package discord-api-spec (Discord's own API description as zod
// schemas) says what each payload must look like, and the eight rules that no schema can say are checked
// by hand. Neither shares code with us, nor with the simulator.
//
//   node discord_payloads.mjs FOLDER                every *.json in it: {"kind": …, "body": …}, a list of
//                                                   those, or {"payloads": […]} as the simulator dumps them;
//                                                   and every *.jsonl: one of those a line
//   node discord_payloads.mjs --self-test FOLDER    good/*.json must pass; bad/*.json must fail, each with
//                                                   the words of its "expect"
//
// Ends with exit code 0 only if nothing was found, and if there was something to judge of every kind and of
// every type of answer: what was never sent was never judged.

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import * as spec from "discord-api-spec/zod";

const COMPONENTS_V2 = 1 << 15;
const SELECTS = [3, 5, 6, 7, 8];
const BUTTON = 2;
const MOST_COMMANDS = 130;

const CALLBACKS = {
  1: "PongInteractionCallbackRequestSchema",
  4: "CreateMessageInteractionCallbackRequestSchema",
  5: "CreateMessageInteractionCallbackRequestSchema",
  6: "UpdateMessageInteractionCallbackRequestSchema",
  7: "UpdateMessageInteractionCallbackRequestSchema",
  8: "ApplicationCommandAutocompleteCallbackRequestSchema",
  9: "ModalInteractionCallbackRequestSchema",
  12: "LaunchActivityInteractionCallbackRequestSchema",
};

const KINDS = {
  interaction_response: (body) => CALLBACKS[body?.type],
  message_create: () => "MessageCreateRequestSchema",
  message_edit: () => "MessageEditRequestPartialSchema",
  webhook_edit: () => "IncomingWebhookUpdateRequestPartialSchema",
  follow_up: () => "IncomingWebhookInteractionRequestSchema",
  thread_create: () => "CreateTextThreadWithoutMessageRequestSchema",
  command_list: () => "ApplicationCommandUpdateRequestSchema",
};

// Where the schemas are narrower than Discord's documentation, which takes both forms. Nothing else is
// changed before a payload is judged.
const READINGS = [
  // The documentation's own examples number new files: {"id": 0}.
  { of: "attachment", field: "id", from: Number.isInteger, to: String },
  // A bit set is documented as text; the schema wants the number.
  { of: "command", field: "default_member_permissions", from: (v) => /^\d+$/.test(v), to: Number },
  // UTC is +00:00 or Z in ISO 8601; the schema's format knows Z.
  { of: "embed", field: "timestamp", from: (v) => /\+00:00$/.test(v), to: (v) => v.replace(/\+00:00$/, "Z") },
];
// Fields that are documented, or ignored, and not in the schema of a request.
const IGNORED = { command: ["nsfw", "version", "application_id", "guild_id"] };

/// All that is wrong with one payload, as lines that begin with a path.
export function judge({ kind, body }) {
  const schemaOf = KINDS[kind];
  if (schemaOf === undefined) return [`kind: ${JSON.stringify(kind)} is none of ${Object.keys(KINDS).join(", ")}`];
  if (body === undefined) return ["body: is missing"];
  if (kind === "command_list") return judgeCommands(body);
  const name = schemaOf(body);
  if (name === undefined) return [`type: ${JSON.stringify(body?.type)} is no type of an interaction response`];
  return [...bySchema(name, reread(body)), ...byRules(kind, body)];
}

function judgeCommands(list) {
  if (!Array.isArray(list)) return ["body: is no list"];
  const found = list.length > MOST_COMMANDS ? [`body: ${list.length} commands, over ${MOST_COMMANDS}`] : [];
  list.forEach((command, index) => {
    const read = read1("command", { ...command });
    IGNORED.command.forEach((field) => delete read[field]);
    found.push(...bySchema("ApplicationCommandUpdateRequestSchema", read).map((line) => `${index}.${line}`));
  });
  return found;
}

function bySchema(name, body) {
  const schema = spec[name];
  if (schema === undefined) return [`the package has no schema ${name}`];
  const outcome = schema.safeParse(body);
  if (!outcome.success) return outcome.error.issues.flatMap((issue) => told(issue, []));
  // The schemas drop what they do not know: what is gone was misspelt, or is not taken.
  return dropped(body, outcome.data, []);
}

/// An issue as lines. Of a union only the alternative that was meant is told: one whose `type` fits.
function told(issue, at) {
  const path = [...at, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors?.length > 0) {
    const ofType = ({ path }) => path.length === 0 || (path.length === 1 && path[0] === "type");
    const meant = issue.errors.filter((issues) => !issues.some(ofType));
    if (meant.length > 0) return meant[0].flatMap((inner) => told(inner, path));
    return [`${path.join(".")}: no such type here`];
  }
  return [`${path.join(".")}: ${issue.message} (${issue.code}${issue.maximum ? ` ${issue.maximum}` : ""})`];
}

function dropped(given, kept, at) {
  if (Array.isArray(given)) return given.flatMap((value, index) => dropped(value, kept?.[index], [...at, index]));
  if (given === null || typeof given !== "object") return [];
  return Object.keys(given).flatMap((key) =>
    kept === undefined || !(key in kept)
      ? [`${[...at, key].join(".")}: unknown field`]
      : dropped(given[key], kept[key], [...at, key]),
  );
}

/// A copy in which the forms of READINGS are those of the schemas.
function reread(body) {
  const copy = structuredClone(body);
  for (const message of [copy, copy?.data]) {
    message?.attachments?.forEach?.((attachment) => read1("attachment", attachment));
    message?.embeds?.forEach?.((embed) => read1("embed", embed));
  }
  return copy;
}

function read1(of, object) {
  for (const reading of READINGS.filter((reading) => reading.of === of)) {
    const value = object?.[reading.field];
    if (value !== undefined && value !== null && reading.from(value)) object[reading.field] = reading.to(value);
  }
  return object;
}

/// The rules that no schema knows.
function byRules(kind, body) {
  const response = kind === "interaction_response";
  const message = response ? (body.data ?? {}) : body;
  const prefix = response ? "data." : "";
  const found = [];
  const rule = (path, words) => found.push(`${prefix}${path}: ${words}`);
  const v2 = (Number(message.flags ?? 0) & COMPONENTS_V2) !== 0;
  if (response && body.type === 5 && v2) rule("flags", "a deferred answer cannot have the Components V2 flag");
  if (v2 && message.content) rule("content", "Components V2 and content exclude each other");
  if (v2 && message.embeds?.length > 0) rule("embeds", "Components V2 and embeds exclude each other");
  if (response && body.type === 9 && message.components?.length > 5) rule("components", "a modal has at most 5 components");
  message.embeds?.forEach?.((embed, e) =>
    embed?.fields?.forEach?.((field, f) => {
      for (const part of ["name", "value"]) {
        if (!String(field?.[part] ?? "").trim()) rule(`embeds.${e}.fields.${f}.${part}`, "an embed field cannot be empty");
      }
    }),
  );
  const seen = new Set();
  walk(message.components ?? [], "components", (component, path) => {
    const id = component.custom_id;
    if (id !== undefined && seen.has(id)) rule(`${path}.custom_id`, "a custom id stands twice");
    seen.add(id);
    const types = (component.components ?? []).map((child) => child?.type);
    if (component.type === 1 && types.includes(BUTTON) && types.some((type) => SELECTS.includes(type))) {
      rule(`${path}.components`, "a select and a button in one row");
    }
    if (!Array.isArray(component.options)) return;
    const values = component.options.map((option) => option?.value);
    if (new Set(values).size < values.length) rule(`${path}.options`, "a value stands twice");
    if (component.max_values > values.length) rule(`${path}.max_values`, "more than there are options");
  });
  return found;
}

function walk(components, at, visit) {
  if (!Array.isArray(components)) return;
  components.forEach((component, index) => {
    if (component === null || typeof component !== "object") return;
    const path = `${at}.${index}`;
    visit(component, path);
    walk(component.components, `${path}.components`, visit);
    for (const part of ["accessory", "component"]) {
      if (component[part]) walkOne(component[part], `${path}.${part}`, visit);
    }
  });
}

function walkOne(component, path, visit) {
  visit(component, path);
  walk(component.components, `${path}.components`, visit);
}

function payloads(file) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".jsonl")) return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const content = JSON.parse(text);
  return Array.isArray(content) ? content : (content.payloads ?? [content]);
}

function filesIn(folder) {
  const names = readdirSync(folder).filter((name) => /\.jsonl?$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

/// What has to be among the payloads: every kind but a follow-up, which this shop never sends, and every answer
/// but those to a PING (which has no content) and the starting of an activity.
const WANTED = [
  ...Object.keys(KINDS).filter((kind) => !["interaction_response", "follow_up"].includes(kind)),
  ...[4, 5, 6, 7, 8, 9].map((type) => `interaction_response ${type}`),
];

function judgeFolder(folder) {
  let [judged, failed] = [0, 0];
  const seen = new Map();
  for (const file of filesIn(folder)) {
    for (const [index, payload] of payloads(file).entries()) {
      judged += 1;
      const kind = payload.kind === "interaction_response" ? `${payload.kind} ${payload.body?.type}` : payload.kind;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      const found = judge(payload);
      if (found.length === 0) continue;
      failed += 1;
      const place = `${basename(file)}${payload.seq === undefined && index === 0 ? "" : ` #${payload.seq ?? index}`}`;
      for (const line of found) console.log(`FAIL ${place} (${payload.kind}) ${line}`);
    }
  }
  const missing = WANTED.filter((kind) => !seen.has(kind));
  for (const kind of missing) console.log(`FAIL nothing of the kind ${kind} was sent`);
  for (const [kind, count] of [...seen].sort()) console.log(`${String(count).padStart(6)}  ${kind}`);
  console.log(`${judged} payloads judged, ${failed} refused`);
  return missing.length === 0 && failed === 0;
}

function selfTest(folder) {
  let [right, wrong] = [0, 0];
  const note = (fine, words) => {
    if (fine) right += 1;
    else {
      wrong += 1;
      console.log(`FAIL ${words}`);
    }
  };
  for (const file of filesIn(join(folder, "good"))) {
    for (const payload of payloads(file)) {
      const found = judge(payload);
      note(found.length === 0, `${basename(file)}: refused, ${found.join("; ")}`);
    }
  }
  for (const file of filesIn(join(folder, "bad"))) {
    for (const payload of payloads(file)) {
      const found = judge(payload);
      note(found.some((line) => line.includes(payload.expect)), `${basename(file)}: expected ${JSON.stringify(payload.expect)}, found ${JSON.stringify(found)}`);
    }
  }
  console.log(`${right} examples judged rightly, ${wrong} wrongly`);
  return right > 0 && wrong === 0;
}

const [first, second] = process.argv.slice(2);
if (first === undefined || (first === "--self-test" && second === undefined)) {
  console.error("usage: node discord_payloads.mjs [--self-test] FOLDER");
  process.exitCode = 2;
} else {
  const fine = first === "--self-test" ? selfTest(second) : judgeFolder(first);
  process.exitCode = fine ? 0 : 1;
}
