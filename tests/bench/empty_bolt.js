// The peer: an empty @slack/bolt app. It checks signatures, finds the one listener, acks, and does nothing else;
// with `answer` it also posts one line to the response_url, the least that a person would see.
// NODE_PATH points to where the benchmark installed @slack/bolt.
const { App } = require("@slack/bolt");

const app = new App({
  signingSecret: process.env.BENCH_SIGNING_SECRET,
  authorize: async () => ({ botToken: "xoxb-none", botId: "B01", botUserId: "U01" }),
  logLevel: "error",
});
app.command("/ct", async ({ ack, respond }) => {
  await ack();
  if (process.argv[3] === "answer") await respond({ text: "Here is what I can do.", response_type: "ephemeral" });
});
app.start({ port: Number(process.argv[2]), host: "127.0.0.1" });
