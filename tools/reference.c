// Prints a reference page from the lists in the code: `weir_reference errors`, `weir_reference options`,
// `weir_reference api`. The pages are kept in docs/reference; a test compares them.

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "port/option.h"
#include "reference_api.h"
#include "script/script.h"
#include "source/source_csv.h"
#include "source/source_http_option.h"

static const char *scope_name(enum error_scope scope) {
    switch (scope) {
    case ERROR_RECORD:
        return "one record goes to the dead letters; the rest goes on";
    case ERROR_BATCH:
        return "one page is tried again";
    case ERROR_SOURCE:
        return "the reading of this source ends, and with it the run";
    case ERROR_RUN:
        return "the run or the command ends";
    }
    return "";
}

static const char *retry_name(enum error_retry retry) {
    switch (retry) {
    case RETRY_NEVER:
        return "no: something must be mended first";
    case RETRY_LATER:
        return "yes, after a while";
    case RETRY_NOW:
        return "yes, at once";
    }
    return "";
}

static void print_errors(void) {
    static const struct {
        int first;
        const char *title;
    } chapters[] = {{1000, "The machine and the command line"},
                    {2000, "Scripts and options"},
                    {3000, "Sources and formats"},
                    {4000, "Records and transforms"},
                    {5000, "Home"},
                    {6000, "Runs"}};
    size_t count = 0;
    const struct error_info *list = error_list(&count);
    size_t chapter = 0;
    printf("# Errors\n\nEvery error of weir has a code that never changes its meaning. The message beside it says what "
           "happened, where, and what to do.\nThis page is made from `src/base/error_list.def` by `make docs`.\n");
    for (size_t i = 0; i < count; i++) {
        while (chapter < sizeof chapters / sizeof chapters[0] && (int)list[i].code >= chapters[chapter].first) {
            if (chapter + 1 == sizeof chapters / sizeof chapters[0] ||
                (int)list[i].code < chapters[chapter + 1].first) {
                printf("\n## %s\n", chapters[chapter].title);
            }
            chapter++;
        }
        printf("\n### W%d: %s\n\n%s\n\n- How far it reaches: %s.\n- Whether the same again can help: %s.\n",
               (int)list[i].code, list[i].title, list[i].help, scope_name(list[i].scope), retry_name(list[i].retry));
    }
}

static const char *type_name(enum option_type type) {
    switch (type) {
    case OPTION_TEXT:
        return "text";
    case OPTION_INTEGER:
        return "integer";
    case OPTION_BOOL:
        return "true or false";
    case OPTION_NAMES:
        return "text or list of texts";
    case OPTION_TABLE:
        return "table";
    case OPTION_MAP:
        return "table of tables";
    case OPTION_FUNCTION:
        return "function";
    case OPTION_SHARE:
        return "count or percentage";
    case OPTION_SPAN:
        return "span of time";
    case OPTION_SIZE:
        return "size";
    case OPTION_ANY:
        return "see its help";
    }
    return "";
}

// A cell of a table: the bar must not end it.
static void print_cell(const char *text) {
    for (; *text != '\0'; text++) {
        printf(*text == '|' ? "\\%c" : "%c", *text);
    }
}

// `under` is the option whose table this is: "types.*." or nothing.
static void print_options(const struct option *options, const char *under) {
    for (const struct option *option = options; option->key != NULL; option++) {
        printf("| `%s%s` | ", under, option->key);
        if (option->choices != NULL) {
            print_cell(option->choices);
        } else {
            printf("%s", type_name(option->type));
        }
        if (option->required) {
            printf(" | required | ");
        } else if (option->fallback != NULL) {
            printf(" | `%s` | ", option->fallback);
        } else {
            printf(" | | ");
        }
        print_cell(option->help);
        printf(" |\n");
        if (option->inner != NULL) {
            char deeper[256];
            snprintf(deeper, sizeof deeper, "%s%s%s", under, option->key, option->type == OPTION_MAP ? ".*." : ".");
            print_options(option->inner, deeper);
        }
    }
}

static void print_list(const struct option_list *list) {
    printf("\n## %s\n\n%s\n\n| option | takes | default | meaning |\n|---|---|---|---|\n", list->name, list->help);
    print_options(list->options, "");
}

static void print_lists(void) {
    const struct option_list *const sources[] = {source_csv.options, source_csv.type_options, &source_http_options,
                                                 &source_http_type_options};
    size_t count = 0;
    const struct option_list *const *lists = script_options(&count);
    printf("# Options of a script\n\nEvery table that a script may write, with its keys. A key that is not listed here "
           "is an error with the script's line and a\n\"did you mean\". This page is made from the option lists in the "
           "code by `make docs`.\n");
    for (size_t i = 0; i < count; i++) {
        print_list(lists[i]);
    }
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        print_list(sources[i]);
    }
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "errors") == 0) {
        print_errors();
    } else if (argc == 2 && strcmp(argv[1], "options") == 0) {
        print_lists();
    } else if (argc == 2 && strcmp(argv[1], "api") == 0) {
        if (!reference_api()) {
            return 1;
        }
    } else {
        fprintf(stderr, "usage: weir_reference errors|options|api\n");
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
