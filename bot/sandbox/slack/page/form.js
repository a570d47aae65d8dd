/** What a person has filled in on one view; survives the view being drawn again. */

export class Form {
  constructor() {
    this.values = new Map();
    this.errors = {};
  }

  read(blockId, actionId, initial = null) {
    const key = JSON.stringify([blockId, actionId]);
    if (!this.values.has(key)) this.values.set(key, { blockId, actionId, value: initial });
    return this.values.get(key).value;
  }

  write(blockId, actionId, value) {
    this.values.set(JSON.stringify([blockId, actionId]), { blockId, actionId, value });
  }

  /** {block_id: {action_id: value}} of the elements that the view holds now. */
  collect(view) {
    const present = new Set(statefulElements(view).map(([block, element]) => JSON.stringify([block.block_id, element.action_id])));
    const collected = {};
    for (const [key, { blockId, actionId, value }] of this.values) {
      if (present.has(key)) (collected[blockId] ??= {})[actionId] = value;
    }
    return collected;
  }

  /** The blocks whose required answer is missing. */
  missing(view) {
    const gaps = {};
    for (const block of view.blocks.filter((one) => one.type === "input" && !one.optional)) {
      const value = this.values.get(JSON.stringify([block.block_id, block.element.action_id]))?.value;
      if (value === null || value === undefined || value.length === 0) gaps[block.block_id] = "This is required.";
    }
    return gaps;
  }
}

function statefulElements(view) {
  return view.blocks.flatMap((block) => {
    if (block.type === "input") return [[block, block.element]];
    if (block.type === "actions") return block.elements.map((element) => [block, element]);
    return block.accessory ? [[block, block.accessory]] : [];
  });
}
