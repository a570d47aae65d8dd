/** Acting on an element: one click at a time, confirm dialogs, and what the server says to it. */

import { postAction } from "./api.js";
import { confirmDialog } from "./dialogs.js";
import { toast } from "./toasts.js";

const inFlight = new Set();

const keyOf = (target, value) => JSON.stringify([target.surface, target.block_id, target.action_id, value]);

export function isBusy(target, value = null) {
  return inFlight.has(keyOf(target, value));
}

/**
 * Send one action. `target` is {surface, block_id, action_id}; `confirm` is the element's own confirm object.
 * `onBusy(true|false)` brackets the time it is under way. Answers whether the app took it.
 */
export async function act(target, value, { confirm = null, onBusy = () => {}, onConfirmed = () => {} } = {}) {
  const key = keyOf(target, value);
  if (inFlight.has(key)) return false;
  if (confirm && !(await confirmDialog(confirm))) return false;
  onConfirmed();
  inFlight.add(key);
  onBusy(true);
  try {
    return await settle(target, value, Boolean(confirm));
  } catch (error) {
    toast(error.message);
    return false;
  } finally {
    inFlight.delete(key);
    onBusy(false);
  }
}

async function settle(target, value, confirmed) {
  const answer = await postAction({ ...target, value, confirmed });
  if (answer.status === 409 && answer.confirm && !confirmed) {
    return (await confirmDialog(answer.confirm)) && settle(target, value, true);
  }
  if (answer.ok) return true;
  const slackbotSaysIt = target.surface.kind === "message" && answer.status === 200;
  if (!slackbotSaysIt) toast(trouble(answer.error));
  return false;
}

const REASONS = {
  operation_timeout: "The app did not answer within 3 seconds. Try again.",
  dispatch_failed: "The app could not be reached. Try again.",
};

/** The sentence for an error code of the practice server. */
export function trouble(code) {
  return REASONS[code] ?? (code ? `That did not work: ${code}.` : "That did not work. Try again.");
}
