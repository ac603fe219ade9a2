// Parses queries against the tables that they read, with the language service of Kusto.
//
// node check.mjs FOLDER, where FOLDER has node_modules with @kusto/language-service-next. Standard input: JSON object
// {tables: {name: {column: type}}, queries: {name: text}}. Standard output: JSON object, name to its diagnostics.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import vm from "node:vm";

const find = createRequire(join(resolve(process.argv[2]), "package.json"));
// Both are scripts for browsers, which put their names into the global object.
for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
  const path = find.resolve(`@kusto/language-service-next/${script}`);
  vm.runInThisContext(readFileSync(path, "utf8"), { filename: path });
}

const { tables, queries } = JSON.parse(readFileSync(0, "utf8"));
const kusto = globalThis.Kusto.Language;
const written = (columns) =>
  Object.entries(columns)
    .map(([name, type]) => `${name}: ${type}`)
    .join(", ");
const symbols = Object.entries(tables).map(([name, columns]) =>
  kusto.Symbols.TableSymbol.From(`(${written(columns)})`).WithName(name),
);
const database = new kusto.Symbols.DatabaseSymbol.ctor("workspace", symbols);
const known = kusto.GlobalState.Default.WithDatabase(database);

const found = {};
for (const [name, text] of Object.entries(queries)) {
  const diagnostics = kusto.KustoCode.ParseAndAnalyze(text, known).GetDiagnostics();
  found[name] = [];
  for (let i = 0; i < diagnostics.Count; i += 1) {
    found[name].push(diagnostics.getItem(i).Message);
  }
}
console.log(JSON.stringify(found));
