import type { FieldCipher, Place } from "./field-cipher.ts";

const MOST_VALUES = 4096;
/** Longer texts are rare and would hold the memory. */
const MOST_CHARACTERS = 4096;

/**
 * Remembers the last values and their tokens by place. A document is read and replaced several times within seconds and most of
 * its personal fields stay as they are, so this saves most of the encryption. Safe because a token is only given back for the
 * same text in the same place, and a text only for the very token it came from: whatever differs goes through the cipher.
 */
export function remembering(cipher: FieldCipher): FieldCipher {
  const known = new Map<string, { text: string; token: string }>();
  const remember = (key: string, text: string, token: string): void => {
    if (text.length > MOST_CHARACTERS) return;
    known.set(key, { text, token });
    if (known.size > MOST_VALUES) known.delete(known.keys().next().value!);
  };
  return {
    ...cipher,
    encrypt(text, place) {
      const key = keyOf(place);
      const last = known.get(key);
      if (last?.text === text) return last.token;
      const token = cipher.encrypt(text, place);
      remember(key, text, token);
      return token;
    },
    decrypt(token, place) {
      const key = keyOf(place);
      const last = known.get(key);
      if (last?.token === token) return last.text;
      const text = cipher.decrypt(token, place);
      // A value under an older key is not remembered, so that its next write moves it to the first key.
      if (cipher.isCurrent(token)) remember(key, text, token);
      return text;
    },
  };
}

const keyOf = ({ collection, id, field }: Place): string => JSON.stringify([collection, id, field]);
