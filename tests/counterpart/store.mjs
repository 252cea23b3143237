// The records of the fault server: by type, with ids that it gives out, a time of change from a clock of its own that
// moves with each change (so that every run of a test is the same), and a log of every change.

import fs from 'node:fs';

const copy = (value) => JSON.parse(JSON.stringify(value));

export class Store {
  types = new Map(); // type -> id -> record, in order of arrival
  applied = []; // what was written over the API: the truth that tests compare with
  edits = 0; // what people changed here
  config = {
    step: 1000, // milliseconds that the clock moves at each change; 0: all share one time
    precision: 1, // of updatedAt in milliseconds: 1000 cuts it to seconds
    trim: [], // fields whose texts lose their outer spaces
    lower: [], // fields whose texts are lowered
    reject: {}, // field -> value: a record with it is refused with 422
    idempotent: false, // a repeated Idempotency-Key gives the first answer and changes nothing
    auth: null, // { header, value }: else 401
    bulk: 'records', // what an array answers: records | none (201 with an empty object) | shuffled
  };
  #clock = Date.UTC(2024, 0, 1);
  #next = 1;

  stamp() {
    this.#clock += this.config.step;
    const at = this.#clock - (this.#clock % this.config.precision);
    return new Date(at).toISOString();
  }

  // Everything as it is, to come back to.
  keep() {
    this.kept = JSON.stringify([[...this.types].map(([type, rows]) => [type, [...rows]]), this.#clock, this.#next, this.config]);
  }

  restore() {
    const [types, clock, next, config] = JSON.parse(this.kept);
    this.types = new Map(types.map(([type, rows]) => [type, new Map(rows)]));
    this.applied = [];
    [this.#clock, this.#next, this.config] = [clock, next, config];
  }

  // Into a file that is the old one or the new one, whole, and out of it. What else must come back is given and given back.
  save(file, more) {
    this.keep();
    fs.writeFileSync(`${file}.new`, JSON.stringify([this.kept, this.applied, more]));
    fs.renameSync(`${file}.new`, file);
  }

  load(file) {
    const [kept, applied, more] = JSON.parse(fs.readFileSync(file, 'utf8'));
    this.kept = kept;
    this.restore();
    this.applied = applied;
    return more;
  }

  list(type) {
    return [...(this.types.get(type)?.values() ?? [])];
  }

  get(type, id) {
    return this.types.get(type)?.get(String(id));
  }

  #kept(form) {
    const record = copy(form);
    for (const name of this.config.trim) if (typeof record[name] === 'string') record[name] = record[name].trim();
    for (const name of this.config.lower) if (typeof record[name] === 'string') record[name] = record[name].toLowerCase();
    return record;
  }

  #put(type, id, record) {
    if (!this.types.has(type)) this.types.set(type, new Map());
    this.types.get(type).set(String(id), record);
    return record;
  }

  refused(form) {
    if (form === null || typeof form !== 'object') return 'a record is an object';
    for (const [name, value] of Object.entries(this.config.reject)) {
      if (form[name] === value) return `${name} must not be ${JSON.stringify(value)}`;
    }
    return null;
  }

  create(type, form) {
    const id = form.id ?? String(this.#next++);
    return this.#put(type, id, { ...this.#kept(form), id, updatedAt: this.stamp() });
  }

  update(type, id, form, whole) {
    const old = this.get(type, id);
    return this.#put(type, id, { ...(whole ? {} : old), ...this.#kept(form), id: old.id, updatedAt: this.stamp() });
  }

  remove(type, id) {
    return this.types.get(type)?.delete(String(id)) ?? false;
  }

  log(request, verb, type, record) {
    this.applied.push({ request, verb, type, id: record.id, record: copy(record) });
  }

  // What people do here: { type, create = {…} | update = id, set = {…} | delete = id }. A record may say its own
  // updatedAt (a row that is committed late does).
  edit({ type, create, update, set, delete: gone }) {
    this.edits++;
    if (gone !== undefined) return this.remove(type, gone);
    const record = create ? this.create(type, create) : this.update(type, update, set, false);
    const { updatedAt } = create ?? set;
    if (updatedAt !== undefined) record.updatedAt = updatedAt;
    return record;
  }
}
