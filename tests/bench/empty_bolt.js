// The peer: an empty @slack/bolt app. It checks signatures, finds the one listener, acks, and does nothing else.
// NODE_PATH points to where the benchmark installed @slack/bolt.
const { App } = require("@slack/bolt");

const app = new App({
  signingSecret: process.env.BENCH_SIGNING_SECRET,
  authorize: async () => ({ botToken: "xoxb-none", botId: "B01", botUserId: "U01" }),
  logLevel: "error",
});
app.command("/ct", async ({ ack }) => ack());
app.start({ port: Number(process.argv[2]), host: "127.0.0.1" });
