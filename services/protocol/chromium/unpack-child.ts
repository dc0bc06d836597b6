import { inflate } from "@sparticuz/chromium";

/**
 * Runs as a process of its own: the package unpacks into the temporary directory of whoever imports it and, on some hosts,
 * changes LD_LIBRARY_PATH of that process. The parent points TMPDIR at an empty folder. Arguments: the archives.
 */
await Promise.all(process.argv.slice(2).map((archive) => inflate(archive)));
