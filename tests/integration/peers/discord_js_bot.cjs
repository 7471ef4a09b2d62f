// A bot written with discord.js, for test_discord_js.py. It tells what happens as JSON lines on standard output.
"use strict";
const { createRequire } = require("node:module");
const path = require("node:path");
const { AttachmentBuilder, Client, ComponentType, Events, GatewayIntentBits, MessageFlags, Partials } = createRequire(
  path.join(process.env.DISCORD_JS_HOME, "index.js"),
)("discord.js");

const { GuildMembers, Guilds, GuildMessages, GuildMessageReactions, GuildMessageTyping } = GatewayIntentBits;
const { DirectMessages, DirectMessageReactions, DirectMessageTyping } = GatewayIntentBits;
const client = new Client({
  intents: [
    GuildMembers, Guilds, GuildMessages, GuildMessageReactions, GuildMessageTyping,
    DirectMessages, DirectMessageReactions, DirectMessageTyping,
  ],
  partials: [Partials.Channel, Partials.Message, Partials.Reaction],
  rest: { api: process.env.DISCORD_API },
});
const tell = (what, data = {}) => process.stdout.write(`${JSON.stringify({ what, ...data })}\n`);
const fail = (error) => tell("error", { words: String(error?.stack ?? error) });

process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);
process.on("warning", fail);
for (const name of [Events.Error, Events.Warn, Events.ShardError, Events.Invalidated]) client.on(name, fail);
for (const name of Object.values(Events)) {
  if (![Events.Debug, Events.Raw, Events.Error, Events.Warn].includes(name)) client.on(name, () => tell("event", { name }));
}
client.rest.on("rateLimited", (info) => tell("limited", { global: info.global, wait: info.timeToReset }));

client.once(Events.ClientReady, async (ready) => {
  const option = { type: 3, name: "prompt", description: "What to ask", required: true, autocomplete: true };
  const commands = [{ name: "ask", description: "Ask", options: [option] }, { name: "Quote", type: 3 }];
  const made = await ready.application.commands.set(commands);
  const members = await ready.guilds.cache.first().members.fetch({ query: "ali", limit: 5 });
  tell("ready", {
    user: ready.user.username,
    commands: made.map((command) => command.name),
    guilds: ready.guilds.cache.map((guild) => guild.name),
    found: members.map((member) => member.user.username),
  });
});

client.on(Events.MessageCreate, async (message) => {
  if (message.author.bot || !message.mentions.users.has(client.user.id)) return;
  if (message.content.includes("panel")) {
    await message.reply({ content: "the panel", components: panel });
    return;
  }
  const reply = await message.reply("thinking");
  const picture = new AttachmentBuilder(Buffer.from("picture"), { name: "fox.png", description: "a fox" });
  await reply.edit({ content: `heard: ${message.content}`, files: [picture] });
  if (message.content.includes("many")) {
    for (let number = 1; number <= 7; number += 1) await message.channel.send(`number ${number}`);
  }
});

const row = (...components) => ({ type: ComponentType.ActionRow, components });
const panel = [
  row(
    { type: ComponentType.Button, style: 1, custom_id: "press", label: "Press" },
    { type: ComponentType.Button, style: 2, custom_id: "form", label: "Form" },
  ),
  row({ type: ComponentType.StringSelect, custom_id: "colour", options: [{ label: "Red", value: "red" }] }),
];
const who = row({ type: ComponentType.TextInput, custom_id: "who", style: 1, label: "Who are you?" });
const flags = MessageFlags.Ephemeral;

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) {
    const typed = `choice: ${interaction.options.getFocused()}`;
    await interaction.respond([{ name: typed, value: typed }]);
  } else if (interaction.isModalSubmit()) {
    await interaction.reply(`hello ${interaction.fields.getTextInputValue("who")}`);
  } else if (interaction.isStringSelectMenu()) {
    await interaction.reply({ content: interaction.values.join(" "), flags });
  } else if (interaction.isButton()) {
    if (interaction.customId === "press") await interaction.update({ content: "pressed", components: [] });
    else await interaction.showModal({ custom_id: "name", title: "Name", components: [who] });
  } else if (interaction.isMessageContextMenuCommand()) {
    await interaction.reply(interaction.targetMessage.content);
  } else if (interaction.isChatInputCommand()) {
    await interaction.deferReply();
    await interaction.editReply(`asked: ${interaction.options.getString("prompt")}`);
    await interaction.followUp({ content: "for your eyes", flags });
  }
});

process.stdin.on("end", async () => {
  await client.destroy();
  tell("closed");
  process.exit(0);
});
process.stdin.resume();
client.login(process.env.DISCORD_TOKEN).catch(fail);
