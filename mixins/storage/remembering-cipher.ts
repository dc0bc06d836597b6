import type { FieldCipher, Place } from "./field-cipher.ts";

/** Of values and tokens together: the agreements of a few hundred processes, which are the longest values by far. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** One value may not push all the others out. */
const LONGEST = 256 * 1024;

/**
 * Remembers the last values and their tokens by place. A document is read and replaced several times within seconds and most of
 * its personal fields stay as they are, so this saves most of the encryption. Safe because a token is only given back for the
 * same text in the same place, and a text only for the very token it came from: whatever differs goes through the cipher.
 */
export function remembering(cipher: FieldCipher): FieldCipher {
  const known = new Map<string, { text: string; token: string }>();
  let characters = 0;
  const forget = (key: string): void => {
    const last = known.get(key);
    if (last) characters -= sizeOf(key, last.text, last.token);
    known.delete(key);
  };
  const remember = (key: string, text: string, token: string): void => {
    forget(key);
    if (text.length > LONGEST) return;
    known.set(key, { text, token });
    characters += sizeOf(key, text, token);
    for (const [oldest] of known) {
      if (characters <= MOST_CHARACTERS) break;
      forget(oldest);
    }
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

const sizeOf = (key: string, text: string, token: string): number => key.length + text.length + token.length;

const keyOf = ({ collection, id, field }: Place): string => JSON.stringify([collection, id, field]);
