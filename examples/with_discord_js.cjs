// A bot with discord.js on the local Discord: it answers a mention, and `/count` with a button.
"use strict";
const { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, Events, GatewayIntentBits } = require("discord.js");

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
  rest: { api: process.env.DISCORD_API_BASE.replace(/\/v10$/, "") }, // discord.js adds the version itself
});

client.once(Events.ClientReady, async (ready) => {
  await ready.application.commands.set([{ name: "count", description: "Count with a button" }]);
});

client.on(Events.MessageCreate, async (message) => {
  if (message.mentions.users.has(client.user.id) && !message.author.bot) await message.reply("Hello!");
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand()) {
    const add = new ButtonBuilder().setCustomId("add").setLabel("Add one").setStyle(ButtonStyle.Primary);
    await interaction.reply({ content: "Count: 0", components: [new ActionRowBuilder().addComponents(add)] });
  } else if (interaction.isButton()) {
    const number = Number(interaction.message.content.replace("Count: ", "")) + 1;
    await interaction.update(`Count: ${number}`);
  }
});

client.login(process.env.DISCORD_TOKEN);
