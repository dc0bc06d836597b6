/** The little of fontkit that is used; the package brings no types. */
declare module "fontkit" {
  export interface Glyph {
    readonly id: number;
    readonly advanceWidth: number;
    readonly path: { toSVG(): string };
  }
  export interface Font {
    /** Code points for which the font's cmap has a glyph. */
    readonly characterSet: number[];
    glyphForCodePoint(point: number): Glyph;
  }
  export function openSync(path: string): Font;
  export function create(file: Buffer): Font;
}
