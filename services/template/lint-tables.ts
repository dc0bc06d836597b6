import type { TagToken } from "./language/tokens.ts";
import type { Flaw } from "./language/tree.ts";
import { inOrder, type Piece } from "./markup.ts";

/** More columns than this leave no cell room for a word on paper. */
const MAX_COLUMNS = 6;
/**
 * Characters that stand beside each other on paper at the least: 160 mm between the margins, less the padding of six cells and of the
 * key clause around them, at 9.5 points. A wider table would be cut off at the edge, and the whole agreement be printed smaller for it.
 */
const MAX_WIDTH = 36;
/** What a list in a cell takes at its left, beside the one character that every cell needs. */
const LIST_WIDTH = 3;
/** Entries of the longest list that a loop can repeat cells for: both parties. */
const MAX_ENTRIES = 2;

interface Cell {
  heading: boolean;
  /** Characters that cannot be broken into lines. */
  width: number;
  lists: number;
  /** The widest of it so far, lists within one another. */
  widest: number;
}
interface Table {
  index: number;
  /** The widest cell of each column, in the order of the cells. */
  columns: number[];
  /** Cells depend on a condition or a loop, so that any may come to stand in any column. */
  shifting: boolean;
  row: { cells: number; blocks: number } | null;
}

/**
 * Tables that the paper has room for. Headings never break, so what they need is counted; other cells break anywhere.
 * @param pieces well-formed markup (lintAgreement)
 */
export function lintTables(pieces: readonly Piece[], tags: readonly TagToken[]): Flaw[] {
  const flaws: Flaw[] = [];
  const blocks: { loop: boolean }[] = [];
  const at: { table: Table | null; cell: Cell | null } = { table: null, cell: null };

  const steer = ({ tag }: TagToken): void => {
    if (tag.is === "if" || tag.is === "for") blocks.push({ loop: tag.is === "for" });
    else if (tag.is === "end") blocks.pop();
    else if (tag.is === "print" && at.cell?.heading) at.cell.width += tag.name.length;
  };
  const open = (name: string, index: number): void => {
    if (name === "table") at.table = { index, columns: [], shifting: false, row: null };
    if (name === "tr" && at.table) at.table.row = { cells: 0, blocks: blocks.length };
    if (name === "th" || name === "td") at.cell = { heading: name === "th", width: 0, lists: 0, widest: 1 };
    if (name === "ol" && at.cell) at.cell.widest = Math.max(at.cell.widest, 1 + LIST_WIDTH * ++at.cell.lists);
  };
  const close = (name: string): void => {
    if (name === "ol" && at.cell) at.cell.lists -= 1;
    if ((name === "th" || name === "td") && at.table?.row && at.cell) {
      const around = blocks.slice(at.table.row.blocks);
      if (around.length) at.table.shifting = true;
      const width = Math.max(at.cell.width, at.cell.widest);
      for (let copy = around.some(({ loop }) => loop) ? MAX_ENTRIES : 1; copy > 0; copy--) {
        const column = at.table.row.cells++;
        at.table.columns[column] = Math.max(at.table.columns[column] ?? 0, width);
      }
      at.cell = null;
    }
    if (name !== "table" || !at.table) return;
    const { columns, shifting, index } = at.table;
    const width = shifting ? columns.length * Math.max(...columns, 0) : columns.reduce((sum, one) => sum + one, 0);
    if (columns.length > MAX_COLUMNS) flaws.push({ index, message: `表格最多 ${MAX_COLUMNS} 列，再多则纸张容纳不下` });
    else if (width > MAX_WIDTH) flaws.push({ index, message: `表格过宽，纸张容纳不下：各列表头合计不得超过 ${MAX_WIDTH} 个字` });
    at.table = null;
  };

  for (const step of inOrder(pieces, tags)) {
    if ("tag" in step) steer(step);
    else if (step.is === "open") open(step.name, step.index);
    else if (step.is === "close") close(step.name);
    else if (at.cell?.heading) at.cell.width += step.run.text.replace(/\s+/g, "").length;
  }
  return flaws;
}
