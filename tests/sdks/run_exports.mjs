// Runs exported modules, their files and examples given as JSON on standard input, with the package that Node.js finds.
import { readFileSync } from "node:fs";

for (const { file, example } of JSON.parse(readFileSync(0, "utf8"))) {
  const [run] = Object.values(await import(file)).filter((each) => typeof each === "function");
  await run(example);
}
