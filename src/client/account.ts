// An account that can sign: address and key. The secret key stays in a private field, so that printing, logging or
// serializing an account never shows it.

import { equalBytes } from "../base/bytes.js";
import { type Random, systemRandom } from "../base/random.js";
import { addressOfKey, formatAddress } from "../protocol/address.js";
import { expectBytes } from "../protocol/expectBytes.js";
import { payCodeMessage } from "../protocol/payCodeMessage.js";
import { type RingStatement, ringTag, signRing } from "../protocol/ringSignature.js";
import { type Signer, signingMessage } from "../protocol/transaction.js";
import { proveRandom } from "../protocol/vrf.js";
import { ed25519 } from "../wasm/ed25519.js";

const SECRET_KEY_BYTES = 32;

export class Account implements Signer {
  /** 32 bytes. */
  readonly address: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly #secretKey: Uint8Array;

  private constructor(secretKey: Uint8Array, address: Uint8Array | undefined) {
    this.#secretKey = secretKey;
    this.publicKey = ed25519.getPublicKey(secretKey);
    this.address = address ?? addressOfKey(this.publicKey);
  }

  /**
   * The account of a 32-byte secret key (RFC 8032 seed), which is copied. `address` names the account where this key replaced the one
   * that its address was made of.
   */
  static fromSecretKey(secretKey: Uint8Array, address?: Uint8Array): Account {
    expectBytes(secretKey, SECRET_KEY_BYTES, "secret key");
    if (address !== undefined) {
      expectBytes(address, 32, "address");
    }
    return new Account(secretKey.slice(), address?.slice());
  }

  /** An account with a fresh key. Nothing but this object holds the key. */
  static random(random: Random = systemRandom): Account {
    return new Account(random.bytes(SECRET_KEY_BYTES), undefined);
  }

  /** The address as text, ttc1…. */
  get addressText(): string {
    return formatAddress(this.address);
  }

  /** The same account after its key was replaced by `successor`'s. */
  withKeyOf(successor: Account): Account {
    const address = equalBytes(successor.#ownAddress(), this.address) ? undefined : this.address.slice();
    return new Account(successor.#secretKey, address);
  }

  /** The signature of 64 bytes over an encoded body on the chain with this genesis hash. */
  signBody(genesisHash: Uint8Array, body: Uint8Array): Uint8Array {
    return ed25519.sign(signingMessage(genesisHash, body), this.#secretKey);
  }

  /** The signature of 64 bytes over the body of a customer's code: see `makePayCode`. */
  signPayCode(genesisHash: Uint8Array, body: Uint8Array): Uint8Array {
    return ed25519.sign(payCodeMessage(genesisHash, body), this.#secretKey);
  }

  /**
   * A linkable ring signature: that one of the statement's keys signed, this account's own among them, without showing which. Its
   * tag is `ringTag(scope)`, so that a second signature in the same scope is seen to be one.
   */
  signRing(statement: RingStatement, random: Random = systemRandom): Uint8Array {
    return signRing(statement, this.#secretKey, random.bytes(32));
  }

  /** The 32 bytes that every ring signature of this account shows in a scope. */
  ringTag(scope: Uint8Array): Uint8Array {
    return ringTag(this.#secretKey, scope);
  }

  /** The proof (80 bytes) of this key's one random output for an input: see `verifyRandom`. */
  proveRandom(input: Uint8Array): Uint8Array {
    return proveRandom(this.#secretKey, input);
  }

  /** The secret key, for a key file. Its caller keeps it secret. */
  exportSecretKey(): Uint8Array {
    return this.#secretKey.slice();
  }

  toJSON(): string {
    return this.addressText;
  }

  #ownAddress(): Uint8Array {
    return addressOfKey(this.publicKey);
  }
}
