import { tagsOf } from "./language/tokens.ts";

/** The variables a content uses, each once, whatever its kind: printed, branched on, repeated for. Entries of a loop are not variables. */
export function variableNames(content: string): string[] {
  const tags = tagsOf(content).map(({ tag }) => tag);
  return [
    ...new Set(
      tags.flatMap((tag) => {
        if (tag.is === "for") return [tag.list];
        return tag.is === "if" || (tag.is === "print" && tag.field === null) ? [tag.name] : [];
      }),
    ),
  ];
}
