#include "sim.h"

// "<12>" and "k12": one mark before the digits, and after them.
static int number_in(struct text text, const char *before, const char *after) {
    text = text_trim(text);
    size_t front = strlen(before), back = strlen(after);
    int64_t number;
    if (text.length <= front + back || memcmp(text.data, before, front) != 0 ||
        memcmp(text.data + text.length - back, after, back) != 0 || text.data[front] < '1' || text.data[front] > '9') {
        return 0;
    }
    struct text digits = {text.data + front, text.length - front - back};
    return text_integer(digits, &number) && number < SIM_TOKENS ? (int)number : 0;
}

int sim_token_of(struct text text) {
    return number_in(text, "<", ">");
}

int sim_identity_of(struct text text) {
    return number_in(text, "k", "");
}

void sim_token_over(struct sim *sim, struct text text) {
    sim->tokens[sim_token_of(text)].over = true; // number 0 is nobody's
}

void sim_deleted(struct sim *sim, int identity) {
    SIM_CHECK(identity >= 0 && identity < SIM_TOKENS);
    sim->deaths[identity]++;
}
