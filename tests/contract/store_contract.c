#include "contract/store_contract.h"

#include "contract/store_contract_kit.h"

const struct store_contract store_contracts[] = {
#define STORE_CONTRACT(name) {#name, contract_##name},
#include "contract/store_contract_list.def"
#undef STORE_CONTRACT
};

const size_t store_contract_count = sizeof store_contracts / sizeof store_contracts[0];

void store_contract_run(const struct store_type *type, const char *name) {
    char folder[512];
    snprintf(folder, sizeof folder, "%s/acme", test_folder());
    for (size_t i = 0; i < store_contract_count; i++) {
        if (strcmp(store_contracts[i].name, name) == 0) {
            store_contracts[i].run(type, folder);
            return;
        }
    }
    test_fail(__FILE__, __LINE__, "there is no contract case %s", name);
}

void store_contract_check_lines(const char *const *relative_paths, size_t count, const char *group) {
    static char text[256 * 1024];
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        FILE *file = fopen(test_source_path(relative_paths[i]), "rb");
        CHECK(file != NULL);
        length += fread(text + length, 1, sizeof text - 1 - length, file);
        fclose(file);
    }
    text[length] = '\0';
    for (size_t i = 0; i < store_contract_count; i++) {
        char line[256];
        snprintf(line, sizeof line, "\nTEST(%s, %s) {", group, store_contracts[i].name);
        if (strstr(text, line) == NULL) {
            test_fail(relative_paths[0], 1, "a line is missing: TEST(%s, %s) { … }", group, store_contracts[i].name);
        }
    }
}
