// Loads a CSV file into a DuckDB table with a primary key: node duckdb.mjs MODULES DATABASE FILE ROWS
import { createRequire } from "node:module";

const [modules, database, file, rows] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(`${modules}/`)("@duckdb/node-api");
const instance = await DuckDBInstance.create(database, { threads: "2", memory_limit: "450MB" });
const connection = await instance.connect();
await connection.run(`CREATE TABLE reading(id BIGINT PRIMARY KEY, date TIMESTAMPTZ NOT NULL, pincode BIGINT,
  resourceId BIGINT, value DECIMAL(18, 2), unit TEXT, state TEXT, observer TEXT, note TEXT, updatedAt TIMESTAMPTZ)`);
await connection.run(`INSERT INTO reading SELECT * FROM read_csv('${file}', header = true)`);
const reader = await connection.runAndReadAll("SELECT count(*) FROM reading");
if (String(reader.getRows()[0][0]) !== rows) {
  throw new Error(`DuckDB brought ${reader.getRows()[0][0]} rows`);
}
connection.closeSync();
instance.closeSync();
