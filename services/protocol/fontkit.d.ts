/** The little of fontkit that is used; the package brings no types. */
declare module "fontkit" {
  export interface Font {
    /** Code points for which the font's cmap has a glyph. */
    readonly characterSet: number[];
  }
  export function openSync(path: string): Font;
}
