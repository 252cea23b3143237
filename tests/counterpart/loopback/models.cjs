// LegacyMyWell's models, as far as they are known: a village, a resource (a well, a rain gauge, a check dam), a reading.
// Two of the three have a composite key, which LoopBack half supports: what it does by id it does by the first of them.
'use strict';

const time = { type: 'date' };

exports.village = {
  name: 'village',
  plural: 'villages',
  properties: {
    postcode: { type: 'number', id: 1, required: true },
    id: { type: 'number', id: 2, required: true },
    name: { type: 'string', required: true },
    coordinates: { type: 'object' },
    createdAt: time,
    updatedAt: time,
  },
};

exports.resource = {
  name: 'resource',
  plural: 'resources',
  properties: {
    id: { type: 'number', id: 1 },
    geo: { type: 'object', required: true },
    last_value: { type: 'number' },
    well_depth: { type: 'number' },
    last_date: time,
    owner: { type: 'string', required: true },
    elevation: { type: 'number' },
    type: { type: 'string', required: true },
    postcode: { type: 'number', id: 2, required: true },
    mobile: { type: 'string' },
    email: { type: 'string' },
    image: { type: 'string' },
    clientId: { type: 'string' },
    createdAt: time,
    updatedAt: time,
    villageId: { type: 'number' },
    'villageId,postcode': { type: 'number' },
  },
};

exports.reading = {
  name: 'reading',
  plural: 'readings',
  properties: {
    id: { type: 'number', id: true, generated: true },
    date: { type: 'date', required: true },
    value: { type: 'number', required: true },
    villageId: { type: 'number' },
    postcode: { type: 'number', required: true },
    resourceId: { type: 'number', required: true },
    createdAt: time,
    updatedAt: time,
  },
};

// The connector writes no table with a composite key, and reads columns by their names in lower case.
exports.tables = `
  CREATE TABLE village (postcode INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT, coordinates TEXT, createdat INTEGER,
    updatedat INTEGER, UNIQUE (postcode, id));
  CREATE TABLE resource (id INTEGER NOT NULL, geo TEXT, last_value REAL, well_depth REAL, last_date INTEGER, owner TEXT,
    elevation REAL, type TEXT, postcode INTEGER NOT NULL, mobile TEXT, email TEXT, image TEXT, clientid TEXT,
    createdat INTEGER, updatedat INTEGER, villageid INTEGER, "villageid,postcode" INTEGER, UNIQUE (id, postcode));
  CREATE TABLE reading (id INTEGER PRIMARY KEY AUTOINCREMENT, date INTEGER, value REAL, villageid INTEGER,
    postcode INTEGER, resourceid INTEGER, createdat INTEGER, updatedat INTEGER);`;

// The last two digits of a resource's number, by its type.
exports.pool = { well: [10, 69], raingauge: [70, 80], checkdam: [80, 99] };
