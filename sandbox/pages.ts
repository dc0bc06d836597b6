import { readFileSync } from "node:fs";
import { join } from "node:path";
import { file, type End } from "./http-exchange.ts";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" } as const;
const FILES = ["api.js", "guide.js", "panels.js", "fault-panel.js", "page.js", "stories.js", "page.css", "face.js", "icon.svg"];

const serve = (name: string): End => {
  const bytes = readFileSync(join(import.meta.dirname, "public", name));
  const reply = file(TYPES[name.split(".").pop() as keyof typeof TYPES], bytes);
  return () => reply;
};

/** The page for a person, the stand-in's face page, and their files: read once, at start. */
export const pages = (): Record<string, End> => ({
  "GET /": serve("index.html"),
  "GET face/:verificationId": serve("face.html"),
  ...Object.fromEntries(FILES.map((name) => [`GET static/${name}`, serve(name)])),
});
