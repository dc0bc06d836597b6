import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { readBuiltIns, TemplateProblems, templatesFolder } from "../../../services/template/built-in.ts";

const root = resolve(__dirname, "../../..");
let work: string;
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), "templates-")));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

describe("the folder of the built-in templates", () => {
  test("is found by a test run, whose modules are CommonJS", () => {
    expect(templatesFolder()).toBe(join(root, "templates"));
  });

  test("is found by the program as Node runs it from source, wherever it was started", async () => {
    const module = pathToFileURL(join(root, "services/template/built-in.ts")).href;
    const script = `import { templatesFolder } from ${JSON.stringify(module)}; process.stdout.write(templatesFolder());`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd: work });
    expect(stdout).toBe(join(root, "templates"));
  });

  test.each([
    ["beside dist, where only compiled code lies in dist/templates", "templates/protocol", "templates"],
    ["within dist, when a deployment copied it there", "dist/templates/protocol", "dist/templates"],
  ])("is found by the compiled program %s", (_where, agreements, expected) => {
    for (const folder of ["dist/services/template", "dist/templates", agreements]) mkdirSync(join(work, folder), { recursive: true });
    expect(templatesFolder(join(work, "dist/services/template"))).toBe(join(work, expected));
  });

  test("is missed with a clear error where there is none", () => {
    expect(() => templatesFolder(work)).toThrow(/templates\/protocol/);
  });
});

describe("reading the built-in templates", () => {
  const file = (path: string): string => join(work, path);
  const flow = "RB_BATCH_ENTERPRISE";
  beforeEach(() => cpSync(join(root, "templates"), work, { recursive: true }));
  const before = () => readBuiltIns(join(root, "templates"));
  const edit = (path: string, change: (text: string) => string) => writeFileSync(file(path), change(readFileSync(file(path), "utf8")));
  const problems = (): string[] => {
    try {
      readBuiltIns(work);
    } catch (error) {
      if (error instanceof TemplateProblems) return error.problems;
      throw error;
    }
    return [];
  };

  test("another flow is another folder and nothing else", () => {
    cpSync(file(`protocol/${flow}`), file("protocol/RB_POOLING_ENTERPRISE"), { recursive: true });
    edit("protocol/RB_POOLING_ENTERPRISE/template.json", (text) => text.replace("BATCH_PAYMENT", "POOLING"));
    const added = readBuiltIns(work).filter(({ code }) => code === "RB_POOLING_ENTERPRISE");
    expect(added).toMatchObject([{ kind: "PROTOCOL", scene: "POOLING", processType: "RELATION_BINDING", signatoryType: 1 }]);
  });

  test("line ends and the last line break do not change a text's hash", () => {
    edit(`protocol/${flow}/content.ejs`, (text) => `${text.replaceAll("\n", "\r\n")}\r\n`);
    expect(readBuiltIns(work)).toEqual(before());
  });

  test.each<[string, () => void, RegExp]>([
    ["a flaw in a text, with its place", () => edit(`sms/SIGN_CODE/content.ejs`, (text) => text.replace("code", "cude")), /^sms\/SIGN_CODE\/content\.ejs:1:12 变量 cude 未定义，请从可用的变量中选用$/m],
    ["a code beyond 32 characters", () => cpSync(file(`h5/${flow}`), file(`h5/${"A".repeat(33)}`), { recursive: true }), /code of at most 32/],
    ["an unknown scene", () => edit(`h5/${flow}/template.json`, (text) => text.replace("BATCH_PAYMENT", "BATCH")), /scene is unknown/],
    ["a name that is missing", () => edit(`h5/${flow}/template.json`, (text) => text.replace('"name"', '"title"')), /name must be text/],
    ["an SMS that names no page", () => edit(`sms/${flow}/template.json`, (text) => text.replace(/"h5": ".*"/, '"h5": ""')), /h5 names the page/],
    ["an SMS that names a page that is not there", () => edit(`sms/${flow}/template.json`, (text) => text.replace(/"h5": ".*"/, '"h5": "OTHER"')), /no h5 template OTHER/],
    ["two texts for one flow", () => cpSync(file(`protocol/${flow}`), file("protocol/SECOND"), { recursive: true }), /serves the same flow as/],
    ["a folder without a description", () => rmSync(file(`sms/${flow}/template.json`)), /ENOENT/],
  ])("%s is named", (_what, spoil, problem) => {
    spoil();
    expect(problems().join("\n")).toMatch(problem);
  });
});
