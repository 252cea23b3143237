#include "cli/template.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct template_file template_example[] = {
    {".gitignore", "# Homes hold data and secrets: they belong into a backup and not into a repository.\n"
                   "data/\n"},
    {"syncs/datatypes/places.lua",
     "-- The kinds of record that home keeps: each becomes a table of the same name. Every script may use them.\n"
     "local weir = require \"weir\"\n"
     "\n"
     "return {\n"
     "  city = weir.datatype {\n"
     "    key        = { \"name\", \"country\" }, -- what tells one city from another\n"
     "    name       = \"text\",\n"
     "    country    = \"text\",\n"
     "    population = \"integer\",\n"
     "  },\n"
     "\n"
     "  temperature = weir.datatype {\n"
     "    key     = { \"city\", \"day\" },\n"
     "    city    = weir.ref \"city\", -- a record of the datatype above\n"
     "    day     = \"time\",\n"
     "    celsius = \"decimal\",     -- kept exactly as it was written\n"
     "    warm    = \"bool\",\n"
     "  },\n"
     "}\n"},
    {"syncs/example/first.lua",
     "-- Brings two CSV files into the home of the organisation \"example\": the folder is the organisation.\n"
     "--\n"
     "--   weir check   syncs/example/first.lua     what it declares, and whether it is well-formed\n"
     "--   weir preview syncs/example/first.lua     the first records, before and after\n"
     "--   weir run     syncs/example/first.lua     do it; run it again and nothing changes\n"
     "--   weir get     example city                look at what came in\n"
     "local weir = require \"weir\"\n"
     "local places = require \"places\" -- syncs/datatypes/places.lua\n"
     "\n"
     "local files = weir.csv {\n"
     "  name  = \"files\", -- home remembers these files' ids under this name\n"
     "  types = {\n"
     "    city        = { file = \"cities.csv\", key = \"code\" },\n"
     "    temperature = { file = \"temperatures.csv\", key = { \"city\", \"date\" } },\n"
     "  },\n"
     "}\n"
     "\n"
     "return weir.sync {\n"
     "  datasource = files,\n"
     "  datatypes  = places,\n"
     "  types      = { \"city\", \"temperature\" }, -- in this order: a temperature refers to its city\n"
     "\n"
     "  pull = { -- for each type: home's field = where it comes from\n"
     "    city = {\n"
     "      name       = \"name\", -- the column of that name\n"
     "      country    = \"country\",\n"
     "      population = weir.number \"inhabitants\",\n"
     "    },\n"
     "    temperature = {\n"
     "      city    = weir.ref(\"city\", \"city\"), -- the city with the code in the column \"city\"\n"
     "      day     = weir.time(\"date\", { formats = { \"YYYY-MM-DD\", \"DD/MM/YYYY\" } }),\n"
     "      celsius = weir.number \"celsius\",\n"
     "      warm    = function(r) return tonumber(r.celsius) >= 20 end, -- what is derived is a function\n"
     "    },\n"
     "  },\n"
     "}\n"},
    {"syncs/example/cities.csv", "code,name,country,inhabitants\n"
                                 "BRN,Bern,Switzerland,134794\n"
                                 "JDH,Jodhpur,India,1033918\n"
                                 "TMS,Tromsø,Norway,64448\n"
                                 "ADL,Adelaide,Australia,1306000\n"},
    {"syncs/example/temperatures.csv", "city,date,celsius\n"
                                       "BRN,2024-01-15,-1.5\n"
                                       "BRN,15/07/2024,24.0\n"
                                       "JDH,2024-01-15,17.25\n"
                                       "JDH,15/07/2024,33.8\n"
                                       "TMS,2024-01-15,-3.1\n"
                                       "TMS,15/07/2024,12.6\n"
                                       "ADL,2024-01-15,23.4\n"
                                       "ADL,15/07/2024,11.9\n"},
    {NULL, NULL},
};

const char *const template_script =
    "-- What @ORG@/@NAME@ brings over, in one sentence.\n"
    "--\n"
    "--   weir check   syncs/@ORG@/@NAME@.lua\n"
    "--   weir preview syncs/@ORG@/@NAME@.lua --param file=records.csv\n"
    "--   weir run     syncs/@ORG@/@NAME@.lua --param file=records.csv\n"
    "local weir = require \"weir\"\n"
    "\n"
    "-- The kinds of record that home keeps. Move them to syncs/datatypes/@ORG@.lua as soon as a second script needs\n"
    "-- them, and write: local datatypes = require \"@ORG@\"\n"
    "local datatypes = {\n"
    "  record = weir.datatype {\n"
    "    key   = \"name\", -- what tells one record from another, so that a second datasource finds the same one\n"
    "    name  = \"text\", -- text, integer, decimal, bool, time, json, or weir.ref \"another\"\n"
    "    day   = \"time\",\n"
    "    value = \"decimal\",\n"
    "  },\n"
    "}\n"
    "\n"
    "return weir.sync {\n"
    "  datasource = weir.csv {\n"
    "    name  = \"@NAME@\", -- home remembers the ids under this name: don't change it later\n"
    "    types = {\n"
    "      record = {\n"
    "        file = weir.param \"file\", -- the parameter below\n"
    "        key  = \"id\",              -- the column, or { \"several\", \"columns\" }, that is a record's id\n"
    "      },\n"
    "    },\n"
    "  },\n"
    "\n"
    "  params    = { file = weir.param.file { help = \"the CSV file to read\" } },\n"
    "  datatypes = datatypes,\n"
    "  types     = { \"record\" }, -- in this order; what others refer to comes first\n"
    "  -- once = true,            -- for a migration: a sync that is done is done, unless it is run with --force\n"
    "\n"
    "  pull = { -- home's field = where it comes from; leave a type out and the fields of the same name are copied\n"
    "    record = {\n"
    "      name  = weir.text \"name\", -- without the white space around it\n"
    "      day   = weir.time(\"date\", { formats = { \"YYYY-MM-DD\", \"DD/MM/YYYY\" }, zone = \"UTC\" }),\n"
    "      value = weir.number \"value\",\n"
    "      -- double = function(r) return tonumber(r.value) * 2 end, -- what is derived is a function of the record\n"
    "    },\n"
    "  },\n"
    "\n"
    "  errors = { retry = 5, stop_after = 100 }, -- a record that fails becomes a dead letter: `weir dead list`\n"
    "}\n";

bool template_folder(const char *path, struct error *error) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        return error_set(error, ERROR_FILE_WRITE, "the path %.40s… is too long", path);
    }
    for (size_t i = 1; i <= length; i++) {
        if (i < length && path[i] != '/') {
            continue;
        }
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        struct stat found;
        bool there = stat(part, &found) == 0 && S_ISDIR(found.st_mode);
        if (!there && mkdir(part, 0777) != 0) {
            return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot make the folder %s", part);
        }
    }
    return true;
}

bool template_write(const char *path, const char *text, size_t length, bool *made, struct error *error) {
    *made = false;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST) {
        return true;
    }
    if (file < 0) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot make %s", path);
    }
    size_t written = 0;
    while (written < length) {
        ssize_t got = write(file, text + written, length - written);
        if (got < 0 && errno != EINTR) {
            error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s", path);
            close(file);
            unlink(path); // half an example would be kept as somebody's own at the next try
            return false;
        }
        written += got > 0 ? (size_t)got : 0;
    }
    if (close(file) != 0) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write %s", path);
    }
    *made = true;
    return true;
}
