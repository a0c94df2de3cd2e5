// The feed of committed blocks: everybody hears of each, in order, whatever the others do.

import { expect, test } from "vitest";
import { BlockFeed } from "../../src/events/blockFeed.js";
import { makeBlock, named } from "../history/madeBlock.js";

test("listeners hear of each block in the order of their subscription, before publish returns", () => {
  const feed = new BlockFeed();
  const heard: string[] = [];
  feed.subscribe({ onBlock: ({ height }) => heard.push(`first ${height}`) });
  feed.subscribe({ onBlock: ({ height }) => heard.push(`second ${height}`) });
  feed.publish(makeBlock(1, []));
  feed.publish(makeBlock(2, []));
  expect(heard).toEqual(["first 1", "second 1", "first 2", "second 2"]);
});

test("a listener that throws does not keep the block from the others, and its error is told", () => {
  const errors: unknown[] = [];
  const feed = new BlockFeed((error) => errors.push(error));
  const heard: number[] = [];
  feed.subscribe({
    onBlock: () => {
      throw new Error("broken listener");
    },
  });
  feed.subscribe({ onBlock: ({ height }) => heard.push(height) });
  feed.publish(makeBlock(1, []));
  expect(heard).toEqual([1]);
  expect(errors).toEqual([new Error("broken listener")]);
});

test("who unsubscribes while a block is told is not told any more, who joins begins with the next", () => {
  const feed = new BlockFeed();
  const heard: string[] = [];
  let leave: () => void = () => undefined;
  feed.subscribe({
    onBlock: ({ height }) => {
      leave();
      if (height === 1) {
        feed.subscribe({ onBlock: (block) => heard.push(`joined ${block.height}`) });
      }
    },
  });
  leave = feed.subscribe({ onBlock: ({ height }) => heard.push(`left ${height}`) });
  feed.publish(makeBlock(1, []));
  feed.publish(makeBlock(2, []));
  expect(heard).toEqual(["joined 2"]);
});

test("one listener subscribed twice is told twice and leaves once at a time", () => {
  const feed = new BlockFeed();
  const heard: number[] = [];
  const listener = { onBlock: ({ height }: { height: number }) => heard.push(height) };
  const leave = feed.subscribe(listener);
  feed.subscribe(listener);
  feed.publish(makeBlock(1, []));
  leave();
  feed.publish(makeBlock(2, []));
  expect(heard).toEqual([1, 1, 2]);
});

test("expiries are told with their height", () => {
  const feed = new BlockFeed();
  const heard: unknown[] = [];
  feed.subscribe({ onExpired: (ids, height) => heard.push([ids.length, height]) });
  feed.subscribe({});
  feed.publishExpired([named("a"), named("b")], 9);
  expect(heard).toEqual([[2, 9]]);
});
